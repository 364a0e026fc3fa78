"""The opening of a school, the search for it and its life cycle; how long matching waits. Pure."""
