"""What was told to whom."""
