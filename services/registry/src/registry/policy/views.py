"""How a rule is proposed and shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from common.web import (
    Command,
    Day,
    Line,
    Moment,
    View,
)
from registry.policy.model.policy_change import Status


class PolicyBody(Command):
    """The value of a rule in a period."""

    valid_until: Day | None = None
    source: Line
    verified: bool = False
    """Whether somebody compared it with the primary source."""
    value: Annotated[dict[str, Any], Field(max_length=100)]


class PolicyView(View):
    """The value of a rule in a period; of two rows for one day the newer version holds."""

    code: str
    version: int
    """Of the whole set from this publication on."""
    valid_from: date
    valid_until: date | None
    source: str
    verified: bool
    value: dict[str, Any]


class PolicyChangeView(View):
    """A change of a rule: what it would come to, who proposed it and who decided."""

    id: UUID
    version: int
    """Of the proposal; the published row has the version of the whole set."""
    status: Status
    code: str
    valid_from: date
    valid_until: date | None
    source: str
    verified: bool
    value: dict[str, Any]
    proposed_by: str
    """A pseudonym, as in the audit trail."""
    proposed_at: Moment
    decided_by: str | None
    decided_at: Moment | None
