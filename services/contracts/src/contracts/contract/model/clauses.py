"""The catalogue of clauses: which of them an agreement has, by its kind, the sector and what was agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from events.words import FeeKind, Form, SchoolType

SECTIONS: Final = ("work", "time", "money", "rights", "absence", "knowledge", "end")
"""In the order in which an agreement has them."""


class Circumstance(StrEnum):
    """A circumstance of the agreement, which decides about its clauses."""

    FIXED_TERM = "fixed_term"
    CAPPED = "capped"
    ROSTERED = "rostered"
    SUPERVISED = "supervised"
    GROUND = "ground"
    TRAVEL = "travel"
    TAX_CREDIT = "tax_credit"
    NOTICE_AGREED = "notice_agreed"
    """With a term of its own."""
    NOTICE_ALLOWED = "notice_allowed"
    """With no term of its own."""
    IN_COMPANY_TIME = "in_company_time"
    FREE_SUBSTITUTION = "free_substitution"
    ON_PAYROLL = "on_payroll"
    SCALED = "scaled"
    """With a scale and step."""
    FACTOR = "factor"
    COMPANY_HOURS = "company_hours"
    FEE_NONE = "fee_none"
    FEE_SALARY = "fee_salary"
    FEE_HOURLY = "fee_hourly"
    FEE_COST = "fee_cost"
    FEE_FIXED = "fee_fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of the standard text, with the law or agreement from which it comes."""

    code: str
    section: str
    agreements: frozenset[str]
    """The agreements that have it, as policy ``forms.<form>`` names them."""
    sectors: frozenset[SchoolType]
    when: frozenset[Circumstance]
    """All of these circumstances hold."""
    unless: frozenset[Circumstance]
    """None of these holds."""
    source: str
    nl: str
    en: str
    """For information; both have the same variables, in braces."""

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Clause:
        """Read one entry of a catalogue."""
        return cls(
            **{
                **entry,
                "agreements": frozenset(entry["agreements"]),
                "sectors": frozenset(map(SchoolType, entry.get("sectors", SchoolType))),
                "when": frozenset(map(Circumstance, entry.get("when", ()))),
                "unless": frozenset(map(Circumstance, entry.get("unless", ()))),
            }
        )


def circumstances(clauses: Mapping[str, Any]) -> frozenset[Circumstance]:
    """Return what holds for what was agreed."""
    terms = clauses["terms"]
    declared, kind = terms["declared"], terms["fee"]["kind"]
    employed = clauses["form"] == Form.DUAL_EMPLOYMENT
    payroll = clauses["form"] == Form.GUEST and (declared["onPayroll"] or kind == FeeKind.SALARY)
    holds = {
        Circumstance.FIXED_TERM: terms["endsOn"] is not None,
        Circumstance.CAPPED: terms["maxMinutesPerSchoolYear"] is not None,
        Circumstance.ROSTERED: terms["roster"] is not None,
        Circumstance.SUPERVISED: terms["supervisorId"] is not None,
        Circumstance.GROUND: clauses["ground"] is not None,
        Circumstance.TRAVEL: bool(terms["travelCentsPerKm"]),
        Circumstance.TAX_CREDIT: terms["payrollTaxCredit"] is not None,
        Circumstance.NOTICE_AGREED: bool(terms["noticeMonths"]),
        Circumstance.NOTICE_ALLOWED: terms["noticeMonths"] == 0,
        Circumstance.IN_COMPANY_TIME: declared["inCompanyTime"],
        Circumstance.FREE_SUBSTITUTION: bool(declared["freeSubstitution"]),
        Circumstance.ON_PAYROLL: employed or payroll,
        Circumstance.SCALED: None not in {terms.get("salaryScale"), terms.get("salaryStep")},
        Circumstance.FACTOR: terms.get("workingTimeFactor") is not None,
        Circumstance.COMPANY_HOURS: terms.get("companyMinutesPerWeek") is not None,
        Circumstance(f"fee_{kind}"): True,
    }
    return frozenset(name for name, holding in holds.items() if holding)


def chosen(catalogue: Sequence[Clause], agreement: str, clauses: Mapping[str, Any]) -> tuple[Clause, ...]:
    """Return the clauses of one agreement, in the order of the catalogue."""
    sector, holding = SchoolType(clauses["lessons"]["schoolType"]), circumstances(clauses)
    return tuple(
        clause
        for clause in catalogue
        if agreement in clause.agreements
        and sector in clause.sectors
        and clause.when <= holding
        and not clause.unless & holding
    )
