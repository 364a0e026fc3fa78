"""A bottleneck report, from the first words to the dated answer of the ministry that owns the rule. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from common.errors import Conflict, Invalid, InvalidParam, Message
from common.lifecycle import LifeCycle
from common.policy import Policies
from events import Event
from events.parties import Parties
from events.registry import BottleneckAnswered, BottleneckOutcome, BottleneckReported

POLICY: Final = "programme.bottlenecks"
"""The items of the policy conversation, which ministry owns which rules, and within how many days it answers."""


class Status(StrEnum):
    """How far a report is."""

    REPORTED = "reported"
    ANSWERED = "answered"


REPORTED, ANSWERED = Status


class NotPossible(Conflict):
    """A bottleneck report that is {status} cannot become {wanted}."""


LIFE_CYCLE: Final = LifeCycle(NotPossible, {REPORTED: {ANSWERED}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a report goes: to the ministry that owns the rule, which answers before a day."""

    ministry: str
    answer_before: date


def route(
    policy_code: str, item: str, policies: Policies, today: date, of_reporter: Sequence[InvalidParam] = ()
) -> Route:
    """Return where a report about a rule goes.

    Raises:
        Invalid: there is no such rule, no such item of the policy conversation, or the reporter is not well named
            (``of_reporter``); with all faults at once.
    """
    terms: Mapping[str, Any] = policies.on(POLICY, today).value
    faults = []
    if policy_code not in policies.rows:
        faults.append(InvalidParam("policyCode", Message("There is no rule with this code; see /policies"), "unknown"))
    if item not in terms["items"]:
        known = ", ".join(terms["items"])
        reason = Message("The policy conversation has these items: {known}", known=known)
        faults.append(InvalidParam("item", reason, "unknown"))
    faults.extend(of_reporter)
    if faults:
        raise Invalid(*faults)
    subject = policy_code.partition(".")[0]
    ministry = next((each["ministry"] for each in terms["owners"] if subject in each["rules"]), terms["otherwise"])
    return Route(ministry=ministry, answer_before=today + timedelta(days=terms["answerWithinDays"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class BottleneckReport:
    """A report that a rule stood in the way, as evidence about that rule and one item of the policy conversation."""

    id: UUID
    version: int = 0
    status: Status = REPORTED
    reported_at: datetime
    policy_code: str
    """The rule that it is about."""
    item: str
    """Of the policy conversation, such as ``K2.1``."""
    ministry: str
    answer_before: date
    region: str | None = None
    """Labour-market region; None where it is about the whole country."""
    board_id: UUID | None = None
    school_id: UUID | None = None
    location_id: UUID | None = None
    company_id: UUID | None = None
    trainer_id: UUID | None = None
    organisation_id: UUID | None = None
    """The organisation that reports, whatever its kind: it gets the letters."""
    summary: str | None
    """In the reporter's words; None past its term, or once the trainer who wrote it is erased."""
    outcome: BottleneckOutcome | None = None
    answer: str | None = None
    answered_on: date | None = None
    settled_before: date | None = None
    """The day on which the ministry promises that it is settled."""

    @property
    def case(self) -> UUID:
        """A report is a case of its own."""
        return self.id

    @property
    def parties(self) -> Parties:
        """The reporter and the region."""
        return Parties.of(self)

    def report(self) -> tuple[BottleneckReport, list[Event]]:
        """Bring it to the ministry that owns the rule."""
        return self, [
            BottleneckReported(
                report_id=self.id,
                policy_code=self.policy_code,
                item=self.item,
                ministry=self.ministry,
                region=self.region,
                answer_before=self.answer_before,
            )
        ]

    def give_answer(
        self, outcome: BottleneckOutcome, words: str, *, today: date, settled_before: date | None
    ) -> tuple[BottleneckReport, list[Event]]:
        """Record what the ministry answers; the same answer again changes nothing.

        Raises:
            NotPossible: it was answered otherwise.
        """
        given = {"outcome": outcome, "answer": words, "settled_before": settled_before}
        if self.status is ANSWERED and all(getattr(self, name) == value for name, value in given.items()):
            return self, []
        event = BottleneckAnswered(
            report_id=self.id,
            policy_code=self.policy_code,
            item=self.item,
            ministry=self.ministry,
            region=self.region,
            outcome=outcome,
            settled_before=settled_before,
        )
        return LIFE_CYCLE.become(self, ANSWERED, event, answered_on=today, **given)
