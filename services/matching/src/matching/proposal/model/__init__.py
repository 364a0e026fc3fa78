"""A proposal, its life cycle, and why it was made. Pure."""
