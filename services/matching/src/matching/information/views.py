"""The information sheet as it is shown: to each party its own, and no more than its proposal shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from html import escape
from typing import Any, Final
from uuid import UUID

from common.clock import business_day
from common.policy import Policies
from common.web import View
from events.words import Party
from matching.appeal.model import AppealTerms
from matching.information import wording
from matching.information.model import DECIDES, Appealing, Keeping, Maximum, appealing, last_day, maxima
from matching.proposal.model.proposal import Proposal
from matching.ranking import wording as ranking_words
from matching.ranking.model.assessment import Earned, Weighed
from matching.ranking.model.criteria import Factor
from matching.ranking.views import BandsView, ReasonView, Viewpoint, banded, points_of, reason_view
from rules.words import Language

APPEALS: Final = "/matching/v1/appeals"
_PARTIES: Final = {"company": Party.COMPANY, "school": Party.SCHOOL}
Say = Callable[[Language], str]


class SentenceView(View):
    """A sentence in both languages."""

    text_nl: str
    text_en: str


class FactView(SentenceView):
    """A fact that matching reads, of everybody alike, and where it comes from; not the value of anybody."""

    fact: str
    source_nl: str
    source_en: str


class DeclaredView(SentenceView):
    """A fact that is never used, or one that is watched."""

    fact: str


class MaximumView(SentenceView):
    """A factor or bonus, with the points that it gives at most under the rules of the proposal."""

    factor: str
    maximum: int
    points: float | None
    """Those that it gave; for the trainer, the desk and the programme."""


class AppealRouteView(SentenceView):
    """Whether the party can appeal to a person, where, and until when."""

    path: str | None
    """Null for an employer, about which nothing is decided."""
    lodge_within_days: int
    decide_within_days: int
    last_day: date | None
    """Null as long as the proposal has not ended."""


class InformationSheetView(View):
    """A proposal explained to one of its parties: what was used and what never, who decides, how to appeal."""

    proposal_id: UUID
    party: Party
    """The reader; the desk and the programme read the sheet of the trainer."""
    made_on: date
    policy_version: int
    """Of the rules under which it was made."""
    about: SentenceView
    asked: SentenceView
    """Why there is this proposal."""
    facts: list[FactView]
    factors: list[MaximumView]
    bands: BandsView | None
    """For school and company: what the list of candidates shows."""
    reasons: list[ReasonView] | None
    """How each rule was found, with its measures; for the trainer, the desk and the programme."""
    findings: list[ReasonView] | None
    """What was found when the last party consented; for the same."""
    purged: bool
    """Whether reasons and points are erased: their term is over, or the trainer was erased."""
    never_used: list[DeclaredView]
    watched: list[DeclaredView]
    """Facts that count and may stand for one that may not: how such people fare is counted."""
    decides: list[SentenceView]
    kept: list[SentenceView]
    appeal: AppealRouteView
    rights: list[SentenceView]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of now that a sheet names."""

    policies: Policies
    terms: AppealTerms
    keeping: Keeping
    today: date

    @classmethod
    def of(cls, policies: Policies, today: date) -> Rules:
        """Read the rows that hold today.

        Raises:
            Missing: one is not known here yet.
        """
        return cls(
            policies=policies, terms=AppealTerms.of(policies, today), keeping=Keeping.of(policies, today), today=today
        )


def sheet_view(proposal: Proposal, viewpoint: Viewpoint, rules: Rules) -> InformationSheetView:
    """Explain a proposal to one of its parties, or to who helps them."""
    party, exact = _PARTIES.get(viewpoint.viewer[0], Party.TRAINER), viewpoint.exact
    grounds, purged = proposal.grounds, not proposal.grounds.factors
    return InformationSheetView(
        proposal_id=proposal.id,
        party=party,
        made_on=business_day(proposal.made_at),
        policy_version=grounds.policy_version,
        about=_both("about", party),
        asked=_both("asked", _occasion(proposal, party)),
        facts=[
            FactView(
                fact=each.code,
                text_nl=each.words["nl"],
                text_en=each.words["en"],
                source_nl=wording.text("nl", "sources", each.source),
                source_en=wording.text("en", "sources", each.source),
            )
            for each in wording.FACTS
        ],
        factors=[_maximum(each) for each in maxima(rules.policies, proposal, given=exact)],
        bands=None if exact else BandsView(**banded(grounds.bands)),
        reasons=[reason_view(each) for each in grounds.reasons] if exact else None,
        findings=[reason_view(each) for each in proposal.findings] if exact else None,
        # A school that read this before the term is over would know that its candidate was erased.
        purged=exact and purged,
        never_used=[
            DeclaredView(fact=each.code, text_nl=each.words["nl"], text_en=each.words["en"]) for each in wording.NEVER
        ],
        watched=[
            DeclaredView(fact=each.code, text_nl=each.words["nl"], text_en=each.words["en"]) for each in wording.PROXIES
        ],
        decides=_decides(party),
        kept=_kept(rules.keeping),
        appeal=_appeal(proposal, party, rules),
        rights=[
            SentenceView(text_nl=nl, text_en=en)
            for nl, en in zip(
                wording.sentences("nl", "rights", party), wording.sentences("en", "rights", party), strict=True
            )
        ],
    )


def _occasion(proposal: Proposal, party: Party) -> str:
    """Return why there is the proposal; only its trainer reads which way matching went to it."""
    occasion = proposal.grounds.occasion
    if proposal.by != "matching" or party is not Party.TRAINER or occasion is None:
        return proposal.by
    return "matching" if occasion.kind == "search" else occasion.kind


def _both(group: str, key: str, **values: object) -> SentenceView:
    return SentenceView(
        text_nl=wording.text("nl", group, key, **values), text_en=wording.text("en", group, key, **values)
    )


def _maximum(found: Maximum) -> MaximumView:
    say = partial(_factor, found)
    given = None if found.given is None else points_of(found.given)
    return MaximumView(factor=found.factor, maximum=found.points, points=given, text_nl=say("nl"), text_en=say("en"))


def _factor(found: Maximum, language: Language) -> str:
    """Return a factor with its points where they are shown, else with its maximum."""
    factor = wording.text(language, "factors", found.factor)
    if found.given is None:
        return wording.text(language, "factors", "maximum", factor=factor, maximum=found.points)
    if not found.given:
        return wording.text(language, "factors", "none", factor=factor, maximum=found.points)
    if isinstance(found.factor, Factor):
        weighed = Weighed(factor=found.factor, score=found.score, weight=found.points)
        return ranking_words.factor(weighed, language)
    return ranking_words.bonus(Earned(bonus=found.factor, points=found.points), language)


def _decides(party: Party) -> list[SentenceView]:
    shown = [_both("decides", key) for key in DECIDES]
    own = [wording.of_party(language, "refuse", party) for language in ("nl", "en")]
    return [*shown, SentenceView(text_nl=own[0], text_en=own[1])] if all(own) else shown


def _kept(keeping: Keeping) -> list[SentenceView]:
    return [
        _both("kept", "grounds", weeks=keeping.weeks),
        _both("kept", "rankings", days=keeping.rankings_days),
        _both("kept", "appeals", days=keeping.appeals_days),
        _both("kept", "proposal"),
        _both("kept", "erased"),
    ]


def _appeal(proposal: Proposal, party: Party, rules: Rules) -> AppealRouteView:
    terms, last = rules.terms, last_day(proposal, rules.terms)
    state = appealing(proposal, party, terms, rules.today)

    def say(language: Language) -> str:
        day = "" if last is None else wording.day(language, last)
        now = wording.text(language, "appeal", state, day=day)
        if state in {Appealing.COMPANY, Appealing.OVER}:
            return now
        said = [now, wording.text(language, "appeal", "person", decide=terms.decide_within_days)]
        if state in {Appealing.OPEN, Appealing.SETTLED}:
            said.insert(1, wording.text(language, "appeal", "later", lodge=terms.lodge_within_days))
        return " ".join(said)

    return AppealRouteView(
        path=None if state is Appealing.COMPANY else APPEALS,
        lodge_within_days=terms.lodge_within_days,
        decide_within_days=terms.decide_within_days,
        last_day=last,
        text_nl=say("nl"),
        text_en=say("en"),
    )


# -- as a page ----------------------------------------------------------------------------------------------------


def as_page(sheet: InformationSheetView) -> str:
    """Return the sheet as a page that a browser and a screen reader read: Dutch first, then English."""
    parts = "".join(f'<section lang="{language}">{_part(sheet, language)}</section>' for language in ("nl", "en"))
    title = escape(wording.text("nl", "titles", "page"))
    return (
        '<!DOCTYPE html><html lang="nl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title></head><body><main>{parts}</main></body></html>"
    )


def _part(sheet: InformationSheetView, language: Language) -> str:
    def text(view: Any) -> str:
        return escape(view.text_nl if language == "nl" else view.text_en)

    def section(key: str, *shown: str, said: str = "") -> str:
        items = "".join(f"<li>{each[:1].upper()}{each[1:]}</li>" for each in shown)
        return f"<h2>{escape(wording.text(language, 'titles', key))}</h2>{said}<ul>{items}</ul>" if shown else ""

    came_from = wording.text(language, "titles", "source")
    facts = [
        f"{text(each)}. {escape(came_from)}: {escape(each.source_nl if language == 'nl' else each.source_en)}."
        for each in sheet.facts
    ]
    reasons = [text(each) for each in sheet.reasons or ()]
    watching = f"<p>{escape(wording.text(language, 'titles', 'watching'))}</p>"
    if sheet.purged:
        reasons = [escape(wording.text(language, "reasons", "purged"))]
    return "".join(
        (
            f"<h1>{escape(wording.text(language, 'titles', 'page'))}</h1>",
            section("about", text(sheet.about)),
            section("asked", text(sheet.asked)),
            section("decides", *map(text, sheet.decides)),
            section("bands", *map(escape, _bands(sheet.bands, language))),
            section("reasons", *reasons),
            section("findings", *map(text, sheet.findings or ())),
            section("factors", *map(text, sheet.factors)),
            section("facts", *facts),
            section("never", *map(text, sheet.never_used)),
            section("watched", *map(text, sheet.watched), said=watching),
            section("kept", *map(text, sheet.kept)),
            section("appeal", text(sheet.appeal)),
            section("rights", *map(text, sheet.rights)),
        )
    )


def _bands(bands: BandsView | None, language: Language) -> list[str]:
    if bands is None:
        return []
    shown = {name: value for name, value in dict(bands).items() if value is not None}
    if not shown:
        return [wording.text(language, "titles", "no_bands")]
    said = {**shown, "subject": wording.text(language, "bands", shown["subject"])} if "subject" in shown else shown
    return [f"{wording.text(language, 'bands', name)}: {value}" for name, value in said.items()]
