"""A contract and what it is made of. Pure."""
