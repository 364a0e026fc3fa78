"""Messages, the queue of those that are to go out, and former addresses."""
