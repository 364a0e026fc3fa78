"""Profiles in tables and in memory."""
