"""The openings of a trainer as they are shown."""

from __future__ import annotations

from datetime import date

from common.decision import Outcome
from common.web import View
from events.words import SchoolType, TeachingRole
from matching.opening.model import Seen, Turn
from matching.ranking import wording
from matching.ranking.views import AssessmentView, ReasonView, assessment_view, reason_view
from rules.words import LANGUAGES


class OddsView(View):
    """The odds at one opening: an estimate, of nobody in particular."""

    others: int | None
    """How many others fit, rounded down, as they are shown today; null where it is a small number. Working time, which
    is a person's, is not judged of them."""
    asked_at_once: int
    """How many trainers the search asks at first, by policy `matching.asking` and the places."""
    lowest_percent: int | None
    """The chance to be among the first who are asked is at least so large; null where the trainer cannot be asked."""
    highest_percent: int | None
    text_nl: str
    """The odds and what they are based on."""
    text_en: str


class OpeningView(AssessmentView):
    """An opening that the calling trainer fits or nearly fits."""

    school_type: SchoolType
    role: TeachingRole
    subject: str
    asked_minutes_per_week: int
    starts_on: date
    ends_on: date | None
    places: int
    region: str | None
    apart: list[ReasonView]
    """The rules that keep the trainer apart; none where the trainer fits."""
    turn: Turn
    """Whether the search can still ask the trainer: ``free``; ``asked`` at this moment; ``had`` a turn; ``elsewhere``:
    another vacancy of the board asks."""
    odds: OddsView


def opening_view(seen: Seen) -> OpeningView:
    """Show one opening to its trainer."""
    facts, odds = seen.vacancy.facts, seen.odds
    text_nl, text_en = (
        wording.odds(odds.others, odds.least, odds.asked_at_once, odds.percent, seen.turn, language)
        for language in LANGUAGES
    )
    return OpeningView(
        **dict(assessment_view(seen.vacancy, seen.assessed, seen.ways)),
        school_type=facts.school_type,
        role=facts.role,
        subject=facts.subject,
        asked_minutes_per_week=facts.minutes_per_week,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        places=facts.places,
        region=facts.region,
        apart=[reason_view(each) for each in seen.assessed.verdict.reasons if each.outcome is Outcome.BLOCK],
        turn=seen.turn,
        odds=OddsView(
            others=odds.others,
            asked_at_once=odds.asked_at_once,
            lowest_percent=None if odds.percent is None else odds.percent[0],
            highest_percent=None if odds.percent is None else odds.percent[1],
            text_nl=text_nl,
            text_en=text_en,
        ),
    )
