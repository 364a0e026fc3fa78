"""The pure model of contracts: no clock, no database, no network."""
