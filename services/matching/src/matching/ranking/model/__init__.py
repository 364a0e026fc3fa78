"""Who fits an opening, in which order and why; what outsiders may see of it. Pure."""
