"""The standing of a person at a board: facts that a rule needs and that no single contract holds. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from rules.eligibility import GroundUsed

if TYPE_CHECKING:
    from collections.abc import Iterator

BoardDecision: TypeAlias = Literal["board_deviation", "board_statement", "suitability_statement"]
"""A proof that a board gives itself."""
_PER_MILLE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundDeclared:
    """Since when a person works at the board on a ground, and with which statements it was extended."""

    ground: str
    started_on: date
    effort_statements: tuple[date, ...] = ()
    """The day of the written statement of effort of each extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A board's declarations about one person; without them a contract is judged as if it stood alone."""

    trainer_id: UUID
    board_id: UUID
    grounds: tuple[GroundDeclared, ...] = ()
    board_decisions: tuple[BoardDecision, ...] = ()
    lower_years_per_mille: int = 0
    """The part of the person's lessons that is given in lower years."""
    school_underqualified_per_mille: int = 0
    """The part of the school's lessons in upper years that is given underqualified, these included."""
    cao_deviation: bool = False
    """The collective agreement deviates from the means of the law on working time."""
    above_cap_until: date | None = None
    """Until when the board extended the two years in which a guest above the cap must qualify."""

    def checked(self, known: Collection[str]) -> Standing:
        """Return it, if it can be so.

        Raises:
            Invalid: an unknown ground, one that is named twice, or statements out of order.
        """
        if faults := [*self._faults(known)]:
            raise Invalid(*faults)
        return self

    def _faults(self, known: Collection[str]) -> Iterator[InvalidParam]:
        for number, each in enumerate(self.grounds):
            where = f"grounds.{number}"
            if each.ground not in known:
                yield InvalidParam(f"{where}.ground", Message("there is no such ground"), "unknown")
            if any(each.ground == other.ground for other in self.grounds[:number]):
                yield InvalidParam(f"{where}.ground", Message("this ground is named twice"), "duplicate")
            days = (each.started_on, *each.effort_statements)
            if any(later <= earlier for earlier, later in pairwise(days)):
                reason = Message("each statement of effort is later than the one before it, and than the start")
                yield InvalidParam(f"{where}.effortStatements", reason, "out-of-order")

    @property
    def share_lower_years(self) -> Decimal:
        """The part of the lessons given in lower years, 0 to 1."""
        return Decimal(self.lower_years_per_mille) / _PER_MILLE

    @property
    def school_share_underqualified(self) -> Decimal:
        """The part of the school's lessons given underqualified, 0 to 1."""
        return Decimal(self.school_underqualified_per_mille) / _PER_MILLE

    def used(self, worked: Iterable[tuple[str, date]]) -> tuple[GroundUsed, ...]:
        """Return since when each ground is in use.

        The board's declaration comes first: it knows what was before these contracts, and since when a break was over.

        Args:
            worked: the ground and the first day of each contract at this board.
        """
        since: dict[str, GroundUsed] = {}
        for ground, first in sorted(worked, key=lambda each: each[1]):
            since.setdefault(ground, GroundUsed(ground=ground, started_on=first))
        for each in self.grounds:
            since[each.ground] = GroundUsed(
                ground=each.ground, started_on=each.started_on, extensions=len(each.effort_statements)
            )
        return tuple(since[ground] for ground in sorted(since))
