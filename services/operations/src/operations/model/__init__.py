"""The pure model of operations: no clock, no database, no network."""
