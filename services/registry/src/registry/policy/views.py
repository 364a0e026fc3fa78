"""How a rule is proposed and shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, computed_field

from common.web import (
    Command,
    Day,
    Line,
    Moment,
    View,
)
from registry.policy.model.policy_change import Status
from registry.policy.wording import subject


class PolicyBody(Command):
    """The value of a rule in a period."""

    valid_until: Day | None = None
    source: Line
    verified: bool = False
    """Whether a person compared it with the text of the day; then it has both of the following, and the source names
    the article."""
    verified_by: Line | None = None
    """A function, no name."""
    verified_on: Day | None = None
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
    verified_by: str | None
    verified_on: date | None
    value: dict[str, Any]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def owner_nl(self) -> str:
        """The ministry or body that answers for the text on which it rests, in Dutch."""
        return subject(self.code).owner_nl

    @computed_field  # type: ignore[prop-decorator]
    @property
    def owner_en(self) -> str:
        """The same in English."""
        return subject(self.code).owner_en


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
    verified_by: str | None
    verified_on: date | None
    value: dict[str, Any]
    proposed_by: str
    """A pseudonym, as in the audit trail."""
    proposed_at: Moment
    decided_by: str | None
    decided_at: Moment | None
