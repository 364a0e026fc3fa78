"""What the law is asked about a contract. Pure."""
