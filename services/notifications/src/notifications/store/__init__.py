"""Tables and the statements on them, a module per aggregate or projection."""
