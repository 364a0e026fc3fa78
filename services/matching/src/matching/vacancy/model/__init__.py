"""What a school asks, the search for it and its life cycle; how long matching waits. Pure."""
