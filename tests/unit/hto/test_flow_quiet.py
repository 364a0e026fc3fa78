"""Waiting for the flow to be quiet: as long as something changes, and then it says what is still under way."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import pytest

from hto import flow
from hto.flow import NotQuiet, until_quiet


class Looks:
    """What is found under way, look after look, one second apart by a clock of its own."""

    def __init__(self, found: Iterable[Sequence[str]], patch: pytest.MonkeyPatch) -> None:
        self._found, self.count = iter(found), 0
        patch.setattr(flow, "_AGAIN", 0.0)
        patch.setattr(flow, "monotonic", lambda: float(self.count))

    async def __call__(self) -> Sequence[str]:
        self.count += 1
        return next(self._found)


async def test_it_is_quiet_when_two_looks_in_a_row_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks([["a"], [], ["b"], [], []], monkeypatch)
    await until_quiet(looks, patience=60, longest=60)
    assert looks.count == 5


async def test_an_event_flow_that_stands_still_is_named_when_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(
        itertools.repeat(["registry has 3 events to send", "matching has 1 deadlines that are due"]), monkeypatch
    )
    with pytest.raises(NotQuiet, match="registry has 3 events to send; matching has 1 deadlines that are due"):
        await until_quiet(looks, patience=5, longest=60)
    assert looks.count == 7, "the first look found it, and then nothing changed for more than five seconds"


async def test_a_moving_event_flow_is_waited_for_beyond_the_patience_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = Looks(([str(left)] for left in itertools.count()), monkeypatch)
    with pytest.raises(NotQuiet):
        await until_quiet(looks, patience=5, longest=100)
    assert looks.count == 101
