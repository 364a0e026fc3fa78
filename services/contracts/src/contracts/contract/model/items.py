"""Items that law and collective agreement ask of an agreement: which are filled in, and by whom the rest is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from common.decision import Outcome, Reason, Verdict
from common.errors import InvalidParam, Message
from events.words import Form, Party, SchoolType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from common.policy import Policies
    from contracts.contract.model.contract import Contract
    from contracts.contract.model.terms import Terms

FIELDS: Final[Mapping[str, Callable[[Terms], bool]]] = {
    "fee.cents": lambda terms: terms.fee.cents > 0,
    "salaryScale": lambda terms: terms.salary_scale is not None,
    "salaryStep": lambda terms: terms.salary_step is not None,
    "workingTimeFactor": lambda terms: terms.working_time_factor is not None,
    "companyMinutesPerWeek": lambda terms: terms.company_minutes_per_week is not None,
    "declared.freeSubstitution": lambda terms: terms.declared.free_substitution is not None,
}
"""The fields of the terms that can be left open, by their path, and whether one is filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """An agreement of a form in a sector, and which of its fields are filled in."""

    day: date
    form: Form
    school_type: SchoolType
    filled: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item that is asked."""

    code: str
    field: str
    party: Party
    """Whose it is to fill in."""
    mandatory: bool
    """Whether nothing is offered without it."""
    filled: bool
    source: str


def item_facts(contract: Contract) -> ItemFacts:
    """Return what a contract has of the items."""
    return ItemFacts(
        day=contract.terms.starts_on,
        form=contract.form,
        school_type=contract.lessons.school_type,
        filled=frozenset(name for name, filled in FIELDS.items() if filled(contract.terms)),
    )


def items(facts: ItemFacts, policies: Policies) -> tuple[Item, ...]:
    """Return the items of policy ``contract_items.<form>`` for this sector.

    Raises:
        Missing: the policy is not known on that day.
    """
    return tuple(
        Item(
            code=entry["code"],
            field=entry["field"],
            party=Party(entry["party"]),
            mandatory=entry["mandatory"],
            filled=entry["field"] in facts.filled,
            source=entry["source"],
        )
        for entry in policies.on(f"contract_items.{facts.form}", facts.day).value["items"]
        if facts.school_type in entry["schoolTypes"]
    )


def check(facts: ItemFacts, policies: Policies) -> Verdict:
    """Block where a mandatory item is missing, and warn where another one is.

    Raises:
        Missing: the policy is not known on that day.
    """
    reasons = tuple(
        Reason(rule=item.code, outcome=Outcome.BLOCK if item.mandatory else Outcome.WARN, source=item.source)
        for item in items(facts, policies)
        if not item.filled
    )
    complete = Reason(rule="ITEMS", outcome=Outcome.PASS)
    return Verdict(policy_version=policies.version, reasons=reasons or (complete,))


def faults(facts: ItemFacts, policies: Policies) -> list[InvalidParam]:
    """Return the mandatory items that are missing, by field.

    Raises:
        Missing: the policy is not known on that day.
    """
    return [
        InvalidParam(
            item.field,
            Message("This agreement needs this; it is to come from the {party}", party=item.party.value),
            "missing",
        )
        for item in items(facts, policies)
        if item.mandatory and not item.filled
    ]


def open_items(contract: Contract, policies: Policies) -> dict[str, Any]:
    """Return every item of a contract, and whether all that is mandatory is there."""
    found = items(item_facts(contract), policies)
    return {"complete": all(item.filled or not item.mandatory for item in found), "items": list(found)}
