"""Whether the letters that ask a trainer arrived, and how long a proposal waits where they did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from events.words import Party

if TYPE_CHECKING:
    from datetime import date

    from common.policy import Policies
    from matching.proposal.model.proposal import Proposal

ASKING: Final = frozenset({"proposal-asked", "proposal-reminder", "proposal-countered"})
"""The templates of the letters that ask for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Policy ``matching.delivery``."""

    answer: timedelta
    """For so long, at least, a trainer can answer after the first letter was delivered."""
    beyond: timedelta
    """By so much, at most, a proposal stays open longer because of that."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Delivery:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.delivery", day).value
        return cls(answer=timedelta(days=value["answerDays"]), beyond=timedelta(days=value["mostExtraDays"]))

    def open_until(self, proposal: Proposal, term: timedelta, now: datetime) -> datetime:
        """Return until when a proposal waits, ``now`` that its time has passed; not later where it waits no more.

        Without any delivery it is looked at again after the days of an answer.
        """
        if Party.TRAINER not in proposal.left:
            return now
        wanted = (proposal.reached_at or now) + self.answer
        return max(now, min(wanted, proposal.made_at + term + self.beyond))
