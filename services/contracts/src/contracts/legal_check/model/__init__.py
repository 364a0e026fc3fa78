"""The questions of a contract to the law. Pure."""
