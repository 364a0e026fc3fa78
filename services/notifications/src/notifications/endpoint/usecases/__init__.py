"""What is done with endpoints and their deliveries."""
