"""What was agreed, signed, taught and approved."""
