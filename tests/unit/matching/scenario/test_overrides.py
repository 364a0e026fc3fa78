"""Overrides of rules are checked before anything is computed under them: each fault names its field and reason."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Invalid
from common.web import wording
from matching.scenario.model.overrides import Override, Sweep, points, under
from tests.unit.matching.ranking.ranking_examples import BUILT_IN, TODAY

GUEST = "qualification.ground.guest"
A_GROUND = {**BUILT_IN.on("qualification.ground.mbo_practice", TODAY).value, "ground": "NEW_GROUND"}


def changed(code: str, **value: Any) -> Override:
    return Override(code=code, value=value)


def faults(*overrides: Override, sweep: Sweep | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        points(BUILT_IN, overrides, sweep, TODAY)
    return [(each.name, str(each.reason)) for each in refused.value.params]


def test_no_override_changes_nothing() -> None:
    assert under(BUILT_IN, [], TODAY) is BUILT_IN
    assert points(BUILT_IN, [], None, TODAY) == (BUILT_IN,)


def test_an_override_changes_the_named_values_of_one_rule_and_nothing_else() -> None:
    found = under(BUILT_IN, [changed(GUEST, maxMinutesPerWeek=480)], TODAY)
    before, after = BUILT_IN.on(GUEST, TODAY).value, found.on(GUEST, TODAY).value
    assert after == {**before, "maxMinutesPerWeek": 480}
    assert {code for code, rows in found.rows.items() if rows != BUILT_IN.rows[code]} == {GUEST}


@pytest.mark.parametrize(
    "override",
    [
        changed("vat.rates", standard="0"),
        changed("vat.V5", treatment="exempt", rate="none"),
        changed("vat.V10", rate=None),
        changed("matching.limits", defaultRadiusKm=60),
        changed("matching.subjects", related=[["pie", "metal"], ["ict", "science"]]),
        changed("matching.travel", kmPerHour=80),
        changed("matching.asking", start=BUILT_IN.on("matching.asking", TODAY).value["start"]),
        changed("working_time.R4", maxMeanMinutes=3000, outcome="warn"),
        changed("working_time.R7", shareOfLimit="0.9"),
        changed("working_time.declared", startsAt="09:00"),
        changed(
            "forms.guest", instruments=[{"code": "x", "mandatory": [], "mandatoryWhen": {}, "invited": ["school"]}]
        ),
        changed("trades.shortage", trades=["metal"]),
        changed("vog", schoolTypes=["po"]),
        changed("qualification.counting", scope="board"),
        changed(GUEST, maxMinutesPerWeek=None, requires=[["pdg"], ["hto_module", "teacher_grade_2:own_subject"]]),
        changed("qualification.ground.guest_hto", **A_GROUND),
        changed("matching.scenario", compensationHourlyCents={"school": 500, "company": 0}),
    ],
    ids=lambda override: override.code,
)
def test_a_value_that_its_reader_can_use_is_taken(override: Override) -> None:
    found = under(BUILT_IN, [override], TODAY).on(override.code, TODAY).value
    assert {name: found[name] for name in override.value} == override.value


@pytest.mark.parametrize(
    ("override", "name", "reason"),
    [
        (changed("retention.plans", days=1), "code", "neither a plan nor its cost reads this rule"),
        (changed("matching.blindness", smallestGroup=0), "code", "neither a plan nor its cost reads this rule"),
        (changed("vat.V99", rate="none"), "code", "there is no such rule on this day"),
        (changed(GUEST), "value", "changes nothing"),
        (changed(GUEST, maxHours=8), "value.maxHours", "has no such value, but "),
        (changed(GUEST, maxMinutesPerWeek="8"), "value.maxMinutesPerWeek", "must be a whole number or null"),
        (changed(GUEST, maxMinutesPerWeek=-1), "value.maxMinutesPerWeek", "must be 0 to a million"),
        (changed(GUEST, maxMinutesPerWeek=1_000_001), "value.maxMinutesPerWeek", "must be 0 to a million"),
        (changed(GUEST, onlyUpperYears=1), "value.onlyUpperYears", "must be true or false"),
        (changed(GUEST, obligations=["prayer"]), "value.obligations.0", "must be one of board_judgement, "),
        (changed(GUEST, requires=[["pdg", 3]]), "value.requires.0.1", "must be a text"),
        (changed(GUEST, requires=[["pdg"]] * 101), "value.requires", "must have no more than 100"),
        (changed(GUEST, ground="x" * 101), "value.ground", "must have no more than 100"),
        (changed("matching.travel", kmPerHour=0), "value.kmPerHour", "must be 1 to a million"),
        (changed("vat.rates", standard="much"), "value.standard", "must be a number in a text, such as 0.21"),
        (changed("vat.rates", standard="-1"), "value.standard", "must be a number in a text, such as 0.21"),
        (changed("vat.V5", rate="low"), "value.rate", "must be one of none, standard"),
        (changed("working_time.declared", startsAt="0"), "value.startsAt", "must be a time of day such as 08:30"),
        (changed("working_time.declared", startsAt="late"), "value.startsAt", "must be a time of day such as 08:30"),
        (changed("qualification.clock", **{"from": "x"}), "value.from", "has no such value, but "),
        (changed("matching.asking", start={"guest": [1]}), "value.start.guest", "must have as many numbers as now"),
        (changed("matching.asking", start={"guest": [1]}), "value.start.secondment", "is missing"),
        (
            changed("matching.scenario", compensationHourlyCents={"school": 1, "company": 1, "trainer": 1}),
            "value.compensationHourlyCents.trainer",
            "has no such value, but company, school",
        ),
    ],
)
def test_a_value_that_no_reader_could_use_is_refused_with_its_field(override: Override, name: str, reason: str) -> None:
    assert any(where == f"overrides.0.{name}" and why.startswith(reason) for where, why in faults(override)), faults(
        override
    )


def test_a_text_that_its_reader_compares_must_be_one_that_is_there() -> None:
    kind = {**BUILT_IN.on("qualification.counting", TODAY).value}
    name = next(name for name, value in kind.items() if isinstance(value, str))
    where, why = faults(changed("qualification.counting", **{name: "else"}))[0]
    assert where == f"overrides.0.value.{name}"
    assert why.startswith("must be one of ")


def test_a_new_ground_has_every_value_of_a_ground() -> None:
    part = {name: value for name, value in A_GROUND.items() if name != "priority"}
    found = faults(changed("qualification.ground.guest_hto", **part))
    assert found == [("overrides.0.value.priority", "is missing")]


def test_a_rule_whose_rows_have_ended_cannot_be_overridden() -> None:
    ended = BUILT_IN.rows[GUEST][0].valid_from.replace(year=2000)
    with pytest.raises(Invalid) as refused:
        under(BUILT_IN, [changed(GUEST, maxMinutesPerWeek=480)], ended)
    assert [each.name for each in refused.value.params] == ["overrides.0.code"]


def test_one_rule_is_overridden_once() -> None:
    twice = changed("vat.rates", standard="0")
    assert faults(twice, twice) == [("overrides.1.code", "names the same twice")]


def test_a_sweep_is_a_point_per_value_on_top_of_the_overrides() -> None:
    sweep = Sweep(code=GUEST, name="maxMinutesPerWeek", values=(360, 420, 480))
    found = points(BUILT_IN, [changed(GUEST, maxMinutesPerSchoolYear=20_000)], sweep, TODAY)
    values = [each.on(GUEST, TODAY).value for each in found]
    assert [each["maxMinutesPerWeek"] for each in values] == [360, 420, 480]
    assert {each["maxMinutesPerSchoolYear"] for each in values} == {20_000}


@pytest.mark.parametrize(
    ("sweep", "name", "reason"),
    [
        (Sweep(code=GUEST, name="maxMinutesPerWeek", values=()), "values", "from 1 to 20 values"),
        (Sweep(code=GUEST, name="maxMinutesPerWeek", values=tuple(range(21))), "values", "from 1 to 20 values"),
        (Sweep(code=GUEST, name="maxMinutesPerWeek", values=(1, 2, 1)), "values", "names the same twice"),
        (Sweep(code=GUEST, name="maxMinutesPerWeek", values=(1, -2)), "values.1", "must be 0 to a million"),
        (Sweep(code=GUEST, name="minutes", values=(1,)), "name", "has no such value, but "),
        (Sweep(code="retention.plans", name="days", values=(1,)), "code", "neither a plan nor its cost reads"),
    ],
)
def test_a_sweep_that_cannot_be_tried_is_refused_with_its_field(sweep: Sweep, name: str, reason: str) -> None:
    where, why = faults(sweep=sweep)[0]
    assert where == f"sweep.{name}"
    assert why.startswith(reason)


def test_a_value_of_another_kind_is_refused_with_the_kinds_in_both_languages() -> None:
    with pytest.raises(Invalid) as refused:
        under(BUILT_IN, [changed(GUEST, maxMinutesPerWeek="8", onlyUpperYears=[1])], TODAY)
    assert [wording.text(each.reason, "nl") for each in refused.value.params] == [
        "Geef een geheel getal of leeg.",
        "Geef waar of onwaar.",
    ]


def test_the_terms_of_a_question_are_a_rule_of_simulated_years_only() -> None:
    term = changed("matching.terms", proposalDays=7)
    assert faults(term) == [("overrides.0.code", "only a simulated year reads this rule")]
    found = points(BUILT_IN, [term], None, TODAY, simulate=True)[0]
    assert found.on("matching.terms", TODAY).value["proposalDays"] == 7
    sweep = Sweep(code="matching.terms", name="proposalDays", values=(7, 14))
    assert len(points(BUILT_IN, [], sweep, TODAY, simulate=True)) == 2
    assert [name for name, _ in faults(sweep=sweep)] == ["sweep.code", "sweep.code"]
    with pytest.raises(Invalid):
        points(BUILT_IN, [changed("matching.terms", proposalDays=0)], None, TODAY, simulate=True)
