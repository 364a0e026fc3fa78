"""Candidates of a vacancy as they are shown: under pseudonyms, in bands."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from common.decision import Outcome
from common.web import View
from matching.ranking import wording
from matching.ranking.model.assessment import Assessment
from matching.ranking.model.blindness import Bands
from matching.ranking.model.outlook import Outlook
from matching.ranking.views import BandsView, ExplanationView, WayView, banded, explained, text_of
from rules import words


class CandidateView(BandsView):
    """A candidate of a vacancy, without an identity."""

    candidate_id: UUID
    """A pseudonym for this vacancy and this viewer only: it says nothing about any other vacancy."""
    standing: Literal["fits", "shortlisted", "reserve", "rejected"]
    """``fits``: passed every rule so far. The desk and the programme see more: ``shortlisted``: passed every rule;
    ``reserve``: so far, and the law is asked when needed; ``rejected``."""
    explanation: ExplanationView | None
    """For the desk and the programme."""


class ExplainedCandidateView(CandidateView):
    """A candidate with what would help: for the desk and the programme."""

    ways: list[WayView]
    """The smallest sets of changes, at most two, by which the candidate would fit or, fitting, come first."""


class RejectionView(View):
    """How many candidates one rule keeps apart from a vacancy; somebody may be counted under several rules."""

    rule: str
    text_nl: str
    text_en: str
    candidates: int | None
    """Rounded down; null where it is a small number."""


class ScreeningView(View):
    """Whom the rules keep apart from a vacancy, in rounded numbers."""

    vacancy_id: UUID
    by_rule: list[RejectionView]


class WeekdayView(View):
    """How many who fit are free at some of the asked hours of a weekday."""

    weekday: int
    """ISO: 1 is Monday."""
    candidates: int | None


class AdviceView(View):
    """One thing that the school could ask otherwise, and how many would fit then."""

    change: str
    needed: str | None
    current: str | None
    unit: str
    text_nl: str
    text_en: str
    candidates: int | None
    """Rounded down; null where it is a small number."""


class OutlookView(View):
    """The outlook of a vacancy as it is asked, in rounded numbers."""

    vacancy_id: UUID
    allowed: bool
    """Whether the law allows this work to anybody in the talent pool, wherever they live and whenever they can."""
    candidates: int | None
    """How many fit; null where it is a small number. Working time, which is a person's, is not judged here."""
    by_weekday: list[WeekdayView]
    advice: list[AdviceView]
    """The changes that would bring more, at most three; each was applied to the vacancy and counted again."""
    text_nl: str
    text_en: str


def outlook_view(vacancy_id: UUID, found: Outlook) -> OutlookView:
    """Show the outlook of a vacancy."""
    text_nl, text_en = (
        wording.outlook(found.candidates, found.least, language, allowed=found.allowed) for language in words.LANGUAGES
    )
    return OutlookView(
        vacancy_id=vacancy_id,
        allowed=found.allowed,
        candidates=found.candidates,
        by_weekday=[WeekdayView(weekday=day, candidates=count) for day, count in found.by_weekday.items()],
        advice=[
            AdviceView(
                change=each.hint.change,
                needed=text_of(each.hint.needed),
                current=text_of(each.hint.current),
                unit=each.hint.unit,
                text_nl=wording.change(each.hint, "nl"),
                text_en=wording.change(each.hint, "en"),
                candidates=each.candidates,
            )
            for each in found.advice
        ],
        text_nl=text_nl,
        text_en=text_en,
    )


def rejection_view(rule: str, candidates: int | None) -> RejectionView:
    """Show how many candidates a rule keeps apart."""
    return RejectionView(
        rule=rule,
        text_nl=words.reason("nl", rule=rule, outcome=Outcome.BLOCK),
        text_en=words.reason("en", rule=rule, outcome=Outcome.BLOCK),
        candidates=candidates,
    )


def candidate_view(candidate_id: UUID, bands: Bands, assessed: Assessment | None) -> CandidateView:
    """Show one candidate; ``assessed`` is for the desk and the programme."""
    return CandidateView(
        candidate_id=candidate_id,
        standing="fits" if assessed is None else assessed.standing.value,
        explanation=None if assessed is None else ExplanationView(**explained(assessed)),
        **banded(bands),
    )
