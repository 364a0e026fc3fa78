"""An endpoint, when it is tried again, and how its deliveries are signed. Pure."""
