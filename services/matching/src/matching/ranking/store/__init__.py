"""Rankings that can be repeated, and the ids of their candidates."""
