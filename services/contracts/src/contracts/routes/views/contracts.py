"""A contract, its signatures and its document."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from common.web import Moment, View
from contracts.model import contract
from contracts.routes.views.decisions import FindingView, RulingView
from contracts.routes.views.terms import LessonsView, TermsView
from events.words import Form, Party


class InstrumentView(View):
    """One agreement inside the document."""

    code: str
    mandatory: list[Party]
    invited: list[Party]


class SignatureView(View):
    """One party's signature."""

    party: Party
    signed_at: Moment = Field(validation_alias="at")


class SigningView(View):
    """The version on the table, or the one that binds."""

    document_version: int = Field(validation_alias="version")
    document_hash: str = Field(validation_alias="hash")
    instruments: list[InstrumentView]
    mandatory: list[Party]
    invited: list[Party]
    left: list[Party]
    signatures: list[SignatureView] = Field(validation_alias="given")
    sign_before_at: Moment = Field(validation_alias="before")


class ExtensionView(View):
    """A later end that is proposed; ``signing`` is null as long as a person looks at it."""

    ends_on: date
    decision: RulingView
    signing: SigningView | None


class ContractView(View):
    """A contract."""

    id: UUID
    version: int
    status: contract.Status
    proposal_id: UUID
    vacancy_id: UUID
    trainer_id: UUID
    board_id: UUID
    school_id: UUID
    location_id: UUID
    company_id: UUID | None
    region: str | None
    form: Form
    lessons: LessonsView
    terms: TermsView
    drafted_at: Moment
    decision: RulingView | None
    documents: int
    signing: SigningView | None
    held: list[FindingView]
    active_from: date | None
    ended_on: date | None
    reason: str | None
    """Why it ended or stands still; null for school and company where that is the trainer's own."""
    extension: ExtensionView | None


class DocumentView(View):
    """A version of a contract's document; its hash is that of the canonical clauses."""

    contract_id: UUID
    document_version: int
    document_hash: str
    language: str
    clauses: dict[str, Any]
    text: str
