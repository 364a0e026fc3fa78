"""Everything this service can be asked to do."""
