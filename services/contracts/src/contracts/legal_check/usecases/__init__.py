"""Use cases of the legal check."""
