"""Everything that matching can be asked to do."""
