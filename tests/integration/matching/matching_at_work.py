"""The matching service at work on a real database: it hears events, time passes, and what it told is read back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, func, insert, select, text

from common.messaging.consumer.dispatch import Dispatch
from common.persistence.transaction import uuid7
from common.service.rights import consumers_of
from events import topic_from
from events.contracts import ContractDrafted
from events.matching import ProposalMade
from events.notifications import MessageEvent
from events.words import SchoolType, TeachingRole
from matching.app import service
from matching.proposal.model.proposal import Proposal
from matching.proposal.store import proposals
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies
from tests.support.asking import BOARD, LOCATION, SCHOOL
from tests.support.at_work import AtWork
from tests.support.plumbing import policy_row

GRONINGEN: Final = (53.2194, 6.5665)
SCOPES: Final = (
    " ".join(
        f"{name}:{right}" for name in ("appeals", "plans", "proposals", "scenarios") for right in ("read", "write")
    )
    + " rankings:read vacancies:read"
)


def drafted(proposal: Proposal, **other: Any) -> dict[str, Any]:
    """The ids that every event about a proposal's contract carries."""
    return {
        "contract_id": uuid7(),
        "vacancy_id": proposal.vacancy_id,
        "proposal_id": proposal.id,
        "trainer_id": proposal.trainer_id,
        **other,
    }


def contract_drafted(proposal: Proposal, contract: dict[str, Any]) -> ContractDrafted:
    return ContractDrafted(
        **contract,
        board_id=BOARD,
        school_id=SCHOOL,
        location_id=LOCATION,
        company_id=proposal.company_id,
        form=proposal.form,
        role=TeachingRole.GUEST_LECTURER,
        school_type=SchoolType.VO,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        minutes_per_week=proposal.minutes_per_week,
        region=proposal.region,
    )


class Matching(AtWork):
    """The matching service."""

    service = service
    scopes = SCOPES

    letters_arrive = True
    """Whether the letters that ask a trainer are delivered at once, as where ``notifications`` is at work."""

    async def pass_time(self, **span: int) -> None:
        """Move business time, after the letters about what was proposed have arrived."""
        if self.letters_arrive:
            async with self.database.begin(actor="test") as tx:
                await tx.execute(text("UPDATE proposals SET reached_at = made_at WHERE reached_at IS NULL"))
        await super().pass_time(**span)

    async def hear_letter(self, event: MessageEvent, case: UUID) -> None:
        """Let it hear of a letter in a case; nothing may be parked."""
        envelope = replace(self._envelope(type(event), event.key), case=str(case))
        topic = topic_from("notifications", type(event))
        await self.dispatch.batch([self._written(topic, envelope, event.model_dump_json().encode())])
        assert await self.parked() == []

    async def envelopes(self) -> list[dict[str, Any]]:
        """The headers of what it told."""
        outbox = self.database.metadata.tables["outbox"]
        async with self.database.begin(actor="test") as tx:
            return list((await tx.execute(select(outbox.c.headers).order_by(outbox.c.position))).scalars())

    async def vacancy(self, vacancy_id: UUID) -> Vacancy:
        async with self.database.begin(actor="test") as tx:
            return await vacancies.get(tx, vacancy_id)

    async def proposals_for(self, vacancy_id: UUID) -> list[Proposal]:
        """In the order in which they were made."""
        async with self.database.begin(actor="test") as tx:
            found = await proposals.where(tx, proposals.table.c.vacancy_id == vacancy_id)
        made = [each.proposal_id for each in await self.told(ProposalMade)]
        return sorted(found, key=lambda each: made.index(each.id))

    async def until_somebody_waits(self) -> None:
        """Return when a transaction on this database waits for another one's lock."""
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        async with asyncio.timeout(10):
            # A transaction of its own each time: within one, PostgreSQL shows the same picture again and again.
            while not await self._count(waiting):  # noqa: ASYNC110 - PostgreSQL tells nobody
                await asyncio.sleep(0.01)

    async def _count(self, query: TextClause) -> int:
        async with self.database.begin(actor="test") as tx:
            return int((await tx.execute(query)).scalar_one())

    async def publish_policy(self, code: str, day: date, **values: Any) -> None:
        """Let it hear of another row of a rule that holds from a day on, as every service does."""
        policies = self.database.metadata.tables["policies"]
        async with self.database.begin(actor="test") as tx:
            row = (await tx.execute(select(policies).where(policies.c.code == code))).mappings().first()
            newest = int((await tx.execute(select(func.max(policies.c.version)))).scalar_one())
        assert row is not None
        published = policy_row(code, day, newest + 1, {**row["value"], **values})
        main, *_ = consumers_of(self.service, follow_clock=False)
        await Dispatch(self.database, main, self.service.name).batch([self._record(published)])
        assert await self.parked() == []

    async def new_policy(self, code: str, **changes: Any) -> None:
        """Publish other values for a rule, as another version of the set."""
        policies = self.database.metadata.tables["policies"]
        async with self.database.begin(actor="test") as tx:
            row = (await tx.execute(select(policies).where(policies.c.code == code))).mappings().one()
            await tx.execute(insert(policies).values({**row, "version": 2, "value": {**row["value"], **changes}}))
        self.database.policies_changed()

    def headers(self, *, write: bool = False, **token: Any) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token(**token)}"}
        return {**headers, "Idempotency-Key": str(uuid7())} if write else headers
