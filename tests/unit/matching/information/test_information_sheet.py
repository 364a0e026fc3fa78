"""An information sheet says to each party what is true of its proposal, and to none what its proposal does not show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest

from common.decision import Outcome, Reason
from common.policy import Policies
from events.words import Party
from matching.appeal.model import AppealTerms
from matching.information import wording
from matching.information.model import Appealing, appealing, last_day, maxima
from matching.information.views import InformationSheetView, Rules, as_page, sheet_view
from matching.proposal.model.grounds import Occasion
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.ranking.model.blindness import Bands, Pseudonyms, Viewer
from matching.ranking.model.criteria import Bonus, Factor
from matching.ranking.model.screening import HardRule
from matching.ranking.views import Viewpoint
from registry.policy.usecases import built_in_policies
from tests.unit.matching.proposal.proposal_examples import GROUNDS, LATER, proposal

RULES: Final = Policies.of(built_in_policies())
TODAY: Final = date(2026, 11, 6)
TERMS: Final = AppealTerms.of(RULES, TODAY)
FAR: Final = Reason(rule="DISTANCE", outcome=Outcome.PASS, measured=17, limit=41, unit="km")
MEASURED: Final = replace(
    GROUNDS,
    factors={"subject": 300_000, "distance": 71_250, "form": 0, "shortage": 50_000},
    kilometres=17,
    reasons=(FAR,),
    bands=Bands(subject="related", distance_km="10-25"),
)
TRAINER: Final[Viewer] = ("trainer", str(UUID(int=1)))
SCHOOL: Final[Viewer] = ("school", str(UUID(int=1003)))
COMPANY: Final[Viewer] = ("company", str(UUID(int=77)))
DESK: Final[Viewer] = ("desk", "AM13")


def sheet(viewer: Viewer, of: Proposal | None = None, rules: Policies = RULES) -> InformationSheetView:
    of = of or proposal(grounds=MEASURED)
    return sheet_view(of, Viewpoint(viewer, Pseudonyms(b"key")), Rules.of(rules, TODAY))


@pytest.mark.parametrize(
    ("other", "party", "found"),
    [
        ({}, Party.TRAINER, Appealing.OPEN),
        ({}, Party.COMPANY, Appealing.COMPANY),
        ({"status": Status.ACCEPTED}, Party.SCHOOL, Appealing.SETTLED),
        ({"reason": "vacancy_filled"}, Party.TRAINER, Appealing.NOW),
        ({"reason": "vacancy_filled"}, Party.SCHOOL, Appealing.OPEN),
        ({"status": Status.DECLINED, "ended_at": LATER}, Party.SCHOOL, Appealing.UNTIL),
    ],
)
def test_a_party_reads_whether_it_can_appeal(other: dict[str, Any], party: Party, found: Appealing) -> None:
    assert appealing(proposal(**other), party, TERMS, TODAY) is found


def test_the_last_day_to_appeal_is_the_one_on_which_the_appeal_is_still_taken() -> None:
    ended = proposal(status=Status.DECLINED, ended_at=LATER)
    last = last_day(ended, TERMS)
    assert last == date(2026, 12, 3)
    TERMS.check(ended, last, by_trainer=True)
    assert appealing(ended, Party.TRAINER, TERMS, last) is Appealing.UNTIL
    assert appealing(ended, Party.TRAINER, TERMS, date(2026, 12, 4)) is Appealing.OVER
    assert last_day(proposal(), TERMS) is None


def test_points_are_those_of_the_rules_under_which_it_was_proposed() -> None:
    row = RULES.on("matching.weights", TODAY)
    later = Policies.of(
        [
            *(each for group in RULES.rows.values() for each in group),
            replace(row, version=8, value={**row.value, "subject": 99}),
        ]
    )
    then = {each.factor: each for each in maxima(later, proposal(grounds=MEASURED), given=True)}
    assert (then[Factor.SUBJECT].points, then[Factor.SUBJECT].given, then[Factor.SUBJECT].score) == (
        30,
        300_000,
        10_000,
    )
    assert (then[Factor.FORM].given, then[Factor.FORM].score) == (0, 0)
    newer = maxima(later, proposal(grounds=replace(MEASURED, policy_version=8)), given=False)
    assert (newer[0].points, newer[0].given) == (99, None)


def test_a_trainer_reads_each_rule_with_its_measure_and_each_factor_with_its_points() -> None:
    read = sheet(TRAINER)
    assert [(each.rule, each.measured, each.limit) for each in read.reasons or ()] == [("DISTANCE", "17", "41")]
    by_factor = {each.factor: each for each in read.factors}
    assert by_factor["subject"].text_nl == "het vak past helemaal (30 van 30 punten)"
    assert by_factor["form"].text_nl == "de vorm: geen punten (hoogstens 10)"
    assert by_factor["shortage"].text_en.endswith("(5 of 5 points)")
    assert (by_factor["distance"].points, by_factor["distance"].maximum) == (7.125, 15)
    assert {*by_factor} == {*Factor, *Bonus}
    assert read.decides[-1].text_nl.startswith("U mag nee zeggen, ook na uw ja")
    assert read.bands is None


@pytest.mark.parametrize("viewer", [SCHOOL, COMPANY])
def test_a_sheet_before_the_reveal_is_the_same_for_two_who_look_the_same(viewer: Viewer) -> None:
    """Whatever matching measured of them: their bands are the same, and so is everything else."""
    one = proposal(grounds=MEASURED)
    other = replace(
        one,
        trainer_id=UUID(int=2),
        findings=(FAR,),
        grounds=replace(
            MEASURED,
            rank=5,
            score=1,
            points=1,
            factors={},
            kilometres=24,
            minutes=180,
            gap_minutes=30,
            gap_months=2,
            reasons=(),
            ranking_id=UUID(int=9),
            classes={"hours_wanted": "0-240"},
            occasion=Occasion(kind="plan", free=2, asked=1, chance=3000, plan_id=UUID(int=6), wave=2),
        ),
    )
    assert sheet(viewer, one) == sheet(viewer, other)
    assert sheet(viewer, one).bands is not None
    assert sheet(viewer, one).reasons is None
    assert all(each.points is None for each in sheet(viewer, one).factors)
    assert "17" not in as_page(sheet(viewer, one))


@pytest.mark.parametrize(
    ("kind", "by", "begins"),
    [
        ("search", "matching", "Ons systeem heeft de hto'ers vergeleken"),
        ("waiting_list", "matching", "De vacature wachtte"),
        ("plan", "matching", "Ons systeem heeft een plan gemaakt"),
        ("choice", "school", "De school heeft deze kandidaat zelf gekozen"),
        ("choice", "desk", "Het regioloket heeft deze kandidaat zelf gekozen"),
    ],
)
def test_a_trainer_reads_why_they_were_asked_and_not_how_many_others_are(kind: Any, by: Any, begins: str) -> None:
    occasion = Occasion(kind=kind, free=23, asked=29, together=31, chance=3700)
    read = sheet(TRAINER, proposal(by=by, grounds=replace(MEASURED, occasion=occasion)))
    assert read.asked.text_nl.startswith(begins)
    for number in ("23", "29", "31"):
        assert number not in read.asked.text_nl + read.asked.text_en


def test_the_desk_reads_the_sheet_of_the_trainer() -> None:
    assert sheet(DESK) == sheet(TRAINER)
    assert (sheet(DESK).party, sheet(SCHOOL).party, sheet(COMPANY).party) == ("trainer", "school", "company")


def test_a_sheet_whose_grounds_were_purged_says_so_to_the_trainer() -> None:
    purged = proposal(grounds=MEASURED.emptied())
    assert (sheet(TRAINER, purged).purged, sheet(SCHOOL, purged).purged) == (True, False)
    assert "De redenen zijn gewist" in as_page(sheet(TRAINER, purged))
    assert [each.points for each in sheet(TRAINER, purged).factors] == [None] * (len(Factor) + len(Bonus))


def test_an_employer_has_no_appeal_and_a_late_party_none_any_more() -> None:
    assert sheet(COMPANY).appeal.path is None
    late = proposal(status=Status.EXPIRED, ended_at=LATER.replace(month=9))
    assert sheet(TRAINER, late).appeal.text_nl.startswith("De laatste dag om bezwaar te maken was")
    ended = sheet(TRAINER, proposal(status=Status.EXPIRED, ended_at=LATER)).appeal
    assert ended.path == "/matching/v1/appeals"
    assert ended.text_nl.startswith("U kunt bezwaar maken tot en met 3 december 2026. Een medewerker")


def test_terms_are_those_of_the_policies() -> None:
    other = RULES.with_value("matching.appeal", lodgeWithinDays=11, decideWithinDays=13)
    other = other.with_value("retention.rankings", days=400).with_value("retention.declined_proposal", weeks=9)
    read = sheet(TRAINER, rules=other)
    assert "11 dagen" in read.appeal.text_nl
    assert "13 days" in read.appeal.text_en
    kept = " ".join(each.text_nl for each in read.kept)
    assert "9 weken" in kept
    assert "400 dagen" in kept


def test_the_page_reads_like_the_sheet_in_both_languages() -> None:
    page = as_page(sheet(SCHOOL))
    assert page.startswith('<!DOCTYPE html><html lang="nl">')
    assert page.count("<h1>") == 2
    assert '<section lang="en">' in page
    assert "<li>Vak: een verwant vak</li>" in page
    assert "<li>Afstand in km: 10-25</li>" in page
    assert "hto&#x27;er" in page, "text is escaped"
    nothing = as_page(sheet(SCHOOL, proposal(grounds=replace(MEASURED, bands=Bands()))))
    assert wording.text("nl", "titles", "no_bands") in nothing
    alone = as_page(sheet(SCHOOL, proposal(grounds=replace(MEASURED, bands=Bands(distance_km="0-10")))))
    assert "<li>Vak:" not in alone


def test_the_page_keeps_apart_what_was_found_when_everybody_had_agreed() -> None:
    title = wording.text("nl", "titles", "findings")
    assert title not in as_page(sheet(TRAINER))
    settled = as_page(sheet(TRAINER, proposal(grounds=MEASURED, status=Status.ACCEPTED, findings=(FAR,))))
    assert settled.count("De reisafstand is goed") == settled.count(title) + 1 == 2


def test_both_languages_have_the_same_sentences() -> None:
    nl, en = (_shape(wording.CATALOGUES[language]) for language in ("nl", "en"))
    assert nl == en


def _shape(catalogue: Any) -> Any:
    if isinstance(catalogue, dict):
        return {name: _shape(each) for name, each in catalogue.items()}
    return len(catalogue) if isinstance(catalogue, list) else "text"


def test_every_rule_and_factor_that_a_fact_serves_is_one() -> None:
    served = {each for fact in wording.FACTS for each in fact.purpose}
    known = {rule.code for rule in HardRule} | {*Factor, *Bonus}
    assert served >= known, "each rule and factor reads a declared fact"
    assert served - known == {"all", "order", "number", "lot", "figures"}
