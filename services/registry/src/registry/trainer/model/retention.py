"""How long a person's data may be kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from common.policy import Policies
from registry.engagement.model import Engagement, all_over
from registry.trainer.model.trainer import PRESENT, Trainer
from rules.dates import add_months


def erase_on(trainer: Trainer, engagements: Collection[Engagement], policies: Policies, today: date) -> date | None:
    """Return the day from which a person's data may no longer be kept; None while there is a reason to keep them.

    Policies ``retention.trainer`` and ``retention.contract``. A dissolved contract was never worked under.
    """
    if (
        trainer.person is None
        or not all_over(engagements)
        or (trainer.status in PRESENT and trainer.has_consent(today))
    ):
        return None
    gone_on = trainer.left_on or today
    ends = [engagement.ended_on for engagement in engagements if engagement.ended_on and not engagement.fell_away]
    if ends:
        years: int = policies.on("retention.contract", today).value["yearsAfterEnd"]
        return max(gone_on, add_months(max(ends), 12 * years))
    if trainer.left_on is None:
        return today
    weeks: int = policies.on("retention.trainer", today).value["weeksAfterLeaving"]
    return gone_on + timedelta(weeks=weeks)
