"""Use cases of endpoints and their deliveries."""
