"""The ranking for an opening with its reasons, and the part that outsiders may see. Pure."""
