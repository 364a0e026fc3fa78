"""A ranking can be repeated from its snapshot: the same bytes, or a clear no."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from hypothesis import given
from pydantic import ValidationError

from common.policy import Policies
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.profile.model.week import Week
from matching.ranking.model import replay
from matching.ranking.model.ranking import rank
from matching.ranking.model.replay import OtherRuleset, Snapshot, canonical, outcome, ruleset
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.opening import Opening
from rules.forms import Form, SchoolType, TeachingRole
from rules.qualification import Credential, Held
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    COMPANY,
    CROWDS,
    FRIDAY_MORNING,
    GRONINGEN,
    OPENINGS,
    POLICIES,
    POOLS,
    TODAY,
    VACANCIES,
    opening,
    trainer,
)


@given(OPENINGS | VACANCIES, POOLS | CROWDS)
def test_a_replay_gives_the_same_bytes(place: Opening, people: list[Profile]) -> None:
    kept = Snapshot.of(place, Pool(people), POLICIES, TODAY).encode()
    again = Snapshot.parse(kept)
    assert again.encode() == kept
    assert outcome(again.replay()) == outcome(rank(place, Pool(people), POLICIES, TODAY))


def test_equal_inputs_are_equal_bytes_in_any_order() -> None:
    people = [trainer(number, languages=frozenset({"nl", "en", "de", "fr"})) for number in range(1, 5)]
    one = Snapshot.of(opening(), Pool(people), POLICIES, TODAY)
    other = Snapshot.of(opening(), Pool(people[::-1]), POLICIES, TODAY)
    assert one.encode() == other.encode()


def test_another_policy_row_is_another_ruleset() -> None:
    assert ruleset(POLICIES) != ruleset(POLICIES.with_value("matching.weights", subject=31))
    reordered = Policies.of(row for group in reversed([*POLICIES.rows.values()]) for row in reversed(group))
    assert ruleset(reordered) == ruleset(POLICIES)


def test_a_replay_under_other_rules_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Snapshot.of(opening(), Pool([trainer()]), POLICIES, TODAY)
    monkeypatch.setattr(replay, "EDITION", replay.EDITION + 1)
    with pytest.raises(OtherRuleset, match=kept.ruleset):
        kept.replay()


def test_something_else_is_no_snapshot() -> None:
    with pytest.raises(ValidationError):
        Snapshot.parse(b'{"opening": 1}')


def test_the_outcome_keeps_everybody_in_columns_and_the_shortlist_in_words() -> None:
    people = [trainer(3), trainer(1, paused=True), trainer(2, place=AMERSFOORT), trainer(4, languages=frozenset())]
    kept = json.loads(outcome(rank(opening(), Pool(people), POLICIES, TODAY)))
    assert [UUID(each).int for each in kept["trainers"]] == [3, 2, 1, 4]
    assert kept["failed"] == [0, 0, HardRule.AVAILABLE, HardRule.LANGUAGE]
    assert kept["kilometres"] == [0, 20, 0, 0]
    assert kept["totals"] == [1_050_000, 975_000, 1_050_000, 1_050_000]
    assert [UUID(each["trainer_id"]).int for each in kept["shortlist"]] == [3, 2]
    assert {reason["rule"] for reason in kept["shortlist"][0]["verdict"]["reasons"]} >= {"DISTANCE", "GUEST", "R1"}
    assert (kept["policy_version"], kept["complete"], kept["reserve"]) == (7, True, 0)


def test_canonical_bytes_have_one_form() -> None:
    assert canonical({"b": frozenset({"z", "a"}), "a": TODAY}) == b'{"a":"2026-11-02","b":["a","z"]}'


def test_the_golden_case_moves_only_with_the_edition() -> None:
    """Whoever changes what a ranking says raises ``EDITION`` and writes the new figures here."""
    people = [
        trainer(1, subjects=frozenset({"pie"}), months=12, minutes_per_week=None),
        trainer(2, place=AMERSFOORT, company_id=COMPANY, forms=(Form.GUEST, Form.SECONDMENT)),
        trainer(3, place=GRONINGEN, travel_limit_km=200, school_types=frozenset({SchoolType.HBO})),
        trainer(4, availability=Week.of([(2, 600, 700)]), minutes_taken=30, minutes_per_week=480),
        trainer(5, availability=FRIDAY_MORNING, paused=True, company_id=COMPANY, company_agreed=False),
        trainer(6, held=(Held(credential=Credential.PDG),), minutes_taken=200),
    ]
    place = opening(forms=(Form.SECONDMENT, Form.GUEST), structural=True, role=TeachingRole.GUEST_LECTURER)
    evidence = rank(place, Pool(people), POLICIES, TODAY).evidence
    assert replay.EDITION == 3
    figures = zip(
        evidence.scores.totals.tolist(),
        evidence.screening.kilometres.tolist(),
        evidence.screening.minutes.tolist(),
        evidence.screening.failed.tolist(),
        strict=True,
    )
    assert list(figures) == [
        (800_000, 0, 210, 0),
        (950_000, 20, 210, 0),
        (755_750, 159, 210, HardRule.SCHOOL_TYPE),
        (865_000, 0, 70, HardRule.ROSTER_OVERLAP),
        (825_000, 0, 0, HardRule.AVAILABLE | HardRule.ROSTER_OVERLAP),
        (834_520, 0, 10, HardRule.ROSTER_OVERLAP),
    ]
