"""What answers show, and the words that commands share."""
