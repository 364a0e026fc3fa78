"""What trainers ask, what others state about them, and what time does."""
