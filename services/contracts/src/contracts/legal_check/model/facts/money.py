"""Facts for the rules about money: VAT, false self-employment, lending, the rate."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from contracts.contract.model.contract import LIVE
from contracts.legal_check.model.calendar import teaching_weeks
from events.words import Fee, FeeBasis, FeeKind, Form, LendingStatus, OrganisationKind
from rules.dates import months_spanned
from rules.fee_band import FeeBandFacts
from rules.lending import LendingFacts
from rules.rate_band import RateFacts
from rules.self_employment import SelfEmploymentFacts
from rules.vat_facts import Invoicer, Lender, VatFacts

if TYPE_CHECKING:
    from common.policy import Policies
    from contracts.contract.model.contract import Contract
    from contracts.contract.model.terms import Terms
    from contracts.legal_check.model.dossier import Dossier

_MONTHS_IN_A_YEAR: Final = 12
_BY_THE_HOUR: Final = frozenset({FeeKind.HOURLY, FeeKind.COST})
_YEAR: Final = timedelta(days=364)
_THREE_PLACES: Final = Decimal("0.001")


def invoice_lines(dossier: Dossier, policies: Policies) -> tuple[int, ...]:
    """Return the net lines, in cents, that a year of this work is invoiced in; wages where nobody invoices.

    By the hour a line a week: contact minutes, and preparation as well where the cost is passed on.
    """
    terms = dossier.contract.terms
    last = min(dossier.last, dossier.begins + _YEAR)
    if terms.fee.kind is FeeKind.SALARY:
        months = months_spanned(dossier.begins, last) if dossier.begins <= last else 0
        return (terms.fee.cents,) * min(months, _MONTHS_IN_A_YEAR)
    if terms.fee.kind in _BY_THE_HOUR:
        minutes = terms.minutes_per_week
        if terms.fee.kind is FeeKind.COST:
            minutes += terms.preparation_minutes_per_week
        counting = policies.on("qualification.counting", dossier.begins).value
        return (_half_up(terms.fee.cents * minutes, 60),) * teaching_weeks(dossier.begins, last, counting)
    return (terms.fee.cents,)


def vat_facts(dossier: Dossier, net_cents: int) -> VatFacts:
    """Ask which row of the VAT table fits."""
    contract, declared = dossier.contract, dossier.contract.terms.declared
    return VatFacts(
        form=contract.form,
        day=dossier.begins,
        invoiced_by=_invoicer(contract),
        fee_cents=net_cents,
        gross_wage_cents=declared.gross_wage_cents,
        gross_labour_cost_cents=declared.gross_labour_cost_cents,
        employed_by_school=_employed(contract),
        lender=_lender(dossier),
        lender_recognised=dossier.employer is not None and dossier.employer.education_recognised,
        indispensable=declared.indispensable,
        not_competing=declared.not_competing,
        jointly_provided=declared.jointly_provided,
        statutory_lessons=contract.lessons.statutory_lessons,
        pupil_facing=declared.pupil_facing,
        crkbo_registered=dossier.person.crkbo_registered,
        in_company_time=declared.in_company_time,
        small_business_scheme=declared.small_business_scheme,
        education_taxed=declared.education_taxed,
        joint_employers=declared.joint_employers,
        joint_account=declared.joint_account,
    )


def self_employment_facts(dossier: Dossier, *, supervision: bool = False) -> SelfEmploymentFacts:
    """Ask how much it looks like employment; ``supervision`` is whether the law asks for a teacher beside them."""
    contract, declared = dossier.contract, dossier.contract.terms.declared
    minutes = contract.terms.minutes_per_week
    elsewhere = dossier.person.company_minutes_per_week + sum(
        other.terms.minutes_per_week for other in dossier.others if other.status in LIVE
    )
    return SelfEmploymentFacts(
        form=contract.form,
        day=dossier.begins,
        free_substitution=declared.free_substitution,
        free_content=declared.free_content,
        other_clients=declared.other_clients,
        share_of_hours=(Decimal(minutes) / (minutes + elsewhere)).quantize(_THREE_PLACES),
        core_curriculum=contract.lessons.statutory_lessons,
        incidental=not contract.lessons.structural,
        rostered=contract.terms.roster is not None,
        supervised=supervision or contract.terms.supervisor_id is not None,
    )


def lending_facts(dossier: Dossier) -> LendingFacts:
    """Ask whether the company may lend its people."""
    status = dossier.employer.lending_status if dossier.employer else None
    return LendingFacts(
        form=dossier.contract.form,
        starts_on=dossier.begins,
        ends_on=dossier.contract.terms.ends_on,
        lending_status=status or LendingStatus.UNKNOWN,
        fee_basis=_basis(dossier.contract.terms.fee),
        collegial_conditions=dossier.contract.terms.declared.collegial_conditions,
    )


def fee_band_facts(dossier: Dossier) -> FeeBandFacts | None:
    """Ask whether the amount goes with its unit; None without a fee, and for an extension, which changes no amount."""
    terms = dossier.contract.terms
    return None if terms.fee.kind is FeeKind.NONE or dossier.extends is not None else of_terms(terms, dossier.begins)


def of_terms(terms: Terms, day: date) -> FeeBandFacts:
    """Put the amount and the hours of some terms together."""
    return FeeBandFacts(
        day=day,
        kind=terms.fee.kind,
        cents=terms.fee.cents,
        minutes_per_week=terms.minutes_per_week + terms.preparation_minutes_per_week,
    )


def rate_facts(dossier: Dossier) -> RateFacts | None:
    """Ask whether the hourly fee is usual; None where there is none by the hour."""
    fee = dossier.contract.terms.fee
    if fee.kind not in _BY_THE_HOUR:
        return None
    return RateFacts(day=dossier.begins, hourly_cents=fee.cents)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _invoicer(contract: Contract) -> Invoicer:
    form, declared = contract.form, contract.terms.declared
    if form is Form.SECONDMENT or (form is Form.GUEST and declared.in_company_time):
        return Invoicer.EMPLOYER
    if form is Form.DUAL_EMPLOYMENT or contract.terms.fee.kind is FeeKind.NONE:
        return Invoicer.NOBODY
    return Invoicer.NOBODY if form is Form.GUEST and declared.on_payroll else Invoicer.TRAINER


def _employed(contract: Contract) -> bool:
    """Whether the school pays a wage: it employs, or has a paid guest on its payroll."""
    paid_guest = contract.form is Form.GUEST and contract.terms.declared.on_payroll
    return contract.form is Form.DUAL_EMPLOYMENT or paid_guest


def _lender(dossier: Dossier) -> Lender | None:
    if dossier.employer is None:
        return None
    return Lender.COMPANY if dossier.employer.kind is OrganisationKind.COMPANY else Lender.SCHOOL


def _basis(fee: Fee) -> FeeBasis:
    if fee.kind is FeeKind.NONE:
        return FeeBasis.COST
    return fee.basis or FeeBasis.MARKET
