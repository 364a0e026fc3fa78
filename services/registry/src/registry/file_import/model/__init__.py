"""Files of others, read and compared: bytes become rows and problems, rows become a plan. Pure."""
