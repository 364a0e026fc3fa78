"""The pure model of registry: no clock, no database, no network."""
