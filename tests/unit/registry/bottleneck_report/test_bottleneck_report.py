"""A bottleneck report goes to the ministry that owns the rule, and is answered once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest

from common.errors import Invalid, InvalidParam, Message
from common.persistence.transaction import uuid7
from common.policy import Policies, PolicyRow
from events.parties import Parties
from events.registry import BottleneckAnswered, BottleneckReported
from registry.bottleneck_report.model import (
    ANSWERED,
    POLICY,
    REPORTED,
    BottleneckReport,
    NotPossible,
    Status,
    route,
)
from registry.policy.usecases import built_in_policies
from tests.support.life_cycles import Ways

TODAY = date(2026, 11, 27)
RULES = Policies.of(built_in_policies())


def a_report(status: Status = REPORTED, **changes: Any) -> BottleneckReport:
    values: dict[str, Any] = {
        "id": uuid4(),
        "status": status,
        "reported_at": datetime(2026, 11, 20, 9, tzinfo=UTC),
        "policy_code": "vat.V5",
        "item": "K2.2",
        "ministry": "FIN",
        "answer_before": date(2027, 1, 8),
        "region": "AM01",
        "summary": "De btw maakt het te duur.",
    }
    return BottleneckReport(**{**values, **changes})


WAYS: Final[Mapping[str, Ways[Any]]] = {
    "bottleneck_report": Ways(
        at=a_report,
        into={ANSWERED: [lambda one: one.give_answer("explained", "Het mag.", today=TODAY, settled_before=None)]},
        once=[ANSWERED],
    )
}


@pytest.mark.parametrize(
    ("rule", "ministry"),
    [("vat.V5", "FIN"), ("working_time.R1", "SZW"), ("vog", "JENV"), ("qualification.ground.vo_qualified", "OCW")],
)
def test_the_ministry_that_owns_the_rule_answers_within_the_days_of_the_policy(rule: str, ministry: str) -> None:
    routed = route(rule, "K2.1", RULES, TODAY)
    assert routed.ministry == ministry
    assert routed.answer_before == TODAY + timedelta(days=RULES.on(POLICY, TODAY).value["answerWithinDays"])


def test_every_rule_has_a_ministry() -> None:
    assert {route(code, "K1", RULES, TODAY).ministry for code in RULES.rows} == {"FIN", "SZW", "JENV", "OCW"}


def test_another_division_of_the_ministries_is_another_policy_row() -> None:
    row = RULES.on(POLICY, TODAY)
    moved = {**row.value, "owners": [{"ministry": "EZ", "rules": ["vat"]}], "answerWithinDays": 7}
    newer = PolicyRow(
        code=POLICY, version=99, valid_from=TODAY, valid_until=None, value=moved, source="a decision", verified=True
    )
    routed = route("vat.V5", "K2.2", Policies.of([*built_in_policies(), newer]), TODAY)
    assert (routed.ministry, routed.answer_before) == ("EZ", TODAY + timedelta(days=7))


def test_an_unknown_rule_and_an_unknown_item_are_refused_together() -> None:
    with pytest.raises(Invalid) as refused:
        route("vat.V99", "K9", RULES, TODAY)
    assert [param.name for param in refused.value.params] == ["policyCode", "item"]
    assert "K2.1" in refused.value.params[1].reason


@pytest.mark.parametrize(("rule", "names"), [("vat.V99", ["policyCode", "region"]), ("vat.V5", ["region"])])
def test_a_reporter_that_is_not_well_named_is_refused_with_the_other_faults(rule: str, names: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        route(rule, "K2.2", RULES, TODAY, [InvalidParam("region", Message("Name it"), "missing")])
    assert [param.name for param in refused.value.params] == names


def test_a_report_is_published_without_its_words() -> None:
    report, [event] = a_report().report()
    assert event == BottleneckReported(
        report_id=report.id,
        policy_code="vat.V5",
        item="K2.2",
        ministry="FIN",
        region="AM01",
        answer_before=date(2027, 1, 8),
    )
    assert "btw" not in event.model_dump_json()


def test_an_answer_has_a_day_and_is_given_once() -> None:
    promised = date(2027, 7, 1)
    answered, [event] = a_report().give_answer("rule_will_change", "Ja.", today=TODAY, settled_before=promised)
    assert (answered.status, answered.answered_on, answered.settled_before) == (ANSWERED, TODAY, promised)
    assert isinstance(event, BottleneckAnswered)
    assert (event.outcome, event.settled_before) == ("rule_will_change", promised)
    later = TODAY + timedelta(days=1)
    assert answered.give_answer("rule_will_change", "Ja.", today=later, settled_before=promised) == (answered, [])
    with pytest.raises(NotPossible, match="that is answered cannot become answered"):
        answered.give_answer("rule_stays", "Nee.", today=later, settled_before=None)


def test_its_parties_are_who_reported_it_and_its_region() -> None:
    company = uuid7()
    report = a_report(company_id=company, organisation_id=company)
    assert report.parties == Parties(company=company, organisation=company, region="AM01")
    assert report.case == report.id
