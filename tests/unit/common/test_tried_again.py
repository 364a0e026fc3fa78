"""What is interrupted is done again, as long as it may be."""

from __future__ import annotations

import pytest

from common.runtime.backoff import until_it_works


async def test_an_action_is_retried_until_it_works_and_each_passing_error_is_reported() -> None:
    errors: list[Exception] = [OSError("away"), OSError("still away")]
    told: list[Exception] = []

    async def once() -> str:
        if len(told) < len(errors):
            raise errors[len(told)]
        return "done"

    assert await until_it_works(once, (OSError,), on_error=told.append, first=0.001) == "done"
    assert told == errors


async def test_another_error_is_raised_at_once_and_a_passing_one_when_the_time_is_over() -> None:
    async def fails() -> None:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        await until_it_works(fails, (ValueError,))
    with pytest.raises(OSError, match="away"):
        await until_it_works(fails, (OSError,), within=0)
