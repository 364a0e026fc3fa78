"""A rule, and a change of it. Pure."""
