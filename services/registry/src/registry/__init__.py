"""Who and what exists, and under which rules."""
