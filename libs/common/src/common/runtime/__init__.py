"""A process: its settings, its event loop and loops, what it logs and measures, what its failures mean."""
