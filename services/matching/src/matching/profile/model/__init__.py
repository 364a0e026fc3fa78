"""Where a trainer is, when, and for what: pure, and in columns for a ranking."""
