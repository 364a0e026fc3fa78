"""The rate band: an hourly fee outside what is usual is pointed out, one that is no fee is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from common.decision import Outcome, Reason, Verdict

if TYPE_CHECKING:
    from common.policy import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class RateFacts:
    """An agreed hourly fee in cents without VAT; work without a fee has none to check."""

    day: date
    hourly_cents: int


def check(facts: RateFacts, policies: Policies) -> Verdict:
    """Warn outside the band of policy ``rate_band``; both ends belong to it.

    Raises:
        Missing: the policy is not known on that day.
    """
    row = policies.on("rate_band", facts.day)
    low, high = row.value["minHourlyCents"], row.value["maxHourlyCents"]
    outcome, limit = Outcome.PASS, high
    if facts.hourly_cents <= 0:
        outcome, limit = Outcome.BLOCK, low
    elif facts.hourly_cents < low:
        outcome, limit = Outcome.WARN, low
    elif facts.hourly_cents > high:
        outcome = Outcome.WARN
    reason = Reason(
        rule="RATE_BAND",
        outcome=outcome,
        measured=facts.hourly_cents,
        limit=limit,
        unit="cents/hour",
        source=row.source,
    )
    return Verdict(policy_version=policies.version, reasons=(reason,))
