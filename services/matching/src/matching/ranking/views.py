"""Rankings as they are shown: bands instead of numbers to parties, measures and reasons to who helps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import computed_field

from common.caller import Caller, CallerRole
from common.decision import Reason
from common.web import Moment, View
from events.words import Form
from matching.ranking import wording
from matching.ranking.model.assessment import Assessment, ExpectationGap, Hint, Standing
from matching.ranking.model.blindness import Bands, Pseudonyms, Viewer
from matching.ranking.model.changes import Way
from matching.ranking.model.criteria import SCALE
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.views import day_of
from rules import words

ACTIVITY: Final = "https://hybride-techniekopleiders.nl/processing/matching"
"""In the register of processing activities."""
_SUPPORT: Final = frozenset({"desk", "programme"})
"""Who helps others to a match, and sees why somebody does or does not fit: under a pseudonym as well."""


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """The capacity in which a caller looks at something of a vacancy, and what it may see."""

    viewer: Viewer
    pseudonyms: Pseudonyms

    @property
    def support(self) -> bool:
        """Whether it is the desk or the programme."""
        return self.viewer[0] in _SUPPORT

    @property
    def is_trainer(self) -> bool:
        """Whether it is the trainer."""
        return self.viewer[0] == "trainer"

    @property
    def exact(self) -> bool:
        """Whether measures and moments are shown as they are."""
        return self.support or self.is_trainer

    def moment(self, exact: datetime) -> datetime:
        """Return a moment as it may be seen: one trainer moves several vacancies at the same one."""
        return exact if self.exact else day_of(exact)


class ReasonView(View):
    """One rule, how it ended, and what it measured against which limit."""

    rule: str
    outcome: str
    measured: str | None
    limit: str | None
    unit: str
    source: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text_nl(self) -> str:
        """The reason in Dutch."""
        return words.of(self, "nl")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text_en(self) -> str:
        """The reason in English."""
        return words.of(self, "en")


class HintView(View):
    """A change by which a candidate would pass a rule, and the side that could make it."""

    rule: str
    by: str
    change: str
    current: str | None
    needed: str | None
    unit: str
    text_nl: str
    text_en: str


class WayView(View):
    """The fewest changes that together make a candidate fit or, where they fit, come first: each one was applied."""

    changes: list[HintView]


class FactorView(View):
    """The points that one soft factor, or bonus, adds."""

    factor: str
    points: float


class WeighedView(FactorView):
    """The points that one soft factor, or bonus, adds, of how many, in words."""

    maximum: int
    text_nl: str
    text_en: str


class GapView(View):
    """The difference by which the school asks more (or, negative, less) than the trainer wants: to be negotiated."""

    minutes_per_week: int
    months: int
    text_nl: str
    """Empty where both sides want the same."""
    text_en: str


class BandsView(View):
    """How well a candidate fits, in bands; null where too few candidates of the same ranking share it to be shown."""

    subject: Literal["same", "related", "other"] | None
    """Whether the candidate works in the vacancy's own subject, or in one that comes close."""
    distance_km: str | None
    """Such as `10-25` (more than 10, at most 25) or `40+`."""
    hours_percent: str | None
    """How much of the asked hours the candidate can be there: `100`, or such as `50-99`."""


class ExplanationView(View):
    """How one candidate was assessed, in full: for the trainer, the desk and the programme."""

    points: float
    factors: list[WeighedView]
    kilometres: int
    minutes_per_week: int
    """Usable for this vacancy."""
    forms: list[Form]
    gap: GapView
    reasons: list[ReasonView]
    hints: list[HintView]
    """For each rule in the way the changes that take it away; those of different sides are alternatives."""


class AssessmentView(ExplanationView):
    """How a trainer was assessed for a vacancy, alone: it says nothing about others."""

    vacancy_id: UUID
    fits: bool
    ways: list[WayView]
    """The smallest changes that would make the trainer fit, at most two."""


class RankingView(View):
    """How a ranking was made."""

    id: UUID
    vacancy_id: UUID
    made_at: Moment | None
    """For the desk and the programme."""
    day: date
    policy_version: int
    ruleset: str
    """Fingerprint of code and policies."""
    lottery_seed: str
    """The seed by which candidates who fit equally well were drawn, 16 hexadecimal digits: the first of the SHA-256 of
    `{vacancyId}/{day}`."""
    complete: bool
    candidates: int | None
    """For the desk and the programme."""
    fitting: int | None
    """For the desk and the programme."""


class RepetitionView(View):
    """Whether a ranking, made again from what was kept of its inputs, is the same to the last byte."""

    ranking_id: UUID
    identical: bool
    sha256: str | None
    """Of the outcome made now; for the desk and the programme."""


def viewpoint_on_vacancy(caller: Caller, vacancy: Vacancy, pseudonyms: Pseudonyms) -> Viewpoint:
    """Return as whom a caller looks at the candidates of a vacancy, which it may see."""
    facts = vacancy.facts
    if caller.sees(boards=facts.board_id, schools=facts.school_id, locations=facts.location_id):
        return Viewpoint(("school", str(facts.school_id)), pseudonyms)
    return viewpoint_of_support(caller, facts.region, pseudonyms)


def viewpoint_of_support(caller: Caller, region: str | None, pseudonyms: Pseudonyms) -> Viewpoint:
    """Return the desk's viewpoint on its region, else the programme's."""
    if caller.sees(regions=region):
        return Viewpoint(("desk", str(region)), pseudonyms)
    caller.must_be(CallerRole.PROGRAMME)
    return Viewpoint(("programme", ""), pseudonyms)


def assessment_view(vacancy: Vacancy, assessed: Assessment, ways: Iterable[Way]) -> AssessmentView:
    """Show a trainer how they were assessed."""
    fits = assessed.standing is not Standing.REJECTED
    return AssessmentView(vacancy_id=vacancy.id, fits=fits, ways=ways_view(ways), **explained(assessed))


def ways_view(ways: Iterable[Way]) -> list[WayView]:
    """Show sets of changes."""
    return [WayView(changes=[_hint_view(hint) for hint in way.hints]) for way in ways]


def explained(assessed: Assessment) -> dict[str, Any]:
    """Return the fields of an explanation."""
    factors = [
        _weighed(each.factor, points_of(each.contribution), each.weight, partial(wording.factor, each))
        for each in assessed.factors
    ]
    bonuses = [
        _weighed(each.bonus, float(each.points), each.points, partial(wording.bonus, each)) for each in assessed.bonuses
    ]
    return {
        "points": points_of(assessed.total),
        "factors": factors + bonuses,
        "kilometres": assessed.kilometres,
        "minutes_per_week": assessed.minutes,
        "forms": list(assessed.forms),
        "gap": gap_view(assessed.gap),
        "reasons": [reason_view(reason) for reason in assessed.verdict.reasons],
        "hints": [_hint_view(hint) for hint in assessed.hints],
    }


def gap_view(gap: ExpectationGap) -> GapView:
    """Show by how much both sides differ."""
    return GapView(
        minutes_per_week=gap.minutes_per_week,
        months=gap.months,
        text_nl=wording.gap(gap, "nl"),
        text_en=wording.gap(gap, "en"),
    )


def _weighed(code: str, points: float, maximum: int, said: Callable[[words.Language], str]) -> WeighedView:
    return WeighedView(factor=code, points=points, maximum=maximum, text_nl=said("nl"), text_en=said("en"))


def _hint_view(hint: Hint) -> HintView:
    return HintView(
        rule=hint.rule,
        by=hint.by,
        change=hint.change,
        current=text_of(hint.current),
        needed=text_of(hint.needed),
        unit=hint.unit,
        text_nl=wording.change(hint, "nl"),
        text_en=wording.change(hint, "en"),
    )


def banded(bands: Bands) -> dict[str, Any]:
    """Return the fields of bands."""
    return {"subject": bands.subject, "distance_km": bands.distance_km, "hours_percent": bands.hours_percent}


def reason_view(reason: Reason) -> ReasonView:
    """Show one rule of a verdict."""
    return ReasonView(
        rule=reason.rule,
        outcome=reason.outcome,
        measured=text_of(reason.measured),
        limit=text_of(reason.limit),
        unit=reason.unit,
        source=reason.source,
    )


def points_of(ten_thousandths: int) -> float:
    """Return points as they are shown."""
    return ten_thousandths / SCALE


def text_of(measure: Any) -> str | None:
    """Return a measure as it is shown beside its words."""
    if isinstance(measure, bool):
        return "true" if measure else "false"
    return None if measure is None else str(measure)
