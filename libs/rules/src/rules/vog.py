"""The certificate of conduct (VOG): young enough when it is shown, and shown no later than the start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from common.decision import Outcome, Reason, Verdict
from rules.dates import add_months
from rules.forms import SchoolType

if TYPE_CHECKING:
    from common.policy import Policies, PolicyRow


DATED: Final = frozenset({"VOG_AGE", "VOG_SHOWN"})
"""The rules whose measure is a date of the certificate, and so of the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VogFacts:
    """Only dates: the document itself is never kept. They are those of this school's own check."""

    school_type: SchoolType
    starts_on: date
    issued_on: date | None = None
    shown_on: date | None = None
    contract_activity: bool = False
    """Lessons that the school sells, outside the education that the state pays."""


def check(facts: VogFacts, policies: Policies) -> Verdict:
    """Block a start without a VOG where policy ``vog`` asks for one.

    Raises:
        Missing: the policy is not known on the day of the start.
    """
    row = policies.on("vog", facts.starts_on)
    reasons = _reasons(facts, row) if _asked(facts, row) else (_not_asked(row),)
    return Verdict(policy_version=policies.version, reasons=reasons)


def attainable(facts: VogFacts, today: date, policies: Policies) -> Verdict:
    """Say whether a VOG can still be there at the start: one held that will do, or time to get one."""
    row = policies.on("vog", facts.starts_on)
    value = row.value
    if not _asked(facts, row):
        return Verdict(policy_version=policies.version, reasons=(_not_asked(row),))
    earliest = _earliest(facts, row, otherwise=today)
    if facts.issued_on is not None and facts.issued_on >= earliest:
        reason = _reason("VOG_AGE", row, good=True, measured=facts.issued_on, limit=earliest)
    else:
        ready = today + timedelta(days=value["processingDays"])
        reason = _reason("VOG_ATTAINABLE", row, good=ready <= facts.starts_on, measured=ready, limit=facts.starts_on)
    return Verdict(policy_version=policies.version, reasons=(reason,))


def _reasons(facts: VogFacts, row: PolicyRow) -> tuple[Reason, ...]:
    if facts.issued_on is None or facts.shown_on is None:
        return (_reason("VOG_MISSING", row, good=False, limit=facts.starts_on),)
    earliest = _earliest(facts, row, otherwise=facts.starts_on)
    # Nobody can show what is not issued yet: the later of the two days is what must not be after the start.
    seen_on = max(facts.shown_on, facts.issued_on)
    return (
        _reason("VOG_AGE", row, good=facts.issued_on >= earliest, measured=facts.issued_on, limit=earliest),
        _reason("VOG_SHOWN", row, good=seen_on <= facts.starts_on, measured=seen_on, limit=facts.starts_on),
    )


def _earliest(facts: VogFacts, row: PolicyRow, *, otherwise: date) -> date:
    """Return the first day of issue that is young enough: on the day of showing, and by rows of before at the start.

    A showing long before the start counts no more: it is as if the certificate were shown on the day ``otherwise``.
    """
    value = row.value
    judged_on = facts.starts_on
    if value.get("ageJudgedOn") == "shown":
        holds_since = add_months(facts.starts_on, -value["showingHoldsMonths"])
        judged_on = otherwise if facts.shown_on is None or facts.shown_on < holds_since else facts.shown_on
    if (weeks := value.get("maxAgeWeeks", {}).get(facts.school_type)) is not None:
        return judged_on - timedelta(weeks=weeks)
    return add_months(judged_on, -value["maxAgeMonths"])


def _asked(facts: VogFacts, row: PolicyRow) -> bool:
    excepted = facts.contract_activity and row.value.get("exceptContractActivities", False)
    return facts.school_type in row.value["schoolTypes"] and not excepted


def _not_asked(row: PolicyRow) -> Reason:
    return Reason(rule="VOG_NOT_ASKED", outcome=Outcome.PASS, source=row.source)


def _reason(rule: str, row: PolicyRow, *, good: bool, limit: date, measured: date | None = None) -> Reason:
    return Reason(
        rule=rule,
        outcome=Outcome.PASS if good else Outcome.BLOCK,
        measured=None if measured is None else measured.isoformat(),
        limit=limit.isoformat(),
        unit="day",
        source=row.source,
    )
