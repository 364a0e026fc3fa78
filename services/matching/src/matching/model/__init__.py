"""The pure model of matching: no clock, no database, no network."""
