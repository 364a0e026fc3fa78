"""What operations can be asked to do."""
