"""An information sheet: which sentences are true of a proposal for one of its parties, and with which terms. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from common.clock import business_day
from common.policy import Policies
from events.words import Party
from matching.proposal.model.status import SETTLED
from matching.ranking.model.criteria import Bonus, Factor

if TYPE_CHECKING:
    from matching.appeal.model import AppealTerms
    from matching.proposal.model.proposal import Proposal

DECIDES: Final = ("people", "machine", "set_aside", "end", "no_answer")
"""What is true of every proposal and every party, in this order."""


class Appealing(StrEnum):
    """Whether a party can appeal, and until when."""

    COMPANY = "company"
    """An employer is neither ranked nor proposed."""
    OPEN = "open"
    NOW = "now"
    """The trainer reads it as withdrawn already, though that is not published yet."""
    SETTLED = "settled"
    UNTIL = "until"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """The points that a factor or bonus gives at most, and those that it gave; None where the reader sees none."""

    factor: Factor | Bonus
    points: int
    given: int | None = None
    """In ten-thousandths of a point."""

    @property
    def score(self) -> int:
        """How much of its points a factor gave, in ten-thousandths."""
        return 0 if not self.points or not self.given else self.given // self.points


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long what was used stays."""

    weeks: int
    """Policy ``retention.declined_proposal``."""
    rankings_days: int
    appeals_days: int

    @classmethod
    def of(cls, policies: Policies, day: date) -> Keeping:
        """Read the rows that hold on ``day``.

        Raises:
            Missing: one is not known here yet.
        """
        return cls(
            weeks=policies.on("retention.declined_proposal", day).value["weeks"],
            rankings_days=policies.on("retention.rankings", day).value["days"],
            appeals_days=policies.on("retention.appeals", day).value["daysAfterDecision"],
        )


def maxima(policies: Policies, proposal: Proposal, *, given: bool) -> tuple[Maximum, ...]:
    """Return the points of each factor as they were when the proposal was made, ``given`` with those that it gave.

    Raises:
        Missing: the rows of then are not known here.
    """
    version, day = proposal.grounds.policy_version, business_day(proposal.made_at)
    # A version of the rules that came later may hold for a day before it.
    then = Policies.of(row for group in policies.rows.values() for row in group if row.version <= version)
    weights, bonuses = then.on("matching.weights", day).value, then.on("matching.bonuses", day).value
    points: dict[Factor | Bonus, int] = {each: int(weights[each]) for each in Factor}
    points |= {each: int(bonuses[each]) for each in Bonus}
    found = proposal.grounds.factors if given else None
    return tuple(
        Maximum(factor=each, points=most, given=None if not found else found.get(each, 0))
        for each, most in points.items()
    )


def last_day(proposal: Proposal, terms: AppealTerms) -> date | None:
    """Return the last day on which its end can be appealed against; None as long as that is not published."""
    if proposal.ended_at is None:
        return None
    return business_day(proposal.ended_at) + timedelta(days=terms.lodge_within_days)


def appealing(proposal: Proposal, party: Party, terms: AppealTerms, today: date) -> Appealing:
    """Return whether a party can appeal against the end of a proposal."""
    if party is Party.COMPANY:
        return Appealing.COMPANY
    if proposal.status in SETTLED:
        return Appealing.SETTLED
    last = last_day(proposal, terms)
    if last is None:
        return Appealing.NOW if party is Party.TRAINER and proposal.held else Appealing.OPEN
    return Appealing.UNTIL if today <= last else Appealing.OVER
