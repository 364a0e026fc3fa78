"""Qualification: the role a person may have at a school, on which ground, how long and under whose supervision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from common.decision import MissingDependency, Outcome, Reason, Verdict
from rules.eligibility import Credential, EligibilityFacts, GroundUsed, Held, Obligation
from rules.grounds import judge

if TYPE_CHECKING:
    from common.policy import Policies, PolicyRow

__all__ = [
    "Credential",
    "Eligibility",
    "EligibilityFacts",
    "GroundUsed",
    "Held",
    "Obligation",
    "assess",
    "check",
    "rows_for",
]

_GROUNDS: Final = "qualification.ground."
_COUNTING: Final = ("qualification.counting", "qualification.clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Whether, and on what ground; a rejection has the reasons of every ground that was tried."""

    allowed: bool
    ground: str | None
    minutes_left_this_school_year: int | None
    """None where only the contract limits the minutes; 0 where nothing is left."""
    ends_on: date | None
    """The last day on which the ground, or the override that carries it, holds."""
    obligations: tuple[Obligation, ...]
    counts_teaching_minutes: bool
    verdict: Verdict


def assess(facts: EligibilityFacts, policies: Policies) -> Eligibility:
    """Return the best ground that holds; grounds are the policies ``qualification.ground.…``.

    Raises:
        MissingDependency: no ground at all, or not how to count, is known on that day.
    """
    judged = [judge(facts, row, policies) for row in _grounds(facts, policies)]
    best = next((each for each in judged if each.holds), None)
    if best is None:
        reasons = tuple(reason for each in judged for reason in each.reasons) or (_no_ground(facts),)
        return Eligibility(
            allowed=False,
            ground=None,
            minutes_left_this_school_year=max((each.minutes_left or 0 for each in judged), default=0),
            ends_on=None,
            obligations=(),
            counts_teaching_minutes=True,
            verdict=Verdict(policy_version=policies.version, reasons=reasons),
        )
    value = best.row.value
    return Eligibility(
        allowed=True,
        ground=value["ground"],
        minutes_left_this_school_year=best.minutes_left,
        ends_on=best.ends_on,
        obligations=tuple(map(Obligation, value["obligations"])),
        counts_teaching_minutes=value["countsTeachingMinutes"],
        verdict=Verdict(policy_version=policies.version, reasons=best.reasons),
    )


def check(facts: EligibilityFacts, policies: Policies) -> Verdict:
    """Return only the verdict of ``assess``."""
    return assess(facts, policies).verdict


def rows_for(facts: EligibilityFacts, policies: Policies) -> tuple[PolicyRow, ...]:
    """Return all rows that a verdict on these facts depends on: where they are the same, so is the verdict.

    Of the person they look at nothing but the ground that the facts may name.

    Raises:
        MissingDependency: no ground at all is known on that day.
    """
    counting = (row for code in _COUNTING for row in policies.rows.get(code, ()))
    return (*_grounds(facts, policies), *counting)


def _grounds(facts: EligibilityFacts, policies: Policies) -> list[PolicyRow]:
    """The grounds for this place, best first. A new ground is a new row: no code names one."""
    # A ground that does not exist on that day is no missing fact: the others decide.
    known = policies.of_kind(_GROUNDS, facts.day)
    if not known:
        fact = f"policy/{_GROUNDS}*@{facts.day.isoformat()}"
        raise MissingDependency(fact)
    fitting = (
        row
        for row in known
        if facts.school_type in row.value["schoolTypes"]
        and facts.role in row.value["roles"]
        and (facts.upper_years or not row.value["onlyUpperYears"])
        and (facts.contract_activity or not row.value.get("onlyContractActivities", False))
        and facts.ground in {None, row.value["ground"]}
    )
    return sorted(fitting, key=lambda row: (row.value["priority"], row.code))


def _no_ground(facts: EligibilityFacts) -> Reason:
    return Reason(rule="NO_GROUND", outcome=Outcome.BLOCK, measured=f"{facts.school_type}/{facts.role}")
