"""Built-in texts: the standard wording of contracts, by edition."""
