"""What holds for any work at all: order is nothing, more is never better, inside is nothing new."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from common.decision import Outcome
from common.policy import Policies
from rules.forms import Form
from rules.roster import WorkInterval
from rules.working_time import WorkingTimeFacts, check, findings

MAXIMA = ("R1", "R2", "R3", "R4")
START = datetime(2026, 10, 12, tzinfo=UTC)


@st.composite
def pieces(draw: st.DrawFn, form: Form | None = None) -> WorkInterval:
    """A piece of work of at most ten hours within eight weeks that include a clock change."""
    start = START + timedelta(minutes=draw(st.integers(0, 8 * 7 * 24 * 60)))
    return WorkInterval(
        starts_at=start,
        ends_at=start + timedelta(minutes=draw(st.integers(1, 600))),
        employer=draw(st.sampled_from(("company", "north", "south"))),
        form=form if form is not None else draw(st.sampled_from((None, Form.DUAL_EMPLOYMENT, Form.SELF_EMPLOYED))),
        contract_id=draw(st.sampled_from(("", "a", "b"))),
    )


def facts(intervals: list[WorkInterval]) -> WorkingTimeFacts:
    return WorkingTimeFacts(day=date(2026, 10, 12), intervals=tuple(intervals))


def maxima(policies: Policies, intervals: list[WorkInterval]) -> dict[str, Any]:
    """The measured maxima of what binds; without work they are nothing."""
    found: dict[str, Any] = dict.fromkeys(MAXIMA, Decimal(0))
    for reason in check(facts(intervals), policies).reasons:
        if reason.rule in MAXIMA and reason.outcome is not Outcome.WARN:
            found[reason.rule] = reason.measured
    return found


@given(
    st.lists(pieces(), min_size=1, max_size=12).flatmap(lambda work: st.tuples(st.just(work), st.permutations(work)))
)
def test_the_order_of_intervals_does_not_matter(
    policies: Policies, orders: tuple[list[WorkInterval], list[WorkInterval]]
) -> None:
    one, other = orders
    assert findings(facts(one), policies) == findings(facts(other), policies)


@given(st.lists(pieces(), max_size=12), pieces())
def test_more_work_never_makes_a_maximum_better(
    policies: Policies, work: list[WorkInterval], more: WorkInterval
) -> None:
    before, after = maxima(policies, work), maxima(policies, [*work, more])
    assert all(after[rule] >= before[rule] for rule in MAXIMA)
    blocked_before = {r.rule for r in check(facts(work), policies).reasons if r.outcome is Outcome.BLOCK}
    blocked_after = {r.rule for r in check(facts([*work, more]), policies).reasons if r.outcome is Outcome.BLOCK}
    assert blocked_before & set(MAXIMA) <= blocked_after


@given(st.lists(pieces(Form.DUAL_EMPLOYMENT), max_size=8), pieces(Form.DUAL_EMPLOYMENT), st.data())
def test_secondment_inside_company_hours_changes_nothing(
    policies: Policies, others: list[WorkInterval], company: WorkInterval, data: st.DataObject
) -> None:
    length = int((company.ends_at - company.starts_at) / timedelta(minutes=1))
    begin = data.draw(st.integers(0, length - 1))
    lent = WorkInterval(
        starts_at=company.starts_at + timedelta(minutes=begin),
        ends_at=company.starts_at + timedelta(minutes=data.draw(st.integers(begin + 1, length))),
        employer=company.employer,
        form=Form.SECONDMENT,
    )
    assert check(facts([*others, company, lent]), policies) == check(facts([*others, company]), policies)


@given(st.lists(pieces(Form.SELF_EMPLOYED), min_size=1, max_size=12))
def test_self_employment_alone_never_blocks(policies: Policies, work: list[WorkInterval]) -> None:
    assert check(facts(work), policies).ok


@given(st.lists(pieces(), max_size=12))
def test_the_weeks_hold_every_minute_once(policies: Policies, work: list[WorkInterval]) -> None:
    total = sum((piece.ends_at - piece.starts_at for piece in work), timedelta()) / timedelta(minutes=1)
    assert maxima(policies, work)["R2"] <= total
