"""Fixtures that every test may ask for, how thorough properties are, and whose logs these are."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import settings

from common.runtime.event_loop import NEW_EVENT_LOOP

pytest_plugins = ["tests.support.postgres"]

# Without it everything would be production: the issuer and the clock of the tests are refused there.
os.environ["HTO_ENVIRONMENT"] = "development"

# How long an example takes says something of the machine only.
settings.register_profile("thorough", deadline=None)
# For `make check`: as quick as one wants to wait for.
settings.register_profile("quick", max_examples=15, deadline=None)
settings.load_profile("thorough")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Test on the loop that the processes run on."""
    return {"the processes' own": NEW_EVENT_LOOP}


@pytest.fixture(scope="session", autouse=True)
def _no_command_takes_over_the_logs() -> Iterator[None]:
    """A command that runs in this process would leave loggers to all later tests that write to its closed output."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("common.runtime.telemetry.configure", lambda *_: None)
        yield
