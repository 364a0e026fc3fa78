"""What a plan is, how it is found, and how it is checked."""
