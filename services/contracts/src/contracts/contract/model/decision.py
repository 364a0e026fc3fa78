"""The decision of the legal checks about a contract: stored beside it, with the facts and reasons to repeat it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from events.words import Finding, Form


class Ruling(StrEnum):
    """The outcome of the checks together."""

    PASSED = "passed"
    HELD = "held"
    """Only a person may decide."""
    RETURNED = "returned"
    """Something is missing that the parties can put right."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of one form to the school in a year, in cents: equal invoice lines, VAT rounded on each of them."""

    form: Form
    row: str
    """The row of the VAT table."""
    treatment: str
    rate: Decimal | None
    """A fraction; None where undecided."""
    legal_basis: str
    fiscal_review: bool
    reclaimable: bool
    lines: int
    line_cents: int
    net_cents: int
    vat_cents: int | None
    total_cents: int | None

    @property
    def burden_cents(self) -> int | None:
        """The VAT that stays with the school; None where undecided."""
        return 0 if self.reclaimable else self.vat_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The ruling, why, and under which policies; the facts behind each reason stand in the log of decisions."""

    ruling: Ruling
    policy_version: int
    findings: tuple[Finding, ...]
    """Every reason that says more than that all is well."""
    ground: str | None
    """On which the trainer may do this; None where there is none."""
    supervision: bool
    """Whether a qualified teacher must answer for the lessons."""
    counts_teaching_minutes: bool
    vat: Cost
    costs: tuple[Cost, ...]
    """Of every feasible form, side by side."""
