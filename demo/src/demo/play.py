"""The journey played: step after step, until one does not hold."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from common.runtime.telemetry import error_location
from demo.cast import Calendar, Cast
from demo.journey import STORY, Scene, Step
from demo.receiver import Receiver
from demo.report import Line, Reporter
from demo.stage import PATIENCE, Failed, Held, Stage
from hto.business_time import ClocksDiffer
from hto.client import Client, NoKey, Refusal, Refused, Unreachable
from hto.flow import Moving

EXPECTED: Final = (Failed, Refused, Refusal, Unreachable, NoKey, ClocksDiffer)
"""What ends the journey as a failed step; anything else is our mistake."""


async def play(
    client: Client,
    receiver: Receiver,
    reporter: Reporter,
    *,
    number: int = 0,
    story: tuple[Scene, ...] = STORY,
    patience: float = PATIENCE,
    moving: Moving | None = None,
) -> bool:
    """Play it; return whether every step and check of it held. Business time is real time afterwards.

    ``patience`` is how many seconds an event may take from its service to operations, and longer as long as
    ``moving`` tells that events are under way.
    """
    cast = Cast(calendar=Calendar.ending(datetime.now(UTC)), number=number)
    stage, began = Stage(client, cast, receiver, patience=patience, moving=moving), time.monotonic()
    try:
        held = await _play(stage, reporter, story)
        reporter.over(held=held, seconds=time.monotonic() - began)
    finally:
        await _tidy(stage)
    return held


async def _play(stage: Stage, reporter: Reporter, story: tuple[Scene, ...]) -> bool:
    number = 0
    for scene in story:
        reporter.scene(scene.title)
        for step in scene.steps:
            number += 1
            offset = stage.clock.offset
            line = await _take(number, step, stage)
            if stage.clock.offset != offset:
                reporter.time_is(stage.clock.now())
            reporter.step(line)
            if not line.held:
                return False
    return True


async def _take(number: int, step: Step, stage: Stage) -> Line:
    began = time.monotonic()
    case = event = what = None
    try:
        outcome = await step(stage)
        case, event = outcome.case, outcome.event
        if isinstance(outcome, Held):
            what = outcome.what
        else:
            await stage.happened(outcome)
    except EXPECTED as error:
        held, what = False, str(error)
    except Exception as error:  # noqa: BLE001 - an answer of another shape than agreed: the step did not hold either
        held, what = False, f"{error!r} ({error_location(error)})"
    else:
        held = True
    return Line(
        number=number,
        step=(step.__doc__ or "").rstrip("."),
        case=case,
        event=event,
        held=held,
        what=what,
        at=stage.clock.now().isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 3),
    )


async def _tidy(stage: Stage) -> None:
    """Leave nothing behind that would go on without us: a moved clock, an address that nobody answers at."""
    with suppress(*EXPECTED):
        await stage.clock.read()
        if stage.clock.offset:
            await stage.clock.set(timedelta())
    if endpoint := stage.found.endpoint.get("id"):
        with suppress(*EXPECTED):
            await stage.partner.delete(f"/notifications/v1/webhook-endpoints/{endpoint}")
