"""False self-employment: signals add up to a score, and above the threshold a person must look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from common.decision import Outcome, Reason, Verdict
from rules.forms import Form

if TYPE_CHECKING:
    from common.policy import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfEmploymentFacts:
    """The answers of both parties; None is no answer, and counts as the risky one."""

    form: Form
    day: date
    free_substitution: bool | None = None
    free_content: bool | None = None
    other_clients: bool | None = None
    share_of_hours: Decimal | None = None
    """The part of the trainer's working hours that goes to this school, 0 to 1."""
    core_curriculum: bool | None = None
    incidental: bool | None = None
    rostered: bool | None = None
    """The lessons stand in the school's timetable."""
    supervised: bool | None = None
    """A teacher of the school answers for the lessons."""


def check(facts: SelfEmploymentFacts, policies: Policies) -> Verdict:
    """Ask for a review where the score is above the threshold of policy ``self_employment``.

    Each signal found is a reason of its own, with its points; the last reason is the score. Signals that the policy
    names together (``alwaysReview``) are an employer's authority over core work: no other answer outweighs them.

    Raises:
        Missing: the policy is not known on that day.
    """
    row = policies.on("self_employment", facts.day)
    value = row.value
    if facts.form not in value["forms"]:
        return Verdict(
            policy_version=policies.version,
            reasons=(Reason(rule="SELF_EMPLOYMENT_NOT_CONCERNED", outcome=Outcome.PASS, source=row.source),),
        )
    high_share = facts.share_of_hours is None or facts.share_of_hours > Decimal(value["highShareOfHours"])
    signals = {
        "noFreeSubstitution": facts.free_substitution is not True,
        "noFreeContent": facts.free_content is not True,
        "noOtherClients": facts.other_clients is not True,
        "highShareOfHours": high_share,
        "coreCurriculum": facts.core_curriculum is not False,
        "notIncidental": facts.incidental is not True,
        "rostered": facts.rostered is not False,
        "supervised": facts.supervised is not False,
    }
    # Rows of before 2025 know fewer signals.
    points = {
        signal: value["points"][signal] for signal, found in signals.items() if found and signal in value["points"]
    }
    score = sum(points.values())
    found = tuple(
        Reason(
            rule=f"SELF_EMPLOYMENT.{signal}", outcome=Outcome.PASS, measured=weight, unit="points", source=row.source
        )
        for signal, weight in points.items()
    )
    together = value.get("alwaysReview", ())
    embedded = (
        (Reason(rule="SELF_EMPLOYMENT.embedded", outcome=Outcome.REVIEW, source=row.source),)
        if together and all(signals[signal] for signal in together)
        else ()
    )
    total = Reason(
        rule="SELF_EMPLOYMENT",
        outcome=Outcome.REVIEW if score > value["threshold"] else Outcome.PASS,
        measured=score,
        limit=value["threshold"],
        unit="points",
        source=row.source,
    )
    return Verdict(policy_version=policies.version, reasons=(*found, *embedded, total))
