"""A message, which events have letters, and when a letter is tried again. Pure."""
