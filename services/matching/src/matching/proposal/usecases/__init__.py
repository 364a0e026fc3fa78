"""The search for candidates, and what becomes of a proposal."""
