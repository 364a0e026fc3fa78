"""The chain rule: when a row of temporary contracts with one board becomes a permanent one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from common.decision import Outcome, Reason, Verdict
from rules.dates import ONE_DAY, add_months, months_spanned
from rules.forms import Form, SchoolType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from common.policy import Policies


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


def check(facts: ChainFacts, policies: Policies) -> Verdict:
    """Warn near the end of the chain; past it a person decides. Policy ``chain_rule.<school type>``.

    Raises:
        Missing: that policy is not known on the day the new contract starts.
    """
    row = policies.on(f"chain_rule.{facts.school_type}", facts.new.starts_on)
    value = row.value
    concerned = facts.form in value["forms"] or (facts.on_payroll and facts.form in value["formsOnPayroll"])
    if not concerned or facts.new.ends_on is None:
        return Verdict(
            policy_version=policies.version,
            reasons=(Reason(rule="CHAIN_NOT_CONCERNED", outcome=Outcome.PASS, source=row.source),),
        )
    chain = chain_of(facts.new, facts.earlier, value["maxGapMonths"])
    months = months_spanned(chain[0].starts_on, facts.new.ends_on)
    reasons = tuple(
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
            ("CHAIN_CONTRACTS", len(chain), value["maxContracts"], value["warnAtContract"], "contracts"),
            ("CHAIN_MONTHS", months, value["maxMonths"], value["warnAtMonths"], "months"),
        )
    )
    return Verdict(policy_version=policies.version, reasons=reasons)


def chain_of(new: Term, earlier: Iterable[Term], max_gap_months: int) -> tuple[Term, ...]:
    """Return the contracts that count with ``new``, oldest first: no gap in it is longer than that."""
    chain, since = [new], new.starts_on
    for term in sorted(earlier, key=lambda term: term.ends_on or date.max, reverse=True):
        if term.ends_on is not None and since > add_months(term.ends_on + ONE_DAY, max_gap_months):
            break
        chain.append(term)
        since = min(since, term.starts_on)
    return tuple(sorted(chain, key=lambda term: term.starts_on))
