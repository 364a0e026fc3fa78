"""What was agreed, signed, taught and paid."""
