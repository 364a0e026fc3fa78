"""A journey short enough to be played fifty times: everybody signs up, one vacancy, one proposal, one contract."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from common.clock import business_day
from demo import journey
from demo.cast import LEAD, TAUGHT, Calendar, Cast
from demo.journey import Step
from demo.stage import Outcome, Stage, expected
from hto.client import Answer, Client, Who
from tests.e2e.system import ACCEPTED, OFFERED, PROPOSED, SIGNED, TRAINER, see
from tests.faults.cluster import PATIENCE, Cluster
from tests.faults.seeds import Kill, Schedule

LONG: Final = 3.0
"""Seconds of a step that are worth a word."""


async def the_trainer_wants_no_more(on: Stage) -> Outcome:
    """The trainer wants no more proposals: the next journey in this town has a candidate of its own."""
    await on.trainer.post(f"/registry/v1/trainers/{on.cast.trainer}/_pause")
    return expected(on.cast.trainer, "trainer.paused")


STEPS: Final[tuple[Step, ...]] = (
    journey.the_school_registers,
    journey.the_school_is_confirmed,
    journey.the_company_registers,
    journey.the_company_is_confirmed,
    journey.the_partner_subscribes,
    *TRAINER,
    *PROPOSED,
    *ACCEPTED,
    *OFFERED,
    *SIGNED,
    the_trainer_wants_no_more,
)


@dataclass(frozen=True, slots=True)
class Answered:
    """A write that was answered with 2xx, and so must be there for ever."""

    who: Who
    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None
    answer: Answer


class Witness(Client):
    """A client that remembers what it was promised."""

    def __init__(self, *arguments: object, **named: object) -> None:
        """As any client."""
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.answered: list[Answered] = []

    async def call(
        self, who: Who, method: str, path: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        """Call, and remember the answer to a write."""
        answer = await super().call(who, method, path, headers=headers, content=content)
        if method != "GET":
            self.answered.append(Answered(who, method, path, dict(headers), content, answer))
        return answer


@dataclass
class Played:
    """One journey that came to its end."""

    stage: Stage
    witness: Witness
    killed: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    """Seconds of each step."""

    @property
    def pace(self) -> str:
        """How long it took, and where it waited."""
        waits = [f"{seconds:.1f} s in step {number + 1}" for number, seconds in enumerate(self.took) if seconds > LONG]
        return f"{sum(self.took):.1f} s" + (f" ({', '.join(waits)})" if waits else "")

    @property
    def cases(self) -> frozenset[str]:
        """Everybody and everything of which the log tells in this journey."""
        cast = self.stage.cast
        whom = (cast.board, cast.school, cast.location, cast.company, cast.trainer, cast.vacancy)
        return frozenset(map(str, whom))


def cast_for(town: int) -> Cast:
    """A cast whose journey begins this Monday: no clock must be moved."""
    ending = business_day(datetime.now(UTC)) + timedelta(weeks=LEAD + TAUGHT)
    return Cast(calendar=Calendar(ending), number=town)


async def play(on: Cluster, town: int, plan: Schedule | None = None) -> Played:
    """Play it to the end, while the schedule's victims die."""
    witness = on.client(Witness)
    assert isinstance(witness, Witness)
    played = Played(Stage(witness, cast_for(town), on.receiver, patience=PATIENCE), witness)
    due = list(plan.kills if plan else ())
    shots: list[asyncio.Task[None]] = []
    try:
        for number, step in enumerate(STEPS):
            shots += [asyncio.create_task(_shoot(on, kill, played)) for kill in due if kill.step == number]
            began = time.monotonic()
            await see(played.stage, await step(played.stage))
            played.took.append(time.monotonic() - began)
        await asyncio.gather(*shots)
    except Exception as failure:
        failure.add_note(f"in the step: {step.__doc__}")
        raise
    finally:
        for shot in shots:
            shot.cancel()
    return played


async def _shoot(on: Cluster, kill: Kill, played: Played) -> None:
    await asyncio.sleep(kill.after)
    hit = await on.kill(kill.victim)
    played.killed.append(kill.victim if hit else f"({kill.victim} was down)")
