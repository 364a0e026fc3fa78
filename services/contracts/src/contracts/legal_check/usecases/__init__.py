"""What the law is asked about a contract, and what follows."""
