"""The pure model of notifications: no clock, no database, no network."""
