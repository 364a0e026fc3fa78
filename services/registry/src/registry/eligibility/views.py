"""The question whether a person may teach, and its answer in codes and in words."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from common.web import Command, Day, Line, PlannedDay, View
from registry.eligibility.model import Work
from rules import words
from rules.forms import SchoolType, TeachingRole
from rules.qualification import Eligibility, GroundUsed, Way


class GroundUsedGiven(Command):
    """Since when the person works at the board on a ground, whatever the number of contracts."""

    ground: Annotated[str, Field(min_length=1, max_length=60, pattern="^[A-Z][A-Z0-9_]*$")]
    started_on: Day
    extensions: Annotated[int, Field(ge=0, le=5)] = 0
    """How often the board let it last longer, each time with a written statement of effort."""


class EligibilityAsked(Command):
    """May this person teach this, here, so long?"""

    trainer_id: UUID
    organisation_id: UUID
    """The location, school or board; everything counts per board."""
    role: TeachingRole
    school_type: SchoolType
    subject: Line | None = None
    upper_years: bool = False
    """Lessons in the years for which a first-grade qualification is asked."""
    minutes_per_week: Annotated[int, Field(ge=1, le=10_080)]
    starts_on: PlannedDay
    ends_on: PlannedDay | None = None
    statutory_lessons: bool = True
    """Whether the lessons are part of the education that the school gives by law."""
    grounds_used: Annotated[tuple[GroundUsedGiven, ...], Field(max_length=20)] = ()
    """Known to the board and to `contracts`, not here: without it the work is judged as the first at this board."""
    taught_minutes: Annotated[int, Field(ge=0, le=525_600)] = 0
    """Contact minutes taught at this board in this school year; they are not known here either."""

    def work(self) -> Work:
        """Return the work that is asked about."""
        given = dict(self)
        for name in ("trainer_id", "organisation_id"):
            del given[name]
        used = tuple(GroundUsed(**dict(each)) for each in self.grounds_used)
        return Work(**{**given, "grounds_used": used})


class WordsView(View):
    """A code, in words."""

    code: str
    text_nl: str
    text_en: str


class ObstacleView(View):
    """A rule that stands in the way, in words."""

    rule: str
    measured: str | None
    limit: str | None
    unit: str
    period: str
    source: str
    text_nl: str
    text_en: str


class WayView(View):
    """One ground as a way to do this work."""

    ground: str
    text_nl: str
    text_en: str
    holds: bool
    ends_on: date | None
    """Its last day, as far as it has one."""
    obligations: list[WordsView]
    missing: list[list[WordsView]]
    """Each list is one way to complete it: all proofs in it are needed, and one list is enough."""
    experience_years: int | None
    """So many years of experience do instead of a diploma that is missing."""
    obstacles: list[ObstacleView]
    """Whatever else stands in the way, such as too many minutes or a term that is over."""


class EligibilityView(View):
    """Whether the person may do this work, on which ground and until when; else what is missing, per way."""

    allowed: bool
    ground: str | None
    ends_on: date | None
    minutes_left_this_school_year: int | None
    """None where only the contract limits the minutes."""
    obligations: list[WordsView]
    ways: list[WayView]
    """Every ground for this place, the best first."""
    policy_version: int

    @classmethod
    def of(cls, found: Eligibility, ways: tuple[Way, ...]) -> Self:
        """Put it into words."""
        return cls(
            allowed=found.allowed,
            ground=found.ground,
            ends_on=found.ends_on,
            minutes_left_this_school_year=found.minutes_left_this_school_year,
            obligations=[_obligation(code) for code in found.obligations],
            ways=[_way(each) for each in ways],
            policy_version=found.verdict.policy_version,
        )


def _way(way: Way) -> WayView:
    outcome = "block" if way.missing else "pass"
    return WayView(
        ground=way.ground,
        text_nl=words.reason("nl", rule=way.ground, outcome=outcome),
        text_en=words.reason("en", rule=way.ground, outcome=outcome),
        holds=way.holds,
        ends_on=way.ends_on,
        obligations=[_obligation(code) for code in way.obligations],
        missing=[[_proof(code) for code in proofs] for proofs in way.missing],
        experience_years=way.experience_years,
        obstacles=[_obstacle(reason) for reason in way.obstacles],
    )


def _proof(code: str) -> WordsView:
    return WordsView(code=code, text_nl=words.proof("nl", code), text_en=words.proof("en", code))


def _obligation(code: str) -> WordsView:
    return WordsView(code=code, text_nl=words.obligation("nl", code), text_en=words.obligation("en", code))


def _obstacle(reason: Any) -> ObstacleView:
    shown = {
        "rule": reason.rule,
        "measured": None if reason.measured is None else str(reason.measured),
        "limit": None if reason.limit is None else str(reason.limit),
        "unit": reason.unit,
    }
    return ObstacleView(
        **shown,
        period=reason.period,
        source=reason.source,
        text_nl=words.reason("nl", outcome=reason.outcome, **shown),
        text_en=words.reason("en", outcome=reason.outcome, **shown),
    )
