"""Events of a vacancy with its candidates, as their publishers would write them, and who looks at the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from common.envelope import Envelope
from common.messaging.consumer import Received
from common.messaging.log import Record
from common.persistence.transaction import Tx, uuid7
from events import Event
from events.parties import Parties
from hto.documents.event_schemas import sample_of
from operations.app import service
from tests.support.serving import Serving

START = datetime(2026, 9, 1, 9, tzinfo=UTC)


def made(event: type[Event], **changes: Any) -> Any:
    fields = {name: value for name, value in changes.items() if name in event.model_fields}
    return event.model_validate({**sample_of(event)}, strict=False).model_copy(update=fields)


def received(event: Event, case: UUID, parties: Parties, *, source: str, at: datetime) -> Received:
    envelope = Envelope(
        id=uuid7(),
        source=f"urn:nld:oin:1:systeem:hto-{source}",
        type=event.type,
        subject=f"{event.subject_kind()}/{event.key}",
        time=at,
        key=event.key,
        sequence=1,
        case=str(case),
        cause=uuid7(),
        parties=parties,
    )
    record = Record(
        topic=f"hto.{source}.events", partition=0, offset=0, key=event.key, value=b"", headers={}, timestamp=at
    )
    return Received(envelope, event, record)


async def follow(at_work: Serving, *happened: Received) -> None:
    async with at_work.database.begin(actor="test") as tx:
        await follow_all(tx, happened)


@dataclass
class Candidate:
    """A trainer with an employer, and what came of the proposal."""

    trainer: UUID = field(default_factory=uuid7)
    company: UUID = field(default_factory=uuid7)
    proposal: UUID = field(default_factory=uuid7)
    contract: UUID = field(default_factory=uuid7)


@dataclass
class Opening:
    """A vacancy with its school; time passes by a minute with every event."""

    at_work: Serving
    vacancy: UUID = field(default_factory=uuid7)
    board: UUID = field(default_factory=uuid7)
    school: UUID = field(default_factory=uuid7)
    location: UUID = field(default_factory=uuid7)
    region: str = "AM28"
    minutes: int = 0

    def side(self) -> Parties:
        return Parties(board=self.board, school=self.school, location=self.location, region=self.region)

    def event(self, kind: type[Event], candidate: Candidate | None = None, **changes: Any) -> Received:
        ids: dict[str, Any] = {
            "vacancy_id": self.vacancy,
            "board_id": self.board,
            "school_id": self.school,
            "location_id": self.location,
            "region": self.region,
        }
        parties = self.side()
        if candidate:
            ids |= {f"{name}_id": getattr(candidate, name) for name in ("trainer", "company", "proposal", "contract")}
            parties = Parties.of(_Row(self, candidate))
        self.minutes += 1
        source = kind.__module__.removeprefix("events.")
        at = START + timedelta(minutes=self.minutes)
        event = made(kind, **{**ids, **changes})
        return received(event, self.vacancy, changes.get("parties") or parties, source=source, at=at)

    async def happens(self, kind: type[Event], candidate: Candidate | None = None, **changes: Any) -> Received:
        item = self.event(kind, candidate, **changes)
        await follow(self.at_work, item)
        return item

    # -- who looks ------------------------------------------------------------------------------------------------

    def as_school(self) -> dict[str, str]:
        return self.at_work.headers("school-hr", "cases:read", roles=["school"], org=[str(self.school)])

    def as_trainer(self, candidate: Candidate) -> dict[str, str]:
        return self.at_work.headers("portal", "cases:read", roles=["trainer"], trainer=str(candidate.trainer))

    def as_company(self, candidate: Candidate) -> dict[str, str]:
        return self.at_work.headers("company-hr", "cases:read", roles=["company"], org=[str(candidate.company)])

    def as_desk(self, region: str = "AM28") -> dict[str, str]:
        return self.at_work.headers("desk", "cases:read", roles=["desk"], regions=[region])

    def as_programme(self) -> dict[str, str]:
        return self.at_work.headers("programme", "cases:read", roles=["programme"])

    async def steps(self, headers: dict[str, str]) -> list[dict[str, Any]]:
        answer = await self.at_work.get(f"/cases/{self.vacancy}/steps", headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def events(self, headers: dict[str, str]) -> list[str]:
        return [step["event"] for step in await self.steps(headers)]

    async def shown(self, headers: dict[str, str]) -> dict[str, Any]:
        answer = await self.at_work.get(f"/cases/{self.vacancy}", headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def listed(self, headers: dict[str, str], query: str = "") -> list[str]:
        answer = await self.at_work.get(f"/cases?{query}", headers)
        assert answer.status_code == 200, answer.text
        return [case["id"] for case in answer.json()["items"]]


class _Row:
    def __init__(self, opening: Opening, candidate: Candidate) -> None:
        self.board_id, self.school_id, self.location_id = opening.board, opening.school, opening.location
        self.company_id, self.trainer_id, self.region = candidate.company, candidate.trainer, opening.region


async def follow_all(tx: Tx, happened: Sequence[Received]) -> None:
    """Bring every slice of operations up to what happened, as its consumers do."""
    for handlers in (*(each.handlers for each in service.projections), service.handlers):
        for bulk, run in groupby(happened, key=lambda item: handlers.bulk_for(item.envelope.type)):
            if bulk is not None:
                await bulk(list(run), tx)
                continue
            for item in run:
                if item.envelope.type in handlers.single:
                    await handlers.single[item.envelope.type](item.event, tx)
