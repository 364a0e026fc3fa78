"""Candidates of a vacancy as they are shown: under pseudonyms, in bands."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field

from common.decision import Outcome
from common.errors import Invalid
from common.web import Command, PlannedDay, View
from common.web.fields import Code, SlotBody, SpokenLanguage
from events.words import Form, SchoolType, TeachingRole
from matching.profile.model.distance import Place
from matching.profile.model.published import week_of
from matching.proposal.model.asking import CERTAIN
from matching.proposal.usecases.search import Reserved
from matching.ranking import wording
from matching.ranking.model.assessment import Assessment
from matching.ranking.model.blindness import Bands
from matching.ranking.model.outlook import Outlook
from matching.ranking.views import BandsView, ExplanationView, WayView, banded, explained, points_of, text_of
from matching.site.model import Site
from matching.vacancy.model.opening import Opening
from matching.vacancy.model.published import months_between
from rules import words
from rules.weekly import WEEK, period_faults, roster_faults


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


class ReservedView(View):
    """A candidate whom the search would ask next."""

    place: int
    """1 is asked first."""
    candidate_id: UUID
    form: Form
    """The form in which the candidate would be asked."""
    chance_percent: int
    """The estimated chance that every party consents."""
    points: float


class ReserveView(View):
    """The reserve of a vacancy as of now: for the desk and the programme."""

    vacancy_id: UUID
    free_places: int
    asked: int
    """How many are asked at this moment."""
    reserve: list[ReservedView]
    """At most as many as a shortlist has (policy `matching.limits`)."""


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
    """The outlook of what a school asks, in rounded numbers."""

    allowed: bool
    """Whether the law allows this work to anybody in the talent pool, wherever they live and whenever they can."""
    candidates: int | None
    """How many fit; null where it is a small number. Working time, which is a person's, is not judged here."""
    by_weekday: list[WeekdayView]
    advice: list[AdviceView]
    """The changes that would bring more, at most three; each was applied to the vacancy and counted again."""
    text_nl: str
    text_en: str


class VacancyOutlookView(OutlookView):
    """The outlook of a vacancy that is there."""

    vacancy_id: UUID


class OutlookBody(Command):
    """A vacancy that a school thinks of: the fields that decide who fits."""

    location_id: UUID
    """A location, or a school that has none of its own."""
    school_type: SchoolType
    role: TeachingRole
    subject: Code
    """A trade, subject or profile of the reference list."""
    minutes_per_week: Annotated[int, Field(ge=1, le=WEEK)]
    """Contact minutes."""
    roster: Annotated[tuple[SlotBody, ...], Field(max_length=50)] | None = None
    """Null is flexible."""
    starts_on: PlannedDay
    ends_on: PlannedDay | None = None
    places: Annotated[int, Field(ge=1, le=100)] = 1
    supervisor_id: UUID | None = None
    """Your own pseudonym of the qualified teacher; mandatory for a guest lecturer."""
    forms: Annotated[tuple[Form, ...], Field(max_length=4)] = ()
    """Acceptable forms, preferred first; none is all."""
    language: SpokenLanguage = "nl"
    structural: bool = False
    """Whether the lessons come back year after year."""
    upper_years: bool = False
    """Whether they are for the years for which grade 1 is asked."""
    days_without_lessons: Annotated[tuple[PlannedDay, ...], Field(max_length=40)] = ()
    """Days on which the school gives no lessons, beside school holidays and public holidays."""

    def opening(self, site: Site, asked_as: UUID) -> Opening | None:
        """Return the opening that it would be at a site; None where nobody knows where that is.

        Raises:
            Invalid: with every fault at once.
        """
        roster = None if self.roster is None else [slot.slot() for slot in self.roster]
        faults = period_faults(self.starts_on, self.ends_on)
        if roster is not None:
            faults += roster_faults("roster", roster, at_least=self.minutes_per_week)
        if faults:
            raise Invalid(*faults)
        if site.latitude is None or site.longitude is None:
            return None
        return Opening(
            vacancy_id=asked_as,
            board_id=site.board_id,
            school_id=site.school_id,
            location_id=site.id,
            region=site.region,
            municipality=site.municipality,
            days_without_lessons=self.days_without_lessons,
            place=Place.at(site.latitude, site.longitude),
            roster=week_of(roster) if roster else None,
            months=None if self.ends_on is None else months_between(self.starts_on, self.ends_on),
            supervised=self.supervisor_id is not None,
            **{name: getattr(self, name) for name in _AS_ASKED},
        )


_AS_ASKED: Final = (
    "school_type", "role", "subject", "upper_years", "minutes_per_week", "starts_on", "ends_on", "places", "forms",
    "language", "structural",
)  # fmt: skip


def outlook_view(found: Outlook) -> OutlookView:
    """Show the outlook of what a school asks."""
    text_nl, text_en = (
        wording.outlook(found.candidates, found.least, language, allowed=found.allowed) for language in words.LANGUAGES
    )
    return OutlookView(
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


def reserved_view(place: int, candidate_id: UUID, reserved: Reserved) -> ReservedView:
    """Show one candidate of a reserve."""
    candidate = reserved.candidate
    return ReservedView(
        place=place,
        candidate_id=candidate_id,
        form=candidate.form,
        chance_percent=reserved.chance * 100 // CERTAIN,
        points=points_of(candidate.grounds.points),
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
