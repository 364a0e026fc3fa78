"""Contracts as they are shown, and terms as they are given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, computed_field

from common.errors import Invalid
from common.web import ClockTime, Command, Moment, PlannedDay, View
from contracts.contract.model import contract
from contracts.contract.model.decision import Ruling
from contracts.contract.model.terms import Declared, Terms
from events.contracts import EndingReason
from events.words import Fee, FeeBasis, FeeKind, Form, Party, SchoolType, Slot, TeachingRole
from rules import words
from rules.ending import Way
from rules.fee_band import PER, Per, unit_faults

Cents = Annotated[int, Field(ge=0, le=100_000_000)]


WeekMinutes = Annotated[int, Field(ge=0, le=10_080)]


_FACTOR = r"^(0\.[0-9]{0,3}[1-9][0-9]{0,3}|1(\.0{1,4})?)$"
ScaleCode = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9.-]{0,7}$")]
"""A scale or step as a collective agreement numbers it."""


class SlotView(View):
    """A weekly hour in Europe/Amsterdam; ISO weekday 1 (Monday) to 7."""

    day: int
    starts_time: ClockTime = Field(validation_alias="starts")
    ends_time: ClockTime = Field(validation_alias="ends")


class FeeView(View):
    """The fee that the school pays, in cents without VAT."""

    kind: FeeKind
    cents: int
    basis: FeeBasis | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def per(self) -> Per:
        """The unit of the amount."""
        return PER[self.kind]


class DeclaredView(View):
    """Declarations of the parties."""

    gross_wage_cents: int | None
    gross_labour_cost_cents: int | None
    indispensable: bool
    not_competing: bool
    jointly_provided: bool
    pupil_facing: bool
    in_company_time: bool
    on_payroll: bool
    free_substitution: bool | None
    free_content: bool | None
    other_clients: bool | None
    earns_exempt_wage: bool
    past_pension_age: bool
    learning_contract: bool
    small_business_scheme: bool
    education_taxed: bool
    joint_employers: bool
    joint_account: bool
    contract_activity: bool
    collegial_conditions: bool | None


class TermsView(View):
    """The agreed terms; minutes a week, cents without VAT."""

    starts_on: date
    ends_on: date | None
    minutes_per_week: int
    preparation_minutes_per_week: int
    max_minutes_per_school_year: int | None
    roster: list[SlotView] | None
    supervisor_id: UUID | None
    fee: FeeView
    travel_cents_per_km: int | None
    payroll_tax_credit: Party | None
    notice_months: int | None
    salary_scale: str | None
    salary_step: str | None
    working_time_factor: Decimal | None
    company_minutes_per_week: int | None
    declared: DeclaredView


class LessonsView(View):
    """The lessons."""

    role: TeachingRole
    school_type: SchoolType
    subject: str
    upper_years: bool
    structural: bool
    statutory_lessons: bool
    group_size: int
    language: str


class SlotGiven(Command):
    """A weekly hour in Europe/Amsterdam; one that ends no later than it starts ends next day."""

    day: int = Field(ge=1, le=7)
    starts_time: ClockTime
    ends_time: ClockTime

    def slot(self) -> Slot:
        """Return it in the words of the model."""
        return Slot(day=self.day, starts=self.starts_time, ends=self.ends_time)


class FeeGiven(Command):
    """The fee that the school pays, in cents without VAT."""

    kind: FeeKind
    cents: Cents
    """For each ``per``: a salary is gross a month."""
    basis: FeeBasis | None = None
    per: Per | None = None
    """The unit of the amount, which follows from the kind; name it to have it checked."""

    def fee(self) -> Fee:
        """Return it in the words of the model.

        Raises:
            Invalid: the caller means another unit.
        """
        fee = Fee(kind=self.kind, cents=self.cents, basis=self.basis)
        if faults := unit_faults(fee, self.per):
            raise Invalid(*faults)
        return fee


class DeclaredGiven(Command):
    """Declarations of the parties; one that is left out counts as the riskier answer."""

    gross_wage_cents: Cents | None = None
    gross_labour_cost_cents: Cents | None = None
    indispensable: bool = False
    not_competing: bool = False
    jointly_provided: bool = False
    pupil_facing: bool = True
    in_company_time: bool = False
    on_payroll: bool = False
    free_substitution: bool | None = None
    free_content: bool | None = None
    other_clients: bool | None = None
    earns_exempt_wage: bool = False
    past_pension_age: bool = False
    learning_contract: bool = False
    small_business_scheme: bool = False
    education_taxed: bool = False
    joint_employers: bool = False
    joint_account: bool = False
    contract_activity: bool = False
    collegial_conditions: bool | None = None

    def declared(self) -> Declared:
        """Return it in the words of the model."""
        return Declared(**dict(self))


class TermsGiven(Command):
    """All the terms, as they are to be from now on."""

    starts_on: PlannedDay
    ends_on: PlannedDay | None = None
    minutes_per_week: WeekMinutes
    preparation_minutes_per_week: WeekMinutes = 0
    max_minutes_per_school_year: Annotated[int, Field(ge=1, le=525_600)] | None = None
    roster: Annotated[tuple[SlotGiven, ...], Field(max_length=50)] | None = None
    supervisor_id: UUID | None = None
    fee: FeeGiven
    travel_cents_per_km: Annotated[int, Field(ge=0, le=10_000)] | None = None
    payroll_tax_credit: Party | None = None
    notice_months: Annotated[int, Field(ge=0, le=24)] | None = None
    salary_scale: ScaleCode | None = None
    """Of the collective agreement, such as ``LB`` or ``10``; only of an employment with the school, as the next two."""
    salary_step: ScaleCode | None = None
    working_time_factor: Annotated[str, Field(max_length=6, pattern=_FACTOR, examples=["0.1125"])] | None = None
    """The part of a full-time job, at most 1, with at most four decimals."""
    company_minutes_per_week: WeekMinutes | None = None
    """At the company from the first day on, beside the school; only of two employments."""
    declared: DeclaredGiven = DeclaredGiven()

    def terms(self) -> Terms:
        """Return them in the words of the model."""
        return Terms(
            **{
                **dict(self),
                "roster": None if self.roster is None else tuple(slot.slot() for slot in self.roster),
                "fee": self.fee.fee(),
                "declared": self.declared.declared(),
                "working_time_factor": self.working_time_factor and Decimal(self.working_time_factor),
            }
        )


class FindingView(View):
    """One rule's outcome: what was measured against which limit."""

    rule: str
    outcome: str
    measured: str | None
    limit: str | None
    unit: str
    period: str
    source: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text_nl(self) -> str:
        """The reason in Dutch."""
        return words.of(self, "nl")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text_en(self) -> str:
        """The reason in English."""
        return words.of(self, "en")


class CostView(View):
    """The cost of one form to the school in a year, in cents; null where VAT is undecided."""

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
    """The decision of the checks about the terms as they are."""

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


class EndingView(View):
    """An end before the last day."""

    way: Way
    by: Party
    last_day: date
    reason: EndingReason | None
    """Null for school and company where that is the trainer's own."""
    left: list[Party]
    """Whose answer it waits for; it is certain once nobody's is left."""
    answer_before_at: Moment | None = Field(validation_alias="answer_before")
    reconsider_before_at: Moment | None = Field(validation_alias="reconsider_before")
    """Until when the trainer may take back the consent; null where the form gives no days for that."""


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
    ending: EndingView | None


class ItemView(View):
    """One item that law or collective agreement asks of the agreement."""

    code: str
    field: str
    """Of the terms, by its path."""
    party: Party
    """Whose it is to fill in."""
    mandatory: bool
    """Whether nothing is offered without it."""
    filled: bool
    source: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text_nl(self) -> str:
        """The item in Dutch."""
        return words.reason("nl", rule=self.code, outcome="pass" if self.filled else "block")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text_en(self) -> str:
        """The item in English."""
        return words.reason("en", rule=self.code, outcome="pass" if self.filled else "block")


class CompletenessView(View):
    """Everything that is asked of the agreement, and whether all that is mandatory is there."""

    complete: bool
    items: list[ItemView]


class AgreementView(View):
    """One agreement of a document, with a text and signatories of its own."""

    code: str
    title: str
    mandatory: list[Party]
    invited: list[Party]
    text: str


class DocumentView(View):
    """A version of a contract's document; its hash is that of the canonical clauses."""

    contract_id: UUID
    document_version: int
    document_hash: str
    language: str
    clauses: dict[str, Any]
    text: str
    agreements: list[AgreementView]
    """Each agreement by itself; none where the text was drawn up in an edition before agreements had their own."""
