"""The rate band: what is unusual is pointed out, and what is no fee is refused."""

from __future__ import annotations

from datetime import date

import pytest

from common.decision import Outcome
from common.policy import Policies
from rules.rate_band import RateFacts, check

DAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("cents", "outcome", "limit"),
    [
        (-1, Outcome.BLOCK, 2_500),
        (0, Outcome.BLOCK, 2_500),
        (1, Outcome.WARN, 2_500),
        (2_499, Outcome.WARN, 2_500),
        (2_500, Outcome.PASS, 18_000),
        (18_000, Outcome.PASS, 18_000),
        (18_001, Outcome.WARN, 18_000),
    ],
)
def test_both_ends_belong_to_the_band(policies: Policies, cents: int, outcome: Outcome, limit: int) -> None:
    (reason,) = check(RateFacts(day=DAY, hourly_cents=cents), policies).reasons
    assert (reason.rule, reason.outcome, reason.measured, reason.limit) == ("RATE_BAND", outcome, cents, limit)


def test_another_policy_has_another_band(policies: Policies) -> None:
    wider = policies.with_value("rate_band", maxHourlyCents=20_000)
    assert check(RateFacts(day=DAY, hourly_cents=19_000), wider).reasons[0].outcome is Outcome.PASS
