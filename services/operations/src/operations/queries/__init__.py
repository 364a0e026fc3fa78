"""What can be looked up in operations: cases with their steps, figures, and what is parked."""
