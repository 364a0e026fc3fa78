"""A scenario, without I/O: what is changed, what the plan under it brings, and what of that is shown."""
