"""A plan: the market it is made for, the search, and the check."""
