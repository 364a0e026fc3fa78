"""Fixtures that every test may ask for, how thorough properties are, and whose logs these are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["tests.postgres"]

# How long an example takes says something of the machine only.
settings.register_profile("thorough", deadline=None)
# For `make check`: as quick as one wants to wait for.
settings.register_profile("quick", max_examples=15, deadline=None)
settings.load_profile("thorough")


@pytest.fixture(scope="session", autouse=True)
def _no_command_takes_over_the_logs() -> Iterator[None]:
    """A command that runs in this process would leave loggers to all later tests that write to its closed output."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("common.telemetry.configure", lambda *_: None)
        yield
