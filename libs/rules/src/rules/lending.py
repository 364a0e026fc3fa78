"""Lending law: whether a company may lend its people, under the scheme of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from common.decision import Outcome, Reason, Verdict
from events.words import FeeBasis, LendingStatus
from rules.forms import Form

if TYPE_CHECKING:
    from common.policy import Policies, PolicyRow

__all__ = ["FeeBasis", "LendingFacts", "LendingStatus", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LendingFacts:
    """One lending: its form, period, and what the lending company is and asks."""

    form: Form
    starts_on: date
    ends_on: date | None = None
    lending_status: LendingStatus = LendingStatus.UNKNOWN
    fee_basis: FeeBasis = FeeBasis.MARKET
    collegial_conditions: bool | None = None
    """The lender says that it keeps those of policy ``lending.collegial``; None is no answer."""


def check(facts: LendingFacts, policies: Policies) -> Verdict:
    """Judge the lending by policy ``lending`` of its first day, and warn where that of its last day would not do.

    Raises:
        Missing: the policy is not known on one of those days.
    """
    at_start = policies.on("lending", facts.starts_on)
    reasons = [_judge(facts, at_start)]
    if _excepted(facts, at_start) and (condition := _conditions(facts, at_start, policies)) is not None:
        reasons.append(condition)
    if facts.ends_on is not None:
        at_end = policies.on("lending", facts.ends_on)
        # The status may still be obtained before the scheme changes: no reason to stop the start.
        if at_end != at_start and (later := _judge(facts, at_end)).outcome is not Outcome.PASS:
            reasons.append(
                Reason(
                    rule="LENDING_AHEAD",
                    outcome=Outcome.WARN,
                    measured=later.measured,
                    limit=later.limit,
                    period=f"{at_end.valid_from}/{facts.ends_on}",
                    source=later.source,
                )
            )
    return Verdict(policy_version=policies.version, reasons=tuple(reasons))


def _judge(facts: LendingFacts, row: PolicyRow) -> Reason:
    value = row.value
    if facts.form not in value["forms"]:
        outcome = Outcome.PASS
    elif facts.lending_status is LendingStatus.UNKNOWN:
        outcome = Outcome.REVIEW
    elif _excepted(facts, row):
        outcome = Outcome.PASS
    else:
        # Rows of before know one outcome for every other status.
        otherwise = value.get("outcomeOf", {}).get(facts.lending_status, value["outcome"])
        outcome = Outcome.PASS if facts.lending_status in value["accepted"] else Outcome(otherwise)
    return Reason(
        rule="LENDING",
        outcome=outcome,
        measured=facts.lending_status.value,
        limit=value["scheme"],
        period=facts.starts_on.isoformat(),
        source=row.source,
    )


def _excepted(facts: LendingFacts, row: PolicyRow) -> bool:
    """Whether a colleague is lent, at no more than cost."""
    value = row.value
    collegial = facts.form in value["forms"] and facts.lending_status is LendingStatus.COLLEGIAL
    return collegial and facts.fee_basis in value["collegialFeeBases"]


def _conditions(facts: LendingFacts, row: PolicyRow, policies: Policies) -> Reason | None:
    """The other conditions of the exception: no fact of ours shows them, so the lender is asked."""
    if not row.value.get("collegialConditions", False):
        return None
    conditions = policies.on("lending.collegial", facts.starts_on)
    if facts.collegial_conditions is None:
        outcome = Outcome.WARN
    else:
        outcome = Outcome.PASS if facts.collegial_conditions else Outcome(row.value["outcome"])
    return Reason(
        rule="LENDING_COLLEGIAL",
        outcome=outcome,
        measured=facts.collegial_conditions,
        limit=" ".join(conditions.value["conditions"]),
        period=facts.starts_on.isoformat(),
        source=conditions.source,
    )
