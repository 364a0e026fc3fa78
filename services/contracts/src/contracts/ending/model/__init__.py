"""The model of an end before the last day. Pure."""
