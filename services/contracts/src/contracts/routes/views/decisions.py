"""What the checks decided, and what every form would cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from common.web import Moment, View
from contracts.model.decision import Ruling
from events.words import Form


class FindingView(View):
    """One rule's outcome: what was measured against which limit."""

    rule: str
    outcome: str
    measured: str | None
    limit: str | None
    unit: str
    period: str
    source: str


class CostView(View):
    """What one form costs the school in a year, in cents; null where VAT is undecided."""

    form: Form
    row: str
    treatment: str
    rate: Decimal | None
    legal_basis: str
    fiscal_review: bool
    reclaimable: bool
    lines: int
    line_cents: int
    net_cents: int
    vat_cents: int | None
    total_cents: int | None


class RulingView(View):
    """What the checks decided about the terms as they are."""

    ruling: Ruling
    policy_version: int
    findings: list[FindingView]
    ground: str | None
    supervision: bool
    counts_teaching_minutes: bool
    vat: CostView
    costs: list[CostView]


class CheckView(View):
    """One check: the facts that it was asked, and every reason."""

    name: str
    facts: dict[str, Any] | None
    """Null for school and company where they are about the trainer's certificates or other work."""
    ok: bool
    policy_version: int
    findings: list[FindingView]


class DecisionView(View):
    """One decision about a contract, with all that it takes to repeat it."""

    id: UUID
    about: str
    ruling: str
    made_at: Moment
    policy_version: int
    checks: list[CheckView]
    vat: CostView | None
    costs: list[CostView]
    note: str | None
