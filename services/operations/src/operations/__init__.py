"""The flow of every case, and what an operator orders."""
