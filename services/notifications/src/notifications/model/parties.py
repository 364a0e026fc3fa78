"""Who takes part in what: learned from the events that name everybody, for those that name an id only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from events import Event
from events.contracts import ContractDrafted, ContractEvent
from events.matching import ProposalEvent, ProposalMade, VacancyWaiting, WaitlistPromoted
from events.registry import VacancyEvent, VacancyFacts

_OWNERS: Final = (
    "board_id", "school_id", "location_id", "company_id", "trainer_id", "organisation_id", "owner_id", "recipient_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who takes part in one vacancy, proposal or contract."""

    id: UUID
    vacancy_id: UUID
    board_id: UUID
    school_id: UUID
    location_id: UUID
    company_id: UUID | None = None
    trainer_id: UUID | None = None
    region: str | None = None

    def ids(self) -> dict[str, UUID]:
        """Return whom to address in which part; a school is addressed at the location."""
        found = {"trainer": self.trainer_id, "school": self.location_id, "company": self.company_id}
        return {role: id_ for role, id_ in found.items() if id_ is not None}


def learned(event: Event) -> Parties | None:
    """Return what an event tells of who takes part; None where it does not name everybody."""
    match event:
        case VacancyFacts():
            return Parties(
                id=event.vacancy_id,
                vacancy_id=event.vacancy_id,
                board_id=event.board_id,
                school_id=event.school_id,
                location_id=event.location_id,
                region=event.region,
            )
        case ProposalMade():
            id_ = event.proposal_id
        case ContractDrafted():
            id_ = event.contract_id
        case _:
            return None
    return Parties(
        id=id_,
        vacancy_id=event.vacancy_id,
        board_id=event.board_id,
        school_id=event.school_id,
        location_id=event.location_id,
        company_id=event.company_id,
        trainer_id=event.trainer_id,
    )


def concerned(event: Event) -> UUID | None:
    """Return whose parties an event is about: a vacancy, a proposal or a contract; None: it names them itself."""
    match event:
        case ContractEvent():
            return event.contract_id
        case ProposalEvent():
            return event.proposal_id
        case VacancyFacts() | VacancyEvent() | VacancyWaiting() | WaitlistPromoted():
            return event.vacancy_id
        case _:
            return None


def owners(event: Event, parties: Parties | None) -> frozenset[UUID]:
    """Return every party that may see an event: those it names and those who take part in what it is about."""
    found = {getattr(event, name, None) for name in _OWNERS}
    if parties:
        found |= {getattr(parties, name) for name in _OWNERS[:5]}
    return frozenset(id_ for id_ in found if id_ is not None)
