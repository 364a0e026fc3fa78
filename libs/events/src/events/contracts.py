"""Events of `contracts`: agreements, signatures, lessons taught and payments."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from events import PREFIX, Data, Event, published_by, upcast
from events.parties import REGION, SCHOOL_SIDE
from events.words import Finding, Form, Party, SchoolType, TeachingRole

published_by(__name__, "contracts")


class ContractEvent(Event):
    """Something about a contract."""

    about: ClassVar[str] = "contract_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {"company", "trainer", REGION}
    contract_id: UUID
    vacancy_id: UUID
    proposal_id: UUID
    trainer_id: UUID


class ContractDrafted(ContractEvent):
    """A contract was drawn up in the agreed form; the legal checks follow."""

    type: ClassVar[str] = f"{PREFIX}contract.drafted.v1"
    dutch: ClassVar[str] = "Een contract is opgesteld in de afgesproken vorm; de wettelijke toetsen volgen."
    board_id: UUID
    school_id: UUID
    location_id: UUID
    company_id: UUID | None
    form: Form
    role: TeachingRole
    school_type: SchoolType
    starts_on: date
    ends_on: date | None
    minutes_per_week: int
    region: str | None


class ContractSubmitted(ContractEvent):
    """The draft was handed in for the legal checks."""

    type: ClassVar[str] = f"{PREFIX}contract.submitted.v1"
    dutch: ClassVar[str] = "Het concept is ingediend voor de wettelijke toetsen."


class ContractHeldForReview(ContractEvent):
    """A check needs a person's judgement before the contract may be offered."""

    type: ClassVar[str] = f"{PREFIX}contract.held-for-review.v1"
    dutch: ClassVar[str] = "Een toets vraagt om een menselijk oordeel voordat het contract wordt aangeboden."
    findings: list[Finding]
    policy_version: int


class ContractReturned(ContractEvent):
    """The draft lacks something that the parties can put right themselves, such as a supervisor."""

    type: ClassVar[str] = f"{PREFIX}contract.returned.v1"
    dutch: ClassVar[str] = (
        "Aan het concept ontbreekt iets dat de partijen zelf kunnen herstellen, zoals een begeleider."
    )
    findings: list[Finding]
    policy_version: int


class ContractAmended(ContractEvent):
    """The terms were changed before everybody had signed: what was signed so far no longer counts."""

    type: ClassVar[str] = f"{PREFIX}contract.amended.v1"
    dutch: ClassVar[str] = (
        "De afspraken zijn gewijzigd voordat iedereen had ondertekend; eerdere handtekeningen vervallen."
    )
    document_version: int
    """The version that is void; 0 where none was offered yet."""


class ContractRefused(ContractEvent):
    """A check forbids this contract; the reasons are visible to the parties."""

    type: ClassVar[str] = f"{PREFIX}contract.refused.v1"
    dutch: ClassVar[str] = "Een toets staat dit contract niet toe; de redenen zijn zichtbaar voor de partijen."
    findings: list[Finding]
    policy_version: int


class ContractOffered(ContractEvent):
    """Every check passed: the parties may sign this version."""

    type: ClassVar[str] = f"{PREFIX}contract.offered.v1"
    dutch: ClassVar[str] = "Alle toetsen zijn goed: de partijen kunnen deze versie ondertekenen."
    document_version: int
    document_hash: str
    mandatory: list[Party]
    invited: list[Party]
    sign_before: datetime
    vat_row: str
    vat_cents_per_year: int | None
    """Non-deductible VAT that the school bears in a year; None where a fiscal review left it open."""
    findings: list[Finding]
    """What passed with a warning."""
    policy_version: int


class SignatureGiven(ContractEvent):
    """One party signed."""

    type: ClassVar[str] = f"{PREFIX}contract.signature.given.v1"
    dutch: ClassVar[str] = "Eén partij heeft ondertekend."
    party: Party
    document_hash: str
    left: list[Party]


class ContractSigned(ContractEvent):
    """Every mandatory party has signed the same version; it binds from ``starts_on``."""

    type: ClassVar[str] = f"{PREFIX}contract.signed.v1"
    dutch: ClassVar[str] = "Alle verplichte partijen hebben dezelfde versie ondertekend."
    document_hash: str
    starts_on: date
    minutes_per_week: int


class ContractExpired(ContractEvent):
    """Not every mandatory party signed in time."""

    type: ClassVar[str] = f"{PREFIX}contract.expired.v1"
    dutch: ClassVar[str] = "Niet alle verplichte partijen hebben op tijd ondertekend."
    left: list[Party]


class ContractCancelled(ContractEvent):
    """The contract ended before it was signed."""

    type: ClassVar[str] = f"{PREFIX}contract.cancelled.v2"
    dutch: ClassVar[str] = "Het contract is beëindigd voordat het was ondertekend."
    reason: Literal["trainer_left", "vacancy_withdrawn", "proposal_lapsed", "party_refused", "other"]


@upcast(f"{PREFIX}contract.cancelled.v1", to=ContractCancelled)
def _cancelled_with_one_reason_less(v1: Data) -> Data:
    return v1


class ContractDissolved(ContractEvent):
    """A signed contract ended before its start."""

    type: ClassVar[str] = f"{PREFIX}contract.dissolved.v1"
    dutch: ClassVar[str] = "Een ondertekend contract is ontbonden voordat het inging."
    reason: Literal["trainer_left", "vacancy_withdrawn", "vog_not_shown", "mutual", "other"]


class ActivationHeld(ContractEvent):
    """The start date is there, but something is still missing, such as the certificate of conduct."""

    type: ClassVar[str] = f"{PREFIX}contract.activation-held.v1"
    dutch: ClassVar[str] = "De startdatum is bereikt, maar er ontbreekt nog iets, zoals de VOG."
    findings: list[Finding]
    policy_version: int


class ContractActivated(ContractEvent):
    """The contract is at work."""

    type: ClassVar[str] = f"{PREFIX}contract.activated.v1"
    dutch: ClassVar[str] = "Het contract is ingegaan."
    active_from: date


class ContractSuspended(ContractEvent):
    """The work stops for a while; the contract stays."""

    type: ClassVar[str] = f"{PREFIX}contract.suspended.v1"
    dutch: ClassVar[str] = "Het werk ligt tijdelijk stil; het contract blijft."
    suspended_on: date
    reason: Literal["absence", "schedule", "employer", "school", "other"]


class ContractResumed(ContractEvent):
    """The work goes on."""

    type: ClassVar[str] = f"{PREFIX}contract.resumed.v1"
    dutch: ClassVar[str] = "Het werk gaat verder."
    resumed_on: date


class ContractExtensionOffered(ContractEvent):
    """The checks allow a later end: the parties may sign the version that says so."""

    type: ClassVar[str] = f"{PREFIX}contract.extension-offered.v1"
    dutch: ClassVar[str] = "De toetsen staan een latere einddatum toe: de partijen kunnen die versie ondertekenen."
    ends_on: date
    document_version: int
    document_hash: str
    mandatory: list[Party]
    invited: list[Party]
    sign_before: datetime
    findings: list[Finding]
    policy_version: int


class ContractExtensionRefused(ContractEvent):
    """A check, or who reviewed it, does not allow the later end; the contract goes on as it was."""

    type: ClassVar[str] = f"{PREFIX}contract.extension-refused.v1"
    dutch: ClassVar[str] = "De latere einddatum is niet toegestaan; het contract loopt door zoals het was."
    ends_on: date
    findings: list[Finding]
    policy_version: int


class ContractExtensionExpired(ContractEvent):
    """Not every mandatory party signed the extension in time; the contract goes on as it was."""

    type: ClassVar[str] = f"{PREFIX}contract.extension-expired.v1"
    dutch: ClassVar[str] = "De verlenging is niet op tijd door alle partijen ondertekend; het contract loopt door."
    left: list[Party]


class ContractExtended(ContractEvent):
    """Every mandatory party has signed the version with the later end."""

    type: ClassVar[str] = f"{PREFIX}contract.extended.v1"
    dutch: ClassVar[str] = "Alle verplichte partijen hebben de versie met de latere einddatum ondertekend."
    document_version: int
    document_hash: str
    ends_on: date


EndingReason: TypeAlias = Literal["schedule", "time", "employer", "qualification", "fee", "other"]
"""Why a contract ends early."""


class EndingEvent(ContractEvent):
    """Something about an end before the last day."""

    standing: Literal["signed", "active", "suspended"]
    """Where the contract stands meanwhile."""
    starts_on: date


class EndingProposed(EndingEvent):
    """A party proposes to the other parties of the agreement that it ends before its last day."""

    type: ClassVar[str] = f"{PREFIX}contract.ending-proposed.v1"
    dutch: ClassVar[str] = "Een partij stelt de andere partijen voor het contract eerder te laten eindigen."
    by: Party
    asked: list[Party]
    ends_on: date
    reason: EndingReason
    answer_before: datetime


class EndingConsented(EndingEvent):
    """A party agrees to the proposed end; others still have to."""

    type: ClassVar[str] = f"{PREFIX}contract.ending-consented.v1"
    dutch: ClassVar[str] = "Een partij is het eens met het voorgestelde einde; andere partijen moeten nog antwoorden."
    by: Party
    left: list[Party]
    answer_before: datetime


class EndingDropped(EndingEvent):
    """The proposed end does not take place; the contract goes on as it was."""

    type: ClassVar[str] = f"{PREFIX}contract.ending-dropped.v1"
    dutch: ClassVar[str] = "Het voorgestelde einde gaat niet door; het contract loopt door zoals het was."
    how: Literal["declined", "withdrawn", "reconsidered", "unanswered"]
    by: Party | None
    """Who declined or took it back; null where nobody answered in time."""


class EndingAgreed(EndingEvent):
    """All parties of the agreement want it to end on that day."""

    type: ClassVar[str] = f"{PREFIX}contract.ending-agreed.v1"
    dutch: ClassVar[str] = "Alle partijen willen dat het contract op die dag eindigt."
    ends_on: date
    reconsider_before: datetime | None
    """Until when the trainer may take the consent back; null where the form gives no days for that."""


class NoticeGiven(EndingEvent):
    """A party ended the contract by notice: it ends on that day."""

    type: ClassVar[str] = f"{PREFIX}contract.notice-given.v1"
    dutch: ClassVar[str] = "Een partij heeft het contract opgezegd: het eindigt op die dag."
    by: Party
    ends_on: date
    reason: EndingReason


class EndedForCause(EndingEvent):
    """A party ended the contract at once, for a reason after which it cannot be asked to go on."""

    type: ClassVar[str] = f"{PREFIX}contract.ended-for-cause.v1"
    dutch: ClassVar[str] = "Een partij heeft het contract meteen beëindigd om een dringende reden."
    by: Party
    ends_on: date


class ContractEnded(ContractEvent):
    """The contract is over, on its last day or before."""

    type: ClassVar[str] = f"{PREFIX}contract.ended.v1"
    dutch: ClassVar[str] = "Het contract is afgelopen, op de laatste dag of eerder."
    ended_on: date
    early: bool
    reason: Literal["term", "schedule", "time", "employer", "qualification", "fee", "trainer_left", "other"]


class AssignmentEvent(ContractEvent):
    """Something about an assignment: a contract at work."""

    about: ClassVar[str] = "assignment_id"
    assignment_id: UUID


class AssignmentStarted(AssignmentEvent):
    """The trainer's work at the school began."""

    type: ClassVar[str] = f"{PREFIX}assignment.started.v1"
    dutch: ClassVar[str] = "De inzet van de hto'er op de school is begonnen."
    started_on: date
    region: str | None
    school_type: SchoolType
    form: Form
    role: TeachingRole


class AssignmentInterrupted(AssignmentEvent):
    """The work at the school stops for a while."""

    type: ClassVar[str] = f"{PREFIX}assignment.interrupted.v1"
    dutch: ClassVar[str] = "De inzet op de school ligt tijdelijk stil."
    interrupted_on: date


class AssignmentResumed(AssignmentEvent):
    """The work at the school goes on."""

    type: ClassVar[str] = f"{PREFIX}assignment.resumed.v1"
    dutch: ClassVar[str] = "De inzet op de school gaat verder."
    resumed_on: date


class AssignmentEnded(AssignmentEvent):
    """The trainer's work at the school is over."""

    type: ClassVar[str] = f"{PREFIX}assignment.ended.v1"
    dutch: ClassVar[str] = "De inzet van de hto'er op de school is voorbij."
    ended_on: date
    early: bool


class HoursEvent(ContractEvent):
    """Something about one line of hours; a correction is a reversing line."""

    about: ClassVar[str] = "hour_line_id"
    hour_line_id: UUID
    assignment_id: UUID
    worked_on: date
    contact_minutes: int
    """Negative in a reversing line."""
    preparation_minutes: int
    travel_minutes: int


class HoursSubmitted(HoursEvent):
    """The trainer hands in hours."""

    type: ClassVar[str] = f"{PREFIX}hours.submitted.v1"
    dutch: ClassVar[str] = "De hto'er dient uren in."


class HoursApproved(HoursEvent):
    """The school approves hours: they count."""

    type: ClassVar[str] = f"{PREFIX}hours.approved.v1"
    dutch: ClassVar[str] = "De school keurt uren goed: zij tellen mee."
    region: str | None
    school_type: SchoolType
    role: TeachingRole


class HoursRejected(HoursEvent):
    """The school sends hours back."""

    type: ClassVar[str] = f"{PREFIX}hours.rejected.v1"
    dutch: ClassVar[str] = "De school wijst uren af."
    reason: Literal["not_worked", "wrong_day", "wrong_minutes", "other"]


class HoursRevised(HoursEvent):
    """Hours that were sent back are corrected before they are handed in again."""

    type: ClassVar[str] = f"{PREFIX}hours.revised.v1"
    dutch: ClassVar[str] = "Afgewezen uren worden gecorrigeerd voordat zij opnieuw worden ingediend."


class HoursReversed(HoursEvent):
    """Approved hours are corrected by a line that takes them back."""

    type: ClassVar[str] = f"{PREFIX}hours.reversed.v1"
    dutch: ClassVar[str] = "Goedgekeurde uren worden gecorrigeerd met een tegenboeking."
    reverses: UUID
    """The line that is taken back."""
    region: str | None
    school_type: SchoolType
    role: TeachingRole
