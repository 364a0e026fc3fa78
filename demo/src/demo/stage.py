"""Where the journey plays: who acts, what time it is, and whether what must happen was seen to happen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from demo.cast import Cast
from demo.receiver import Receiver
from hto.business_time import BusinessClock
from hto.client import Acting, Client, Refused, Who
from hto.flow import Moving, NotQuiet, until_quiet

T = TypeVar("T")

PATIENCE: Final = 60.0
"""Seconds within which an event must have gone from its service to operations."""
_LONGEST: Final = 10
"""So many times the patience is what events may be under way, whatever changes meanwhile."""
_NOT_FOUND: Final = 404


class Failed(Exception):
    """Something in the journey did not happen, or was not as it must be."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The event that a step must lead to: on the log, in a case, shown by operations, with these facts."""

    case: str
    event: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """The check of a step, in words; with the case and the event, where it saw one itself."""

    what: str
    case: str | None = None
    event: str | None = None


Outcome = Expected | Held


def expected(case: object, event: str, **facts: Any) -> Expected:
    """Return the event that a step leads to: ``expected(cast.vacancy, "proposal.consented", party="school")``."""
    return Expected(str(case), event, facts)


@dataclass(slots=True)
class Found:
    """Ids that the services gave on the way."""

    proposal: str = ""
    contract: dict[str, Any] = field(default_factory=dict)
    assignment: str = ""
    hour_lines: list[str] = field(default_factory=list)
    endpoint: dict[str, Any] = field(default_factory=dict)
    figures_before: dict[str, Any] = field(default_factory=dict)
    plan: str = ""
    scenario: str = ""


class Stage:
    """The system, with everybody on it."""

    def __init__(
        self,
        client: Client,
        cast: Cast,
        receiver: Receiver,
        *,
        patience: float = PATIENCE,
        moving: Moving | None = None,
    ) -> None:
        """Place everybody; ``moving`` tells which events are under way, where this process can see it."""
        self.client, self.cast, self.receiver, self.found = client, cast, receiver, Found()
        self.portal = client.acting_as(cast.portal_for_school)
        self.school = client.acting_as(cast.as_school)
        self.partner = client.acting_as(cast.as_partner)
        self.company = client.acting_as(cast.as_company)
        self.trainer = client.acting_as(cast.as_trainer)
        self.desk = client.acting_as(cast.as_desk)
        self.programme = client.acting_as(Who(client="programme"))
        self.operator = client.acting_as(Who(client="operator"))
        self.clock = BusinessClock(self.operator)
        self.seen: list[dict[str, Any]] = []
        """The steps that operations showed when the journey waited for them, in the order of the story."""
        self._patience, self._moving = patience, moving

    def party(self, name: str) -> Acting:
        """Return whoever signs and consents as that party."""
        return {"trainer": self.trainer, "school": self.school, "company": self.company}[name]

    async def steps(self, case: object) -> list[dict[str, Any]]:
        """Return what operations shows of a case so far; nothing where it does not know the case yet."""
        try:
            path = f"/operations/v1/cases/{case}/steps"
            return [step async for step in self.operator.all(path, limit=500)]
        except Refused as refused:
            if refused.status == _NOT_FOUND:
                return []
            raise

    async def happened(self, wanted: Expected) -> dict[str, Any]:
        """Wait until operations shows an event that the journey has not counted yet.

        Raises:
            Failed: it does not come in time; the message says what came instead.
        """
        counted = {step["eventId"] for step in self.seen}
        steps: list[dict[str, Any]] = []

        async def come() -> dict[str, Any] | None:
            steps[:] = await self.steps(wanted.case)
            return next((step for step in steps if step["eventId"] not in counted and _is(step, wanted)), None)

        step = await self._wait(come, self._patience)
        if step is None:
            raise Failed(await self._explain(wanted, steps))
        self.seen.append(step)
        return step

    async def quiet(self) -> None:
        """Wait until all that was published has been handled or parked, where this process can see it.

        Raises:
            Failed: something is still under way; the message says what and where.
        """
        if self._moving is not None:
            try:
                await until_quiet(self._moving, patience=self._patience, longest=_LONGEST * self._patience)
            except NotQuiet as error:
                raise Failed(f"events are still under way: {error}") from None

    async def until(self, what: str, check: Any, *, within: float | None = None) -> Any:
        """Wait until ``check()`` returns something that is true, and return that.

        Raises:
            Failed: it does not in time.
        """
        result = await self._wait(check, within or self._patience)
        if not result:
            raise Failed(f"{what}: not within {within or self._patience:.0f} s")
        return result

    async def _wait(self, look: Callable[[], Awaitable[T]], patience: float) -> T:
        """Look until something is found; give up when time is over and, as far as can be seen, no event is under way.

        On a busy machine events take longer: as long as they move, what they lead to may still come.
        """
        until, pause = time.monotonic() + patience, 0.03
        while not (found := await look()):
            if time.monotonic() > until:
                with suppress(Failed):
                    await self.quiet()
                return await look()
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.4)
        return found

    async def _explain(self, wanted: Expected, steps: Sequence[Mapping[str, Any]]) -> str:
        facts = "".join(f", {name} {value}" for name, value in wanted.facts.items())
        came = ", ".join(step["event"] for step in steps[-5:]) or "nothing"
        parked = [one async for one in self.operator.all("/operations/v1/parked-events", state="parked")]
        waiting = "".join(f"\n  parked in {one['service']}: {one['eventType']} ({one['reason']})" for one in parked)
        moving = "".join(f"\n  {one}" for one in (await self._moving() if self._moving else ()))
        return (
            f"{wanted.event}{facts} did not happen in case {wanted.case} within {self._patience:.0f} s; "
            f"the last that did: {came}{waiting}{moving}"
        )


def check(condition: object, otherwise: str) -> None:
    """Hold the story to something.

    Raises:
        Failed: it is not so.
    """
    if not condition:
        raise Failed(otherwise)


def _is(step: Mapping[str, Any], wanted: Expected) -> bool:
    return step["event"] == wanted.event and all(
        step["facts"].get(name) == value for name, value in wanted.facts.items()
    )
