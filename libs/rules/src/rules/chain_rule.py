"""The chain rule: when a row of temporary contracts with one board becomes a permanent one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from common.decision import Outcome, Reason, Verdict
from rules.dates import ONE_DAY, add_months, months_spanned
from rules.forms import Form, SchoolType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from common.policy import Policies, PolicyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One employment contract; without an end it is permanent. Both days are included."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFacts:
    """The contract now at hand and all earlier ones of this person with this board."""

    form: Form
    school_type: SchoolType
    """Its collective agreement (cao) has parameters of its own."""
    new: Term
    earlier: tuple[Term, ...] = ()
    on_payroll: bool = False
    """A paid guest on the school's payroll is an employee too."""
    lent_before: tuple[Term, ...] = ()
    """Secondments of this person to this board: a board that then employs them is a successive employer."""
    past_pension_age: bool = False
    """As declared: a birth date is no fact of ours. Which age that is: policy ``pension_age``."""
    learning_contract: bool = False
    """The employment is part of a vocational training."""


def check(facts: ChainFacts, policies: Policies) -> Verdict:
    """Warn near the end of the chain; past it a person decides. Policy ``chain_rule.<school type>``.

    Secondments to the same board before it employs count. Past pension age the limits are others, and a contract
    that is part of a vocational training is in no chain.

    Raises:
        Missing: that policy is not known on the day the new contract starts.
    """
    row = policies.on(f"chain_rule.{facts.school_type}", facts.new.starts_on)
    value = row.value
    concerned = facts.form in value["forms"] or (facts.on_payroll and facts.form in value["formsOnPayroll"])
    if not concerned or facts.new.ends_on is None:
        return _passed("CHAIN_NOT_CONCERNED", row, policies)
    # Rows of before know no exception, no other limits and no successive employer.
    if facts.learning_contract and value.get("exceptLearningContracts", False):
        return _passed("CHAIN_LEARNING_CONTRACT", row, policies)
    older = facts.past_pension_age and "pastPensionAge" in value
    limits = value["pastPensionAge"] if older else value
    lent = facts.lent_before if value.get("countsLending", False) else ()
    chain = chain_of(facts.new, (*facts.earlier, *lent), value["maxGapMonths"])
    months = months_spanned(chain[0].starts_on, facts.new.ends_on)
    reasons = [
        Reason(
            rule=rule,
            outcome=Outcome(value["outcome"])
            if measured > limit
            else (Outcome.WARN if measured >= warn_at else Outcome.PASS),
            measured=measured,
            limit=limit,
            unit=unit,
            period=f"{chain[0].starts_on}/{facts.new.ends_on}",
            source=row.source,
        )
        for rule, measured, limit, warn_at, unit in (
            ("CHAIN_CONTRACTS", len(chain), limits["maxContracts"], limits["warnAtContract"], "contracts"),
            ("CHAIN_MONTHS", months, limits["maxMonths"], limits["warnAtMonths"], "months"),
        )
    ]
    if lending := sum(term in lent for term in chain):
        reasons.append(_successive(lending, reasons, row))
    if older:
        reasons.append(_past_pension_age(facts, policies))
    return Verdict(policy_version=policies.version, reasons=tuple(reasons))


def _passed(rule: str, row: PolicyRow, policies: Policies) -> Verdict:
    reason = Reason(rule=rule, outcome=Outcome.PASS, source=row.source)
    return Verdict(policy_version=policies.version, reasons=(reason,))


def _successive(lending: int, reasons: Iterable[Reason], row: PolicyRow) -> Reason:
    """How many of the chain were secondments: worth knowing where it makes the chain long."""
    long = any(reason.outcome is not Outcome.PASS for reason in reasons)
    outcome = Outcome.WARN if long else Outcome.PASS
    return Reason(rule="CHAIN_SUCCESSIVE", outcome=outcome, measured=lending, unit="contracts", source=row.source)


def _past_pension_age(facts: ChainFacts, policies: Policies) -> Reason:
    row = policies.on("pension_age", facts.new.starts_on)
    age = row.value["years"] + Decimal(row.value["months"]) / 12
    return Reason(
        rule="CHAIN_PENSION_AGE", outcome=Outcome.PASS, measured=True, limit=age, unit="years", source=row.source
    )


def chain_of(new: Term, earlier: Iterable[Term], max_gap_months: int) -> tuple[Term, ...]:
    """Return the contracts that count with ``new``, oldest first: no gap in it is longer than that."""
    chain, since = [new], new.starts_on
    for term in sorted(earlier, key=lambda term: term.ends_on or date.max, reverse=True):
        if term.ends_on is not None and since > add_months(term.ends_on + ONE_DAY, max_gap_months):
            break
        chain.append(term)
        since = min(since, term.starts_on)
    return tuple(sorted(chain, key=lambda term: term.starts_on))
