"""What can be looked up in the registry, and by whom."""
