"""The fee band: an amount out of all proportion to its unit is refused, most often a slip of the unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from common.decision import Outcome, Reason, Verdict
from common.errors import InvalidParam, Message
from events.words import Fee, FeeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from common.policy import Policies

Per: TypeAlias = Literal["none", "month", "hour", "contract"]
PER: Final[Mapping[FeeKind, Per]] = {
    FeeKind.NONE: "none",
    FeeKind.SALARY: "month",
    FeeKind.HOURLY: "hour",
    FeeKind.COST: "hour",
    FeeKind.FIXED: "contract",
}
"""What an amount of each kind is paid for."""
_AN_HOUR: Final = 60
_WEEKS_IN_A_YEAR: Final = 52
_MONTHS_IN_A_YEAR: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeBandFacts:
    """An amount in cents without VAT, and the minutes a week for which it is paid where it is paid by the month."""

    day: date
    kind: FeeKind
    cents: int
    minutes_per_week: int
    """Contact and preparation."""


def check(facts: FeeBandFacts, policies: Policies) -> Verdict:
    """Block outside the band of policy ``fee_band.<kind>``; both ends belong to it. No fee has no band.

    A salary is measured by the hour of a mean week, any other amount as it is.

    Raises:
        Missing: the policy is not known on that day.
    """
    if facts.kind is FeeKind.NONE:
        return Verdict(policy_version=policies.version, reasons=())
    row = policies.on(f"fee_band.{facts.kind}", facts.day)
    low, high = row.value["minCents"], row.value["maxCents"]
    measured = _measured(facts)
    inside = low <= measured <= high
    reason = Reason(
        rule="FEE_BAND",
        outcome=Outcome.PASS if inside else Outcome.BLOCK,
        measured=measured,
        limit=high if measured > high else low,
        unit="cents" if facts.kind is FeeKind.FIXED else "cents/hour",
        source=row.source,
    )
    return Verdict(policy_version=policies.version, reasons=(reason,))


def faults(facts: FeeBandFacts, policies: Policies) -> list[InvalidParam]:
    """Return the fault of ``fee.cents`` where the amount is outside its band.

    Raises:
        Missing: the policy is not known on that day.
    """
    if check(facts, policies).ok:
        return []
    value = policies.on(f"fee_band.{facts.kind}", facts.day).value
    numbers = {"cents": facts.cents, "low": value["minCents"], "high": value["maxCents"]}
    if facts.kind is FeeKind.SALARY:
        reason = Message(
            "A salary is in cents a month: {cents} cents are {hourly} cents for each hour of this work; "
            "possible are {low} to {high} cents an hour",
            hourly=_measured(facts),
            **numbers,
        )
    elif facts.kind is FeeKind.FIXED:
        reason = Message(
            "A fixed fee is in cents for all of the work: possible are {low} to {high} cents, not {cents}", **numbers
        )
    else:
        reason = Message(
            "This fee is in cents an hour: possible are {low} to {high} cents an hour, not {cents}", **numbers
        )
    return [InvalidParam("fee.cents", reason, "out-of-band")]


def unit_faults(fee: Fee, per: Per | None) -> list[InvalidParam]:
    """Return the fault of ``fee.per`` where a caller names another unit than that of this kind of fee."""
    if per is None or per == PER[fee.kind]:
        return []
    reason = Message("A fee of the kind {kind} is paid per {unit}", kind=fee.kind.value, unit=PER[fee.kind])
    return [InvalidParam("fee.per", reason, "unit")]


def _measured(facts: FeeBandFacts) -> int:
    """The cents, of a salary by the hour and half up; a week without minutes has the whole amount in one hour."""
    if facts.kind is not FeeKind.SALARY:
        return facts.cents
    minutes_a_year = max(facts.minutes_per_week, 1) * _WEEKS_IN_A_YEAR
    cents_a_year = facts.cents * _MONTHS_IN_A_YEAR * _AN_HOUR
    return (2 * cents_a_year + minutes_a_year) // (2 * minutes_a_year)
