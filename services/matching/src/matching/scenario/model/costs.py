"""The cost of one match to the school and the company, and its VAT: rates by policy, VAT by the table of the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from matching.proposal.model.employer import company_week, in_company_time
from rules.forms import Form
from rules.vat import cost_to_school_side_by_side
from rules.vat_facts import Lender, VatFacts

if TYPE_CHECKING:
    from common.policy import Policies
    from matching.plan.model.snapshot import Fit

_HOUR: Final = 60
_YEAR_IN_DAYS: Final = 364
"""52 weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Policy ``matching.scenario``, with the weeks of ``qualification.counting``; cents per hour, without VAT."""

    fee: Mapping[Form, int]
    """What a school pays per form; for employment by the school, its wage costs."""
    company: int
    """What an hour at the school costs the company whose employee it is."""
    compensation_school: int
    """What the school gets per hour from elsewhere."""
    compensation_company: int
    weeks: int
    """The weeks with lessons in a year."""
    statutory_lessons: bool
    pupil_facing: bool

    @classmethod
    def of(cls, policies: Policies, day: date) -> Rates:
        """Read the row that holds on ``day``.

        Raises:
            MissingDependency: it is not known here yet.
        """
        value = policies.on("matching.scenario", day).value
        return cls(
            fee={form: int(value["hourlyCents"][form]) for form in Form},
            company=int(value["companyHourlyCents"]),
            compensation_school=int(value["compensationHourlyCents"]["school"]),
            compensation_company=int(value["compensationHourlyCents"]["company"]),
            weeks=int(policies.on("qualification.counting", day).value["teachingWeeks"]),
            statutory_lessons=bool(value["statutoryLessons"]),
            pupil_facing=bool(value["pupilFacing"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCost:
    """One match until the horizon: its minutes of lessons, and cents to each side."""

    minutes: int
    school_cents: int
    """What the school pays, VAT included, less its compensation."""
    company_cents: int
    """The company's own cost less what it invoices and its compensation; below 0 it earns."""
    vat_cents: int
    """VAT that the school does not get back."""
    undecided: bool = False
    """Whether only a fiscal review could name the VAT, which is counted as 0."""


def cost(fit: Fit, minutes_per_week: int, rates: Rates, policies: Policies, until: date) -> MatchCost:
    """Return what a match costs from its first day to ``until``, that day included.

    Raises:
        MissingDependency: a policy row is not known here yet.
    """
    begins, last = fit.law.begins, min(fit.law.ends, until)
    days = max((last - begins).days + 1, 0)
    minutes = minutes_per_week * days * rates.weeks // _YEAR_IN_DAYS
    net = rates.fee[fit.form] * minutes // _HOUR
    employed = fit.profile.company_id is not None
    in_its_time = fit.form is Form.GUEST and employed and _in_company_time(fit, policies)
    facts = VatFacts(
        form=fit.form,
        day=begins,
        fee_cents=net,
        lender=Lender.COMPANY if employed else None,
        statutory_lessons=rates.statutory_lessons,
        pupil_facing=rates.pupil_facing,
        in_company_time=in_its_time,
    )
    option = cost_to_school_side_by_side(facts, policies, {fit.form: (net,)})[0]
    vat = option.vat_cents or 0
    burden = 0 if option.outcome.reclaimable else vat
    lent = in_its_time or fit.form is Form.SECONDMENT
    company = (rates.company - rates.compensation_company) * minutes // _HOUR - net if lent else 0
    return MatchCost(
        minutes=minutes,
        school_cents=net + burden - rates.compensation_school * minutes // _HOUR,
        company_cents=company,
        vat_cents=burden,
        undecided=option.vat_cents is None,
    )


def _in_company_time(fit: Fit, policies: Policies) -> bool:
    at_work = company_week(fit.profile, policies, fit.law.begins)
    return in_company_time(fit.at, fit.profile, fit.law.criteria, at_work)
