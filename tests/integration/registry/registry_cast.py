"""Trainers, companies and schools of the built-in world, and what they do in a test."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from common.caller import CallerRole
from common.clock import business_day
from common.envelope import Envelope
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.log import Record
from common.persistence.transaction import uuid7
from events.contracts import ContractDissolved, ContractEnded, ContractEvent, ContractSigned
from registry.app import service
from registry.identifiers import identity
from tests.integration.registry.registry_site import Client, Registry, Site

CONTACT = {"name": "Otis Zaagblad", "email": "otis@koperdraad.example", "language": "en"}
COMPANY: dict[str, Any] = {
    "kind": "company",
    "name": "Koperdraad Installaties",
    "kvk": "00000901",
    "postcode": "9712 XX",
    "street": "Voorbeeldlaan",
    "houseNumber": "2",
    "lendingStatus": "unknown",
    "contact": CONTACT,
}
COMPANY_ID = identity("company", "00000100")
PERSON: dict[str, Any] = {
    "name": "Bram Proefpersoon",
    "email": "bram@hto.example",
    "postcode": "9712 XX",
    "companyId": str(COMPANY_ID),
}
PROFILE: dict[str, Any] = {
    "trades": ["installation"],
    "schoolTypes": ["vo"],
    "forms": ["guest", "secondment"],
    "availability": [{"day": 1, "starts": "08:30", "ends": "12:30"}],
    "desiredMinutesPerWeek": 180,
    "desiredMonths": 6,
    "travelKm": 20,
    "languages": ["nl"],
    "companyMinutesPerWeek": 2400,
    "companyDays": [1, 2, 3, 4, 5],
    "experienceYears": 3,
}
SCHOOL_ID, LOCATION_ID = identity("school", "90AC"), identity("location", "90AC00")
TRAINER_ID = identity("trainer", "T001")


def desk_of(site: Site, region: str = "AM01") -> Client:
    return site.as_(CallerRole.DESK, regions=[region])


class Cast:
    """Who plays: the trainer, the company, the desk, and somebody who has nothing to do with it."""

    def __init__(self, site: Site, trainer_id: UUID) -> None:
        self.id, self.site = trainer_id, site
        self.path = f"/trainers/{trainer_id}"
        self.trainer = site.as_(CallerRole.TRAINER, trainer=trainer_id, client="trainer-app")
        self.company = site.as_(CallerRole.COMPANY, org=[COMPANY_ID], client="company")
        self.desk = site.as_(CallerRole.DESK, regions=["AM01"], client="desk")
        self.stranger = site.as_(
            CallerRole.COMPANY, CallerRole.DESK, CallerRole.TRAINER, org=[uuid7()], regions=["AM28"], trainer=uuid7()
        )

    def word(self, **other: object) -> dict[str, object]:
        """What the desk says of somebody's word."""
        said = {"how": "phone", "saidOn": self.today.isoformat(), "note": "Belde zelf; naam en postcode klopten."}
        return {"onTheirWord": {**said, **other}}

    @property
    def today(self) -> date:
        return business_day(self.site.registry.now)

    async def until_intake(self, **other: str) -> dict[str, Any]:
        await self.trainer("PUT", self.path, {**PERSON, **other})
        await self.trainer("POST", f"{self.path}/_confirm")
        consent = {"until": (self.today + timedelta(days=365)).isoformat()}
        known = await self.trainer("PUT", f"{self.path}/consent", consent)
        match = {"If-Match": f'"{known["version"]}"'}
        found: dict[str, Any] = await self.trainer("PUT", f"{self.path}/profile", PROFILE, headers=match)
        return found

    async def until_available(self) -> None:
        await self.until_intake()
        await self.company("POST", f"{self.path}/_employer-agree")
        await self.trainer("POST", f"{self.path}/_available")


async def applied(site: Site, **other: object) -> Cast:
    cast = Cast(site, uuid7())
    await cast.trainer("PUT", cast.path, {**PERSON, **other})
    return cast


class Asked:
    """A school of the built-in world, and what it asks."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.school = site.as_(CallerRole.SCHOOL, org=[SCHOOL_ID], client="school-hr")
        self.stranger = site.as_(CallerRole.SCHOOL, CallerRole.DESK, org=[identity("school", "90BH")], regions=["AM28"])

    @property
    def today(self) -> date:
        return business_day(self.site.registry.now)

    def body(self, **changes: Any) -> dict[str, Any]:
        return {
            "locationId": str(LOCATION_ID),
            "schoolType": "po",
            "role": "guest_lecturer",
            "subject": "science-technology",
            "minutesPerWeek": 120,
            "roster": [{"day": 2, "starts": "09:00", "ends": "11:00"}],
            "startsOn": (self.today + timedelta(days=30)).isoformat(),
            "endsOn": (self.today + timedelta(days=200)).isoformat(),
            "places": 2,
            "supervisorId": str(uuid7()),
            "forms": ["guest"],
            "fee": {"kind": "none", "cents": 0},
            "groupSize": 24,
            **changes,
        }

    async def post(self, **changes: Any) -> dict[str, Any]:
        found: dict[str, Any] = await self.school("POST", "/vacancies", self.body(**changes), status=201)
        return found


class Contracts:
    """What the other service tells of contracts for one vacancy."""

    def __init__(self, registry: Registry, vacancy_id: str) -> None:
        self.registry, self.vacancy_id, self.offset = registry, UUID(vacancy_id), 0

    def facts(self, contract_id: UUID) -> dict[str, Any]:
        return {
            "contract_id": contract_id,
            "vacancy_id": self.vacancy_id,
            "proposal_id": uuid7(),
            "trainer_id": TRAINER_ID,
        }

    async def sign(self, contract_id: UUID | None = None) -> UUID:
        contract_id = contract_id or uuid7()
        day = business_day(self.registry.now)
        await self.tell(
            ContractSigned(**self.facts(contract_id), document_hash="0", starts_on=day, minutes_per_week=120)
        )
        return contract_id

    async def dissolve(self, contract_id: UUID) -> None:
        await self.tell(ContractDissolved(**self.facts(contract_id), reason="mutual"))

    async def end(self, contract_id: UUID, *, early: bool) -> None:
        day = business_day(self.registry.now)
        await self.tell(ContractEnded(**self.facts(contract_id), ended_on=day, early=early, reason="term"))

    async def tell(self, *events: ContractEvent) -> None:
        records = [self.record(event) for event in events]
        await Dispatch(self.registry.database, service.handlers, "registry").batch(records)

    def record(self, event: ContractEvent) -> Record:
        self.offset += 1
        envelope = Envelope(
            id=uuid7(),
            source=self.registry.database.source_of("contracts"),
            type=event.type,
            subject="contract/x",
            time=self.registry.now,
            key=event.key,
        )
        return Record(
            topic="hto.contracts.events",
            partition=0,
            offset=self.offset,
            key=event.key,
            value=event.model_dump_json().encode(),
            headers=envelope.headers(),
            timestamp=self.registry.now,
        )
