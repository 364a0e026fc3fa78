"""How long somebody is kept: no longer than there is a ground, and not a day shorter than the law asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from common.policy import Policies, PolicyRow
from registry.engagement.model import Engagement
from registry.trainer.model import trainer as trainer_model
from registry.trainer.model.retention import erase_on
from tests.unit.registry.registry_examples import LATEST, TODAY, engagement, trainer

POLICIES = Policies.of(
    PolicyRow(code=code, version=1, valid_from=date(2025, 1, 1), value=value, source="an example")
    for code, value in (
        ("retention.trainer", {"weeksAfterLeaving": 4, "monthsWithConsent": 12}),
        ("retention.contract", {"yearsAfterEnd": 7}),
    )
)
LEFT_ON = date(2026, 8, 20)
RUNNING = engagement()
OVER = engagement(ended_on=date(2026, 7, 1))
OVER_BEFORE = engagement(ended_on=date(2025, 12, 1))
DISSOLVED = engagement(ended_on=date(2026, 7, 20), fell_away=True)
GONE = trainer(trainer_model.LEFT, left_on=LEFT_ON)


@pytest.mark.parametrize(
    ("one", "engagements", "day"),
    [
        (GONE, [], LEFT_ON + timedelta(weeks=4)),
        (trainer(trainer_model.EXPIRED, left_on=LEFT_ON), [], LEFT_ON + timedelta(weeks=4)),
        (GONE, [DISSOLVED], LEFT_ON + timedelta(weeks=4)),
        (GONE, [OVER_BEFORE, OVER, DISSOLVED], date(2033, 7, 1)),
        (GONE, [OVER, RUNNING], None),
        (trainer(trainer_model.AVAILABLE), [], None),
        (trainer(trainer_model.CONFIRMED), [], TODAY),
        (trainer(trainer_model.PAUSED, consent_until=TODAY - timedelta(days=1)), [], TODAY),
        (trainer(trainer_model.PAUSED, consent_until=None), [OVER], date(2033, 7, 1)),
        (trainer(trainer_model.PAUSED, consent_until=LATEST), [OVER], None),
        (GONE.anonymise()[0], [], None),
    ],
)
def test_each_state_of_a_trainer_has_its_day_of_erasure(
    one: trainer_model.Trainer, engagements: list[Engagement], day: date | None
) -> None:
    assert erase_on(one, engagements, POLICIES, TODAY) == day


def test_another_policy_is_another_day() -> None:
    shorter = POLICIES.with_value("retention.trainer", weeksAfterLeaving=1)
    assert erase_on(GONE, [], shorter, TODAY) == LEFT_ON + timedelta(weeks=1)
    longer = POLICIES.with_value("retention.contract", yearsAfterEnd=10)
    assert erase_on(GONE, [OVER], longer, TODAY) == date(2036, 7, 1)


def test_no_trainer_is_erased_before_they_have_left() -> None:
    long_over = replace(OVER, ended_on=date(2010, 1, 1))
    assert erase_on(GONE, [long_over], POLICIES, TODAY) == LEFT_ON
