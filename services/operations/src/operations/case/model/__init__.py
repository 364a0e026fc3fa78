"""A case: its steps, what links to it, what is next, and who reads what. Pure."""
