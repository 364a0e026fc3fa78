"""Qualification: the role a person may have at a school, on which ground, how long and under whose supervision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from common.decision import MissingDependency, Outcome, Reason, Verdict
from rules.eligibility import Credential, EligibilityFacts, GroundUsed, Held, Obligation
from rules.grounds import Judged, judge, lacking

if TYPE_CHECKING:
    from common.policy import Policies, PolicyRow

__all__ = [
    "Credential",
    "Eligibility",
    "EligibilityFacts",
    "GroundUsed",
    "Held",
    "Obligation",
    "Way",
    "assess",
    "check",
    "rows_for",
    "ways",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One ground as a way to do the work: whether it holds, and what it would take."""

    ground: str
    holds: bool
    ends_on: date | None
    obligations: tuple[Obligation, ...]
    missing: tuple[tuple[str, ...], ...]
    """Per set of proofs that would do the ones that are not there; a proof may name for which subject."""
    experience_years: int | None
    """So many years do instead of some of them; None where years do not help, or are there."""
    obstacles: tuple[Reason, ...]
    """Whatever else stands in the way, such as a cap or a term that is over."""


def ways(facts: EligibilityFacts, policies: Policies) -> tuple[Way, ...]:
    """Return every ground for this place, the best first, judged as ``assess`` judges it.

    Raises:
        MissingDependency: no ground at all, or not how to count, is known on that day.
    """
    return tuple(_way(facts, judge(facts, row, policies)) for row in _grounds(facts, policies))


def _way(facts: EligibilityFacts, judged: Judged) -> Way:
    value = judged.row.value
    missing = lacking(facts, judged.row)
    instead = value.get("experienceInsteadOf", ())
    years = value["minExperienceYears"] if any(proof in instead for proofs in missing for proof in proofs) else None
    return Way(
        ground=value["ground"],
        holds=judged.holds,
        ends_on=judged.ends_on,
        obligations=tuple(map(Obligation, value["obligations"])),
        missing=missing,
        experience_years=years,
        obstacles=tuple(
            reason for reason in judged.reasons if reason.outcome is Outcome.BLOCK and reason.rule != value["ground"]
        ),
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
