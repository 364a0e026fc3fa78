"""An assignment, and how it begins. Pure."""
