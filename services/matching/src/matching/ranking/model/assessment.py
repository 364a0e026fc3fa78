"""An assessment: one candidate's verdict and scores, and what would make it fit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from common.decision import Measure, Verdict
from matching.ranking.model.criteria import SCALE, Bonus, Factor
from rules.forms import Form

if TYPE_CHECKING:
    from uuid import UUID


class Standing(StrEnum):
    """Where a candidate ended up."""

    SHORTLISTED = "shortlisted"
    """Passed every hard rule, the law included: may be proposed, in this order."""
    RESERVE = "reserve"
    """Passed the arithmetic; the law was not asked, because enough before them passed or the search was cut off."""
    REJECTED = "rejected"


class Side(StrEnum):
    """The side that could change something."""

    TRAINER = "trainer"
    COMPANY = "company"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One factor: ``score`` of 10,000, times ``weight`` points."""

    factor: Factor
    score: int
    weight: int

    @property
    def contribution(self) -> int:
        """Its part of the total, in ten-thousandths of a point."""
        return self.score * self.weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """One bonus, in points."""

    bonus: Bonus
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """The change by which a rejected pair would pass ``rule``, as far as that side can make it."""

    rule: str
    by: Side
    change: str
    current: Measure = None
    needed: Measure = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationGap:
    """By how much the school asks more (or, negative, less) than the trainer wants: to be negotiated, never a block."""

    minutes_per_week: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One candidate for one opening, explained. Distances in km, minutes a week, totals in 1/10,000 point."""

    trainer_id: UUID
    standing: Standing
    verdict: Verdict
    total: int
    factors: tuple[Weighed, ...]
    bonuses: tuple[Earned, ...]
    kilometres: int
    minutes: int
    forms: tuple[Form, ...]
    """What both sides accept, in the school's order."""
    gap: ExpectationGap
    hints: tuple[Hint, ...]

    @property
    def points(self) -> str:
        """The total as people read it: ``83.25``."""
        return f"{self.total // SCALE}.{self.total % SCALE * 100 // SCALE:02d}"
