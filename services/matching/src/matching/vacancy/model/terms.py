"""How long matching waits: for answers, for a contract, for a candidate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from common.policy import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Policy ``matching.terms``."""

    answer: timedelta
    """Until a proposal expires."""
    reminders: tuple[timedelta, ...]
    """After which a party that has not answered is reminded, the earliest first."""
    draft: timedelta
    """Until an accepted proposal lapses that no contract was drafted from."""
    waiting: timedelta
    """Until the desk is asked to help a vacancy for which no candidate was found."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Terms:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.terms", day).value
        return cls(
            answer=timedelta(days=value["proposalDays"]),
            reminders=tuple(timedelta(days=days) for days in sorted(value["reminderDays"])),
            draft=timedelta(days=value["draftDays"]),
            waiting=timedelta(days=value["waitingDays"]),
        )
