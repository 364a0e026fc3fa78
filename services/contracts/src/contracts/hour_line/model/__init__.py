"""A line of hours, and what limits it. Pure."""
