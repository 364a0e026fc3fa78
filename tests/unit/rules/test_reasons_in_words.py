"""Every reason that a check can give has words in both languages, and nothing else has."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from common.policy import Policies
from rules import words, working_time
from rules.eligibility import Credential, Obligation

ROOT = Path(__file__).parents[3]
JUDGES = (
    *ROOT.glob("libs/rules/src/rules/*.py"),
    *ROOT.glob("services/*/src/**/*.py"),
)
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def _constants(tree: ast.AST) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }


def _imports_reason(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "common.decision"
        and "Reason" in {a.name for a in node.names}
        for node in ast.walk(tree)
    )


def _hard_rules(tree: ast.AST) -> set[str]:
    """Return the members of enumerations whose name is a code of a reason: they have ``code``."""
    return {
        target.id
        for kind in ast.walk(tree)
        if isinstance(kind, ast.ClassDef)
        and any(isinstance(each, ast.FunctionDef) and each.name == "code" for each in kind.body)
        for node in kind.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


@pytest.fixture(scope="module")
def codes(policies: Policies) -> set[str]:
    """Return the codes: those in modules that make reasons, those of hard rules, and those that policies name."""
    found: set[str] = set()
    for file in JUDGES:
        tree = ast.parse(file.read_text("utf-8"))
        found |= _hard_rules(tree)
        if _imports_reason(tree):
            found |= _constants(tree)
    for code, rows in policies.rows.items():
        if code.startswith("qualification.ground."):
            found |= {row.value["ground"] for row in rows}
        if code.startswith("contract_items."):
            found |= {item["code"] for row in rows for item in row.value["items"]}
        if code == "self_employment":
            found |= {f"SELF_EMPLOYMENT.{signal}" for row in rows for signal in (*row.value["points"], "embedded")}
    return found


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_code_of_a_reason_has_words_and_no_other_has(language: words.Language, codes: set[str]) -> None:
    assert set(words.CATALOGUES[language]["rules"]) == codes


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    return len(value) if isinstance(value, list) else type(value)


def test_both_languages_say_the_same_with_as_many_texts() -> None:
    dutch, english = (_shape(words.CATALOGUES[language]) for language in words.LANGUAGES)
    assert dutch == english


def test_a_text_is_one_line_that_goes_on_in_a_list() -> None:
    for language in words.LANGUAGES:
        for code, said in words.CATALOGUES[language]["rules"].items():
            texts = [said] if isinstance(said, str) else said
            assert len(set(texts)) == len(texts), code
            for text in texts:
                assert text == text.strip(), code
                assert not text.endswith("."), code
                assert "_" not in text, code


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_proof_and_every_obligation_has_words(language: words.Language) -> None:
    assert set(Credential) <= set(words.LABELS[language])
    assert set(words.CATALOGUES[language]["obligations"]) == set(Obligation)
    assert {words.obligation(language, each) for each in Obligation}
    for proof in Credential:
        assert words.proof(language, proof) != proof
        assert words.proof(language, f"{proof}:own_subject").startswith(words.proof(language, proof))
    assert words.proof(language, "licence_of_tomorrow") == "licence_of_tomorrow"


def test_every_unit_of_a_measure_has_words() -> None:
    """Units of codes and days have none, and a fraction is a percentage."""
    units = {
        unit for file in JUDGES if _imports_reason(tree := ast.parse(file.read_text("utf-8"))) for unit in _units(tree)
    }
    without = {"credentials", "employed", "day", "fraction"}
    assert without <= units
    assert (units - without) | {working_time.USED} == set(words.CATALOGUES["nl"]["units"])


def _units(tree: ast.AST) -> set[str]:
    """Return the texts that stand where a unit does: by name, in a call that makes a reason, in a row of measures."""
    given: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given += [keyword.value for keyword in node.keywords if keyword.arg == "unit"]
            if ast.unparse(node.func) == "_reason":
                given += node.args
        if isinstance(node, ast.comprehension) and isinstance(node.iter, ast.Tuple):
            given += [each for row in node.iter.elts if isinstance(row, ast.Tuple) for each in row.elts]
    texts = {each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return {text for text in texts if text and not CODE.fullmatch(text)}


@pytest.mark.parametrize(
    ("outcome", "measured", "limit", "unit", "text"),
    [
        ("block", "3000", "2880", "minutes", "te veel werkuren in een week (het is 50 uur, de grens is 48 uur)"),
        ("warn", "3000", None, "minutes", "te veel werkuren in een week (het is 50 uur)"),
        ("pass", "0.205", "0.2", "fraction", "niet te veel werkuren in een week (het is 20,5 %, de grens is 20 %)"),
        (
            "review",
            "2026-08-01",
            "2026-09-01",
            "day",
            "te veel werkuren in een week (het is 1 augustus 2026, de grens is 1 september 2026)",
        ),
        ("pass", "free, bound", "true", "credentials", "niet te veel werkuren in een week"),
        ("pass", None, None, "", "niet te veel werkuren in een week"),
        ("block", "3", None, "fortnights", "te veel werkuren in een week (het is 3 fortnights)"),
    ],
)
def test_a_reason_says_its_outcome_and_the_numbers_and_days_behind_it(
    outcome: str, measured: str | None, limit: str | None, unit: str, text: str
) -> None:
    assert words.reason("nl", rule="R2", outcome=outcome, measured=measured, limit=limit, unit=unit) == text


def test_a_code_that_this_version_does_not_know_is_shown_itself_and_a_signal_as_its_rule() -> None:
    assert words.reason("en", rule="NEW_RULE", outcome="pass") == "NEW_RULE"
    assert words.reason("en", rule="SELF_EMPLOYMENT.ownTools", outcome="pass") == "possibly false self-employment"
    assert words.reason("en", rule="VOG_NOT_ASKED", outcome="pass") == "no certificate of conduct is needed here"


@pytest.mark.parametrize(
    ("language", "measured", "text"),
    [
        ("nl", "2760", "dicht bij een grens van de arbeidstijdenwet (46 van 48 uur)"),
        ("en", "2760", "close to a limit of the working-time law (46 of 48 hours)"),
        ("nl", "2795.25", "dicht bij een grens van de arbeidstijdenwet (46,5 van 48 uur)"),
        ("en", "2879", "close to a limit of the working-time law (47.9 of 48 hours)"),
    ],
)
def test_the_used_part_of_a_limit_is_in_hours_and_never_looks_reached_before_it_is(
    language: words.Language, measured: str, text: str
) -> None:
    """Before: 2760 minutes of 2304, where people think in hours of 48."""
    shown = words.reason(language, rule="R7", outcome="warn", measured=measured, limit="2880", unit=working_time.USED)
    assert shown == text


@pytest.mark.parametrize(
    ("minutes", "dutch", "english"),
    [
        (0, "0 minuten", "0 minutes"),
        (1, "1 minuut", "1 minute"),
        (45, "45 minuten", "45 minutes"),
        (60, "1 uur", "1 hour"),
        (61, "1 uur en 1 minuut", "1 hour and 1 minute"),
        (450, "7 uur en 30 minuten", "7 hours and 30 minutes"),
        (-270, "-4 uur en 30 minuten", "-4 hours and 30 minutes"),
    ],
)
def test_minutes_are_written_as_hours_and_minutes(minutes: int, dutch: str, english: str) -> None:
    assert (words.duration(minutes, "nl"), words.duration(minutes, "en")) == (dutch, english)


@pytest.mark.parametrize(
    ("cents", "dutch", "english"),
    [(0, "€ 0,00", "€0.00"), (1250, "€ 12,50", "€12.50"), (123456789, "€ 1.234.567,89", "€1,234,567.89")],
)
def test_cents_are_written_as_euros(cents: int, dutch: str, english: str) -> None:
    assert (words.euros(cents, "nl"), words.euros(cents, "en")) == (dutch, english)


@pytest.mark.parametrize(
    ("rule", "measured", "limit", "unit", "text"),
    [
        ("RATE_BAND", "9500", "8500", "cents/hour", "(het is € 95,00 per uur, de grens is € 85,00 per uur)"),
        (
            "GUEST_CAP",
            "15300",
            "14400",
            "minutes/school year",
            "(het is 255 uur per schooljaar, de grens is 240 uur per schooljaar)",
        ),
        ("DISTANCE", "52.50", "40", "km", "(het is 52,5 km, de grens is 40 km)"),
        ("CHAIN_MONTHS", "40", "36", "months", "(het is 40 maanden, de grens is 36 maanden)"),
    ],
)
def test_a_measure_is_written_with_its_unit_as_people_do(
    rule: str, measured: str, limit: str, unit: str, text: str
) -> None:
    said = words.reason("nl", rule=rule, outcome="block", measured=measured, limit=limit, unit=unit)
    assert said.endswith(text)


def test_help_is_for_rules_that_can_be_in_the_way(codes: set[str]) -> None:
    for language in words.LANGUAGES:
        assert set(words.HELPS[language]) <= codes
        for code, parties in words.HELPS[language].items():
            assert parties, code
            assert set(parties) <= {"trainer", "school", "company"}, code
            assert not any(text.endswith(".") or text != text.strip() for text in parties.values()), code


def test_both_languages_help_the_same_parties() -> None:
    dutch, english = ({code: set(parties) for code, parties in words.HELPS[each].items()} for each in words.LANGUAGES)
    assert dutch == english


def test_help_is_named_per_party_and_once() -> None:
    found = words.helps("nl", ["R2", "R3", "VOG_MISSING", "NEW_RULE"])
    assert found == {
        "school": ["minder uren per week vragen"],
        "company": ["minder uren vragen in de weken met les"],
        "trainer": ["de VOG laten zien"],
    }
