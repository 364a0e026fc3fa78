"""Contracts: agreements, signatures, lessons taught and hours approved."""
