"""The contracts service at work on a real database: it hears events, time passes, and what it told is read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from common.persistence.transaction import uuid7
from contracts.app import service
from contracts.assignment.model.assignment import Assignment
from contracts.assignment.store import assignments
from contracts.contract import store as contract_store
from contracts.contract import usecases
from contracts.contract.model.contract import Contract
from contracts.contract.store import contracts
from contracts.hour_line import usecases as hour_usecases
from contracts.hour_line.model.hour_line import HourLine, Minutes
from contracts.hour_line.store import hour_lines
from events import Event
from events.matching import ProposalAccepted
from events.registry import ContactState, OrganisationRegistered, ProfileState, VacancyPosted
from events.words import Fee, FeeBasis, FeeKind, Form, LendingStatus, OrganisationKind, Party
from tests.support import asking
from tests.support.asking import COMPANY, SCHOOL, vacancy
from tests.support.at_work import START, AtWork

SCOPES: Final = " ".join(
    f"{resource}:{verb}" for resource in ("contracts", "assignments", "hours") for verb in ("read", "write")
)


EMPLOYED: Final = {
    "company_id": COMPANY,
    "employer_agreed": True,
    "company_minutes_per_week": 1920,
    "company_days": [1, 3, 4, 5],
}


def profile(**other: Any) -> ProfileState:
    """What a trainer offers who works at a company that agrees."""
    return asking.profile(**{**EMPLOYED, **other})


def company(**other: Any) -> OrganisationRegistered:
    """The employer, which may lend its people."""
    facts = {
        "organisation_id": COMPANY,
        "kind": OrganisationKind.COMPANY,
        "board_id": None,
        "school_id": None,
        "school_types": [],
        "postcode_area": "3511",
        "municipality": "Utrecht",
        "region": "AM13",
        "latitude": 52.09,
        "longitude": 5.12,
        "lending_status": LendingStatus.ADMITTED,
        "education_recognised": False,
    }
    return OrganisationRegistered(**{**facts, **other})


def accepted(asked: VacancyPosted, offered: ProfileState, form: Form | None = None, **other: Any) -> ProposalAccepted:
    """Everybody agreed."""
    facts = {
        "proposal_id": uuid7(),
        "vacancy_id": asked.vacancy_id,
        "trainer_id": offered.trainer_id,
        "board_id": asked.board_id,
        "school_id": asked.school_id,
        "location_id": asked.location_id,
        "company_id": offered.company_id,
        "form": form or asked.forms[0],
        "minutes_per_week": asked.minutes_per_week,
        "roster": None,
        "starts_on": asked.starts_on,
        "ends_on": asked.ends_on,
        "policy_version": 1,
    }
    return ProposalAccepted(**{**facts, **other})


def contacts(trainer_id: UUID) -> list[ContactState]:
    """How the parties are called."""
    return [
        ContactState(party_id=party_id, party=party, name=name, contact_name=who, email="a@example.org", language="nl")
        for party_id, party, name, who in (
            (trainer_id, Party.TRAINER, "Aagje Veerring", "Aagje Veerring"),
            (SCHOOL, Party.SCHOOL, "Technische School Noord", "Bo de Vries"),
            (COMPANY, Party.COMPANY, "Koperdraad Installaties", "Otis Zaagblad"),
        )
    ]


SECONDMENT: Final = {"forms": [Form.SECONDMENT], "fee": Fee(kind=FeeKind.COST, cents=5500, basis=FeeBasis.COST)}


@dataclass
class Contracts(AtWork):
    """The contracts service."""

    service = service
    scopes = SCOPES

    _profiles: dict[UUID, ProfileState] = field(default_factory=dict)
    """What it heard last of each trainer."""

    async def receive(self, *events: Event) -> None:
        """Let it handle events as one batch, whatever comes of it."""
        self._profiles |= {event.trainer_id: event for event in events if isinstance(event, ProfileState)}
        await super().receive(*events)

    async def show_vog(self, contract: Contract, issued_on: date, shown_on: date | None = None) -> None:
        """Let it hear the trainer's profile once more, now with a certificate."""
        dates = {"vog_issued_on": issued_on, "vog_shown_on": shown_on or issued_on}
        await self.hear(self._profiles[contract.trainer_id].model_copy(update=dates))

    async def until(self, day: date) -> None:
        """Move business time to noon of a day and run what became due."""
        noon = datetime.combine(day, time(12), UTC)
        self.database.clock.offset = noon - datetime.now(UTC)
        await self.settle()

    def rewind(self) -> None:
        """Begin the story anew, beside what there is already."""
        self.database.clock.offset = START - datetime.now(UTC)

    async def names(self) -> list[str]:
        """The classes of everything it told, in order."""
        return [type(event).__name__ for event in await self.told(Event)]

    async def rows(self, query: str, **parameters: Any) -> Sequence[Any]:
        """Look into the tables."""
        async with self.database.begin(actor="test") as tx:
            return (await tx.execute(text(query), parameters)).all()

    async def contract_of(self, proposal: ProposalAccepted) -> Contract:
        async with self.database.begin(actor="test") as tx:
            found = await contract_store.by_proposal(tx, proposal.proposal_id)
        assert found is not None
        return found

    async def contract(self, contract_id: UUID) -> Contract:
        async with self.database.begin(actor="test") as tx:
            return await contracts.get(tx, contract_id)

    async def assignment(self, contract_id: UUID) -> Assignment:
        async with self.database.begin(actor="test") as tx:
            found = await assignments.where(tx, assignments.table.c.contract_id == contract_id)
        return found[0]

    async def lines(self) -> list[HourLine]:
        async with self.database.begin(actor="test") as tx:
            return await hour_lines.where(tx)

    async def drafted(
        self, asked: VacancyPosted | None = None, offered: ProfileState | None = None, form: Form | None = None
    ) -> Contract:
        """A contract after its checks, from a proposal that everybody agreed to."""
        asked, offered = asked or vacancy(), offered or profile()
        proposal = accepted(asked, offered, form)
        await self.hear(asked, offered, company(), *contacts(offered.trainer_id), proposal)
        return await self.contract_of(proposal)

    async def signed(self, contract: Contract) -> Contract:
        """The same contract, signed by everyone who must."""
        assert contract.signing is not None, contract.decision
        for party in contract.signing.mandatory:
            async with self.database.begin(actor="test") as tx:
                await usecases.sign(tx, contract.id, party, contract.signing.hash)
        return await self.contract(contract.id)

    async def at_work(self, contract: Contract | None = None) -> Contract:
        """A contract whose work has begun, on its first day."""
        contract = await self.signed(contract or await self.drafted())
        await self.show_vog(contract, date(2026, 12, 1), date(2026, 12, 10))
        await self.until(max(contract.terms.starts_on, self.database.clock.now().date()))
        return await self.contract(contract.id)

    async def hand_in(self, contract: Contract, on: date, contact: int, preparation: int = 0) -> HourLine:
        minutes = Minutes(worked_on=on, contact_minutes=contact, preparation_minutes=preparation, travel_minutes=0)
        assignment = await self.assignment(contract.id)
        async with self.database.begin(actor="test") as tx:
            return await hour_usecases.submit(tx, assignment.id, minutes)

    async def approve(self, line: HourLine) -> HourLine:
        async with self.database.begin(actor="test") as tx:
            return await hour_usecases.approve(tx, line.id)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **token: Any,
    ) -> Any:
        """Send a request as somebody, check the status, and return the JSON of the answer."""
        sent = {"Authorization": f"Bearer {self.token(**token)}", **(headers or {})}
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid7()))
        answer = await self.client.request(method, path, json=body, headers=sent)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None
