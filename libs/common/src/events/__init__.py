"""The published language."""
