"""What notifications can be asked to do, a module per subject."""
