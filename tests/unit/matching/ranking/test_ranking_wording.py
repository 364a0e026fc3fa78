"""A ranking in words: complete in both languages, without a code or a number that people do not say."""

from __future__ import annotations

import inspect
import re
from string import Formatter

import pytest

from matching.ranking import wording
from matching.ranking.model import changes, outlook
from matching.ranking.model.assessment import Earned, ExpectationGap, Hint, Side, Weighed
from matching.ranking.model.criteria import Bonus, Factor
from rules import words
from rules.eligibility import Credential
from rules.forms import Form, SchoolType, TeachingRole
from rules.words import LANGUAGES, Language
from tests.unit.matching.ranking.ranking_examples import POLICIES, TODAY


def shape(catalogue: object) -> object:
    if isinstance(catalogue, dict):
        return {name: shape(each) for name, each in catalogue.items()}
    if isinstance(catalogue, list):
        return len(catalogue)
    return sorted(name for _, name, _, _ in Formatter().parse(str(catalogue)) if name)


def test_both_languages_have_the_same_texts_with_the_same_fields() -> None:
    dutch, english = (shape(wording.CATALOGUES[language]) for language in LANGUAGES)
    assert dutch == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_wish_has_a_label(language: Language) -> None:
    labels = words.LABELS[language]
    codes = {code for kind in (Form, TeachingRole, SchoolType, Credential) for code in kind}
    related = POLICIES.on("matching.subjects", TODAY).value["related"]
    assert codes | {subject for group in related for subject in group} <= labels.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_factor_and_bonus_has_words(language: Language) -> None:
    for factor in Factor:
        texts = {wording.factor(Weighed(factor=factor, score=score, weight=30), language) for score in (10_000, 1, 0)}
        assert len(texts) == 3
    assert {wording.bonus(Earned(bonus=bonus, points=5), language) for bonus in Bonus}


def test_a_factor_is_said_with_its_maximum() -> None:
    half = Weighed(factor=Factor.SUBJECT, score=5_000, weight=25)
    assert wording.factor(half, "nl") == "een verwant vak (12,5 van 25 punten)"
    assert wording.factor(half, "en") == "a related subject (12.5 of 25 points)"
    assert (
        wording.bonus(Earned(bonus=Bonus.SHORTAGE, points=5), "nl")
        == "werkt in een vak met een tekort (5 van 5 punten)"
    )


HALF_AN_HOUR = "De school vraagt 30 minuten per week meer dan de hto'er wil."


@pytest.mark.parametrize(
    ("minutes", "months", "dutch"),
    [
        (0, 0, ""),
        (60, 0, "De school vraagt 1 uur per week meer dan de hto'er wil."),
        (-210, 0, "De school vraagt 3 uur en 30 minuten per week minder dan de hto'er wil."),
        (0, 1, "De school vraagt 1 maand langer dan de hto'er wil."),
        (30, -6, f"{HALF_AN_HOUR} De school vraagt 6 maanden korter dan de hto'er wil."),
    ],
)
def test_the_gap_is_said_in_hours_and_months(minutes: int, months: int, dutch: str) -> None:
    assert wording.gap(ExpectationGap(minutes_per_week=minutes, months=months), "nl") == dutch


@pytest.mark.parametrize(
    ("hint", "dutch"),
    [
        (
            Hint(rule="ROSTER_OVERLAP", by=Side.TRAINER, change="be-available", needed="2 08:30-12:00", unit="slot"),
            "De hto'er kan ook op dinsdag 08:30-12:00.",
        ),
        (
            Hint(rule="ELIGIBILITY", by=Side.SCHOOL, change="ask-minutes", needed=360, current=480, unit="min/week"),
            "De school vraagt 6 uur per week; nu is dat 8 uur.",
        ),
        (
            Hint(rule="ELIGIBILITY", by=Side.TRAINER, change="qualify", needed="pdg", unit="credential"),
            "De hto'er heeft ook dit bewijs: een pedagogisch-didactisch getuigschrift (PDG).",
        ),
        (
            Hint(rule="VOG", by=Side.SCHOOL, change="start-later", needed="2026-11-30", unit="day"),
            "De school begint op 30-11-2026.",
        ),
        (
            Hint(rule="extent", by=Side.TRAINER, change="want-months", needed=6, unit="months"),
            "De hto'er wil 6 maanden meedoen.",
        ),
        (Hint(rule="COMPANY_CONSENT", by=Side.COMPANY, change="agree"), "De werkgever stemt ermee in."),
        (
            Hint(rule="SUBJECT", by=Side.SCHOOL, change="ask-subject", needed="unheard-of"),
            "De school vraagt dit vak: unheard-of.",
        ),
    ],
)
def test_a_change_is_a_sentence_about_the_side_that_makes_it(hint: Hint, dutch: str) -> None:
    assert wording.change(hint, "nl") == dutch


def test_every_change_that_is_ever_named_has_words() -> None:
    source = inspect.getsource(changes)
    named = set(re.findall(r'_(?:school|trainer)\(\s*[^,]+,\s*"([a-z-]+)"', source))
    named |= set(re.findall(r'change="([a-z-]+)"', source))
    named |= set(re.findall(r'_only\(HardRule\.\w+, "([a-z-]+)"', source))
    named |= set(re.findall(r'_option\("([a-z-]+)"', inspect.getsource(outlook)))
    assert named == set(wording.CATALOGUES["nl"]["changes"])


def test_an_outlook_is_said_without_a_small_number() -> None:
    assert wording.outlook(10, 5, "nl", allowed=True) == "Mogelijk: er passen nu minstens 10 mensen."
    assert wording.outlook(None, 5, "nl", allowed=True) == "Er passen nu minder dan 5 mensen."
    assert wording.outlook(None, 5, "en", allowed=False).startswith("Nobody is allowed")


@pytest.mark.parametrize(
    ("others", "at_once", "percent", "turn", "dutch"),
    [
        (None, 1, (100, 100), "free", "Eerst wordt 1 persoon gevraagd. De kans dat u daarbij bent, schatten wij"),
        (5, 3, (30, 50), "free", "Eerst worden 3 mensen tegelijk gevraagd. De kans dat u daarbij bent,"),
        (5, 3, None, "had", "Er passen minstens 5 anderen. U bent hiervoor al gevraagd."),
        (None, 3, None, "elsewhere", "Er passen minder dan 5 anderen. Dit schoolbestuur vraagt u nu voor ander werk."),
    ],
)  # fmt: skip
def test_the_odds_are_said_as_an_estimate(
    others: int | None, at_once: int, percent: tuple[int, int] | None, turn: str, dutch: str
) -> None:
    assert dutch in wording.odds(others, 5, at_once, percent, turn, "nl")
    assert wording.odds(others, 5, at_once, percent, turn, "en").count("{") == 0
