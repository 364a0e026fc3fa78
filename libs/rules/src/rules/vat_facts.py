"""Facts for the VAT table, to plain JSON and back: an outcome is stored with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from rules.forms import Form


class Invoicer(StrEnum):
    """The party that sends the school an invoice."""

    NOBODY = "nobody"
    TRAINER = "trainer"
    EMPLOYER = "employer"


class Lender(StrEnum):
    """The kind of employer that lends the trainer."""

    COMPANY = "company"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True, kw_only=True)
class VatFacts:
    """Facts for the VAT table; one that no party attested is false. Cents without VAT, all over one period."""

    form: Form
    day: date
    """The day of supply: its policy rows decide."""
    invoiced_by: Invoicer = Invoicer.NOBODY
    fee_cents: int = 0
    gross_wage_cents: int | None = None
    gross_labour_cost_cents: int | None = None
    """The wage with the employer's charges."""
    employed_by_school: bool = False
    lender: Lender | None = None
    """None where the trainer has no employer."""
    lender_recognised: bool = False
    """The lending company itself holds an education recognition or CRKBO registration."""
    indispensable: bool = False
    not_competing: bool = False
    jointly_provided: bool = False
    """Lender and borrower are schools that provide the education together."""
    statutory_lessons: bool = False
    """Teaches the school's own statutory lessons to its pupils."""
    pupil_facing: bool = False
    crkbo_registered: bool = False
    in_company_time: bool = False
    small_business_scheme: bool = False
    """The trainer takes part in the small-business scheme (KOR)."""
    education_taxed: bool = False
    """The school charges VAT for this education, and so gets back what it pays for it."""
    joint_employers: bool = False
    """One contract of employment has school and company as employers."""
    joint_account: bool = False
    """School and company share the costs by a key that they agreed on beforehand."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON from which ``from_json`` makes the same facts again."""
        return {
            "form": self.form.value,
            "day": self.day.isoformat(),
            "invoicedBy": self.invoiced_by.value,
            "feeCents": self.fee_cents,
            "grossWageCents": self.gross_wage_cents,
            "employedBySchool": self.employed_by_school,
            "lender": None if self.lender is None else self.lender.value,
            "lenderRecognised": self.lender_recognised,
            "indispensable": self.indispensable,
            "notCompeting": self.not_competing,
            "jointlyProvided": self.jointly_provided,
            "statutoryLessons": self.statutory_lessons,
            "pupilFacing": self.pupil_facing,
            "crkboRegistered": self.crkbo_registered,
            "inCompanyTime": self.in_company_time,
            "grossLabourCostCents": self.gross_labour_cost_cents,
            "smallBusinessScheme": self.small_business_scheme,
            "educationTaxed": self.education_taxed,
            "jointEmployers": self.joint_employers,
            "jointAccount": self.joint_account,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> VatFacts:
        """Read back what ``to_json`` wrote."""
        return cls(
            form=Form(stored["form"]),
            day=date.fromisoformat(stored["day"]),
            invoiced_by=Invoicer(stored["invoicedBy"]),
            fee_cents=stored["feeCents"],
            gross_wage_cents=stored["grossWageCents"],
            employed_by_school=stored["employedBySchool"],
            lender=None if stored["lender"] is None else Lender(stored["lender"]),
            lender_recognised=stored["lenderRecognised"],
            indispensable=stored["indispensable"],
            not_competing=stored["notCompeting"],
            jointly_provided=stored["jointlyProvided"],
            statutory_lessons=stored["statutoryLessons"],
            pupil_facing=stored["pupilFacing"],
            crkbo_registered=stored["crkboRegistered"],
            in_company_time=stored["inCompanyTime"],
            # What was stored before these were facts has none of them.
            gross_labour_cost_cents=stored.get("grossLabourCostCents"),
            small_business_scheme=stored.get("smallBusinessScheme", False),
            education_taxed=stored.get("educationTaxed", False),
            joint_employers=stored.get("jointEmployers", False),
            joint_account=stored.get("jointAccount", False),
        )
