"""Fixtures that every test may ask for, and how thorough properties are."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["tests.postgres"]

# How long an example takes says something of the machine only.
settings.register_profile("thorough", deadline=None)
# For `make check`: as quick as one wants to wait for.
settings.register_profile("quick", max_examples=15, deadline=None)
settings.load_profile("thorough")
