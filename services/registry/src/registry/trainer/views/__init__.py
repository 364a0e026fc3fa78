"""How trainers and qualifications are written down by a caller, and shown."""
