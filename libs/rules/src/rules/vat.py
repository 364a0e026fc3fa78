"""VAT rows V1 to V13: the first that fits decides; and what each form would cost the school."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from common.decision import Outcome, Reason, Verdict
from common.errors import Refused
from rules.forms import Form, feasible_forms
from rules.vat_facts import Invoicer, Lender, VatFacts

if TYPE_CHECKING:
    from common.policy import Policies, PolicyRow


__all__ = [
    "CostOption",
    "Invoicer",
    "Lender",
    "Treatment",
    "VatFacts",
    "VatOutcome",
    "VatUndecided",
    "check",
    "cost_to_school_side_by_side",
    "decide",
    "vat_of_line",
]


class VatUndecided(Refused):
    """The VAT of row {row} is undecided until a fiscal review."""


class Treatment(StrEnum):
    """The treatment of the payment by VAT law."""

    NO_SUPPLY = "no_supply"
    NO_CONSIDERATION = "no_consideration"
    EXEMPT = "exempt"
    TAXED = "taxed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class VatOutcome:
    """The row that decided, with everything needed to decide it again."""

    row: str
    treatment: Treatment
    rate: Decimal | None
    """A fraction, 0.21 for 21 %; None where undecided."""
    legal_basis: str
    fiscal_review: bool
    reclaimable: bool
    """Whether the school gets the VAT back; what it does not get back is the VAT burden."""
    inputs: Mapping[str, Any]
    verdict: Verdict

    @property
    def policy_version(self) -> int:
        """The version of the policies that decided."""
        return self.verdict.policy_version

    def vat_cents(self, lines: Iterable[int]) -> int:
        """Return the VAT of an invoice with these net lines in cents, rounded line by line.

        Raises:
            VatUndecided: no rate is known before the fiscal review.
        """
        if self.rate is None:
            raise VatUndecided(row=self.row)
        return sum(vat_of_line(line, self.rate) for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOption:
    """The cost of one form to the school, in cents; VAT and total are None where VAT is undecided."""

    form: Form
    outcome: VatOutcome
    net_cents: int
    vat_cents: int | None
    total_cents: int | None


def vat_of_line(net_cents: int, rate: Decimal) -> int:
    """Return the VAT of one invoice line in cents, half up; a reversing line gives exactly the opposite."""
    numerator, denominator = rate.as_integer_ratio()
    rounded = (2 * abs(net_cents) * numerator + denominator) // (2 * denominator)
    return rounded if net_cents >= 0 else -rounded


def decide(facts: VatFacts, policies: Policies) -> VatOutcome:
    """Return the outcome of the first row that is in force and fits; policies ``vat.V1`` … ``vat.V13``, ``vat.rates``.

    Raises:
        Missing: one of those policies is not known on that day.
    """
    passed_over: list[Reason] = []
    for name, fits in _CONDITIONS:
        row = _row(name, facts, policies)
        if row is not None and row.value["inForce"] and facts.form in row.value["forms"]:
            if fits(facts, row.value):
                return _outcome(name, row, facts, policies, passed_over)
            if (above := _ABOVE.get(name)) and (reason := above(facts, row)):
                passed_over.append(reason)
    return _outcome("V10", policies.on("vat.V10", facts.day), facts, policies, passed_over)


def _row(name: str, facts: VatFacts, policies: Policies) -> PolicyRow | None:
    """Return the row of the day; the later ones are not in every set, and hold from 2025-08-01."""
    if name in _LATER:
        return next((row for row in policies.rows.get(f"vat.{name}", ()) if row.holds_on(facts.day)), None)
    return policies.on(f"vat.{name}", facts.day)


def check(facts: VatFacts, policies: Policies) -> Verdict:
    """Return only the verdict: review where a tax adviser must look, else a pass."""
    return decide(facts, policies).verdict


def cost_to_school_side_by_side(
    facts: VatFacts, policies: Policies, lines: Mapping[Form, Sequence[int]] | None = None
) -> tuple[CostOption, ...]:
    """Return the cost including VAT of every feasible form, so that nobody chooses one blindly.

    ``lines``: net invoice lines (or wage costs) in cents of each form to compare; without it, every form
    that is open to the trainer at the same ``fee_cents``.
    """
    if lines is None:
        feasible = feasible_forms(facts.day, policies, employed=facts.lender is not None)
        lines = dict.fromkeys(feasible, (facts.fee_cents,))
    return tuple(_option(facts, form, lines[form], policies) for form in Form if form in lines)


def _option(facts: VatFacts, form: Form, lines: Sequence[int], policies: Policies) -> CostOption:
    net = sum(lines)
    outcome = decide(_in_form(facts, form, net), policies)
    vat = None if outcome.rate is None else outcome.vat_cents(lines)
    return CostOption(
        form=form, outcome=outcome, net_cents=net, vat_cents=vat, total_cents=None if vat is None else net + vat
    )


def _in_form(facts: VatFacts, form: Form, net_cents: int) -> VatFacts:
    """The same work agreed in another form: who invoices follows from the form."""
    employer_invoices = form is Form.SECONDMENT or (form is Form.GUEST and facts.in_company_time)
    invoiced_by = Invoicer.EMPLOYER if employer_invoices else Invoicer.TRAINER
    return replace(
        facts,
        form=form,
        fee_cents=net_cents,
        employed_by_school=form is Form.DUAL_EMPLOYMENT,
        invoiced_by=Invoicer.NOBODY if form is Form.DUAL_EMPLOYMENT else invoiced_by,
    )


def _wage_limit(facts: VatFacts, value: Mapping[str, Any]) -> Decimal | None:
    wage = facts.gross_wage_cents
    # A wage is never more than what it costs: where only that is known, it is the stricter limit.
    if value.get("wageBasis") == "labour_cost" and facts.gross_labour_cost_cents is not None:
        wage = facts.gross_labour_cost_cents
    return None if wage is None else wage * Decimal(value["maxFeeOverGrossWage"])


def _v3(facts: VatFacts, value: Mapping[str, Any]) -> bool:
    limit = _wage_limit(facts, value)
    return (
        facts.lender is Lender.SCHOOL
        and facts.indispensable
        and facts.not_competing
        and limit is not None
        and facts.fee_cents <= limit
    )


def _fee_above_wage(facts: VatFacts, row: PolicyRow) -> Reason | None:
    """Why a lending school does not get its exemption: the one condition that has a number."""
    limit = _wage_limit(facts, row.value)
    if facts.lender is not Lender.SCHOOL or limit is None or facts.fee_cents <= limit:
        return None
    return Reason(
        rule="V3_FEE", outcome=Outcome.WARN, measured=facts.fee_cents, limit=limit, unit="cents", source=row.source
    )


def _small_business(facts: VatFacts, value: Mapping[str, Any]) -> bool:
    within: bool = facts.fee_cents <= value["maxYearlyCents"]
    return facts.small_business_scheme and facts.invoiced_by is Invoicer.TRAINER and within


def _above_small_business(facts: VatFacts, row: PolicyRow) -> Reason | None:
    """Why the small-business scheme does not hold: this work alone is more than it allows in a year."""
    limit = row.value["maxYearlyCents"]
    if not facts.small_business_scheme or facts.fee_cents <= limit:
        return None
    return Reason(
        rule="V11_TURNOVER",
        outcome=Outcome.WARN,
        measured=facts.fee_cents,
        limit=limit,
        unit="cents",
        source=row.source,
    )


# The order is the law's: V12 is a special case of V1, V6 of V5, and so they come first; the small-business scheme (V11)
# matters only where no exemption holds. V10 is what is left.
_CONDITIONS: Final[tuple[tuple[str, Callable[[VatFacts, Mapping[str, Any]], bool]], ...]] = (
    ("V12", lambda facts, _: facts.joint_employers),
    ("V1", lambda facts, _: facts.employed_by_school and facts.invoiced_by is Invoicer.NOBODY),
    ("V2", lambda facts, _: facts.fee_cents == 0),
    ("V13", lambda facts, _: facts.joint_account),
    ("V3", _v3),
    ("V4", lambda facts, _: facts.lender is Lender.SCHOOL and facts.jointly_provided),
    ("V6", lambda facts, _: facts.lender is Lender.COMPANY and facts.lender_recognised),
    (
        "V5",
        lambda facts, _: (
            facts.lender is Lender.COMPANY and (facts.form is Form.SECONDMENT or facts.invoiced_by is Invoicer.EMPLOYER)
        ),
    ),
    ("V7", lambda facts, _: facts.statutory_lessons and (facts.form is Form.SELF_EMPLOYED or facts.fee_cents > 0)),
    (
        "V8",
        lambda facts, value: facts.crkbo_registered and (not facts.pupil_facing or value.get("pupilFacing", False)),
    ),
    ("V11", _small_business),
    ("V9", lambda facts, _: not facts.pupil_facing and not facts.crkbo_registered),
)
_LATER: Final = frozenset({"V11", "V12", "V13"})
_ABOVE: Final[Mapping[str, Callable[[VatFacts, PolicyRow], Reason | None]]] = {
    "V3": _fee_above_wage,
    "V11": _above_small_business,
}


def _outcome(
    name: str, row: PolicyRow, facts: VatFacts, policies: Policies, passed_over: Sequence[Reason]
) -> VatOutcome:
    value = row.value
    rates = policies.on("vat.rates", facts.day).value
    rate = None if value["rate"] is None else Decimal(rates[value["rate"]])
    review = value["fiscalReview"] or (value["reviewWhenLenderRecognised"] and facts.lender_recognised)
    reason = Reason(
        rule=name,
        outcome=Outcome.REVIEW if review else Outcome.PASS,
        measured=rate,
        unit="fraction",
        period=facts.day.isoformat(),
        source=row.source,
    )
    return VatOutcome(
        row=name,
        treatment=Treatment(value["treatment"]),
        rate=rate,
        legal_basis=value["legalBasis"],
        fiscal_review=review,
        reclaimable=value["reclaimable"] or (facts.education_taxed and value.get("reclaimableWhenTaxed", False)),
        inputs=facts.to_json(),
        verdict=Verdict(policy_version=policies.version, reasons=(*passed_over, reason)),
    )
