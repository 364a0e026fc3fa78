"""Who fits where, and who agreed."""
