"""The words that events share: codes, a weekly slot, a reason. Dutch counterparts stand in docs/glossary.md."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Any, Final

from pydantic import Field

from events import Payload


class Form(StrEnum):
    """How the work is agreed: it decides who signs, who invoices and which VAT row applies."""

    SELF_EMPLOYED = "self_employed"
    DUAL_EMPLOYMENT = "dual_employment"
    SECONDMENT = "secondment"
    GUEST = "guest"


PUBLISHED_AS: Final = {"TeachingRole": "Role"}
"""Names in published schemas that are older than the classes' own; a published name never changes."""


class TeachingRole(StrEnum):
    """What the trainer does at the school: a level, independent of the form."""

    GUEST_LECTURER = "guest_lecturer"
    INSTRUCTOR = "instructor"
    TEACHER = "teacher"
    PRACTICE_TRAINER = "practice_trainer"
    SUPPORT = "support"
    PRACTICE_EXPERT = "practice_expert"


class SchoolType(StrEnum):
    """The sector, under its Dutch name."""

    PO = "po"
    VO = "vo"
    MBO = "mbo"
    HBO = "hbo"
    WO = "wo"


class Party(StrEnum):
    """Who is asked, who signs."""

    TRAINER = "trainer"
    SCHOOL = "school"
    COMPANY = "company"


class OrganisationKind(StrEnum):
    """A school is board, institution and location; a desk brokers for a region."""

    BOARD = "board"
    SCHOOL = "school"
    LOCATION = "location"
    COMPANY = "company"
    DESK = "desk"


class CompanySize(StrEnum):
    """How large a company is, by its number of people: the classes of Recommendation 2003/361/EC."""

    MICRO = "micro"
    """Fewer than 10."""
    SMALL = "small"
    """10 to 49."""
    MEDIUM = "medium"
    """50 to 249."""
    LARGE = "large"
    """250 or more."""


class LendingStatus(StrEnum):
    """What a company is in the eyes of lending law."""

    NOT_LENDING = "not_lending"
    """Its people are lent to nobody."""
    UNKNOWN = "unknown"
    REGISTERED = "registered"
    """Entered as a lender in the trade register."""
    NOTIFIED = "notified"
    """Reported itself before the scheme of 2027 began, and may go on until its application is decided."""
    ADMITTED = "admitted"
    """Holds an admission under the scheme of 2027."""
    DISPENSED = "dispensed"
    COLLEGIAL = "collegial"
    """Lends now and then, to a colleague: free where it asks no more than cost."""
    INTRA_GROUP = "intra_group"


class FeeKind(StrEnum):
    """What the school pays for; amounts are cents, euro, without VAT."""

    NONE = "none"
    SALARY = "salary"
    HOURLY = "hourly"
    COST = "cost"
    FIXED = "fixed"


class FeeBasis(StrEnum):
    """What a secondment's fee is measured by."""

    COST = "cost"
    COST_PLUS = "cost_plus"
    """Cost and a small allowance, whose limit is policy."""
    MARKET = "market"


class Slot(Payload):
    """A weekly hour in Europe/Amsterdam: ISO weekday 1 (Monday) to 7; ``ends`` not after ``starts`` is next day."""

    day: int = Field(ge=1, le=7)
    starts: time
    ends: time


class Absence(Payload):
    """Days on which a person is away, both included."""

    from_: date = Field(alias="from")
    until: date


class Fee(Payload):
    """What the school offers or pays."""

    kind: FeeKind
    cents: int = Field(ge=0)
    """Per hour for ``hourly`` and ``cost``, in all for ``fixed``, a month for ``salary``; 0 for ``none``."""
    basis: FeeBasis | None = None


class Finding(Payload):
    """One rule's outcome inside a decision: a code, what was measured and its limit, as text for every unit."""

    rule: str
    outcome: str
    measured: str | None = None
    limit: str | None = None
    unit: str = ""
    period: str = ""
    source: str = ""


class HeldQualification(Payload):
    """A qualification that was verified, or is only claimed."""

    code: str
    subject: str | None = None
    verified: bool
    valid_until: date | None = None


def with_published_names(schema: Any) -> Any:
    """Return a JSON Schema in which classes are called as they were when it was published."""
    if isinstance(schema, list):
        return [with_published_names(item) for item in schema]
    if isinstance(schema, str):
        head, slash, last = schema.rpartition("/")
        return f"{head}{slash}{PUBLISHED_AS.get(last, last)}" if schema.startswith("#/") else schema
    if not isinstance(schema, dict):
        return schema
    named = {PUBLISHED_AS.get(name, name): with_published_names(value) for name, value in schema.items()}
    if "$defs" in named:
        named["$defs"] = dict(sorted(named["$defs"].items()))
    title = named.get("title")
    return named | {"title": PUBLISHED_AS[title]} if isinstance(title, str) and title in PUBLISHED_AS else named
