"""An organisation changes, moves or ends."""
