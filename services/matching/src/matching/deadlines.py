"""What matching does when time passes."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

import structlog

from common.deadlines import Deadlines
from common.decision import Missing
from common.running import Running
from common.transaction import Tx
from matching.usecases import ending, proposals, retention, search

log = structlog.get_logger()

deadlines: Final = Deadlines()
TIDY: Final = 3600.0
"""Seconds of real time between two looks at what may be forgotten."""


async def tidy(running: Running) -> None:
    """Forget what is past its retention, for ever."""
    while True:
        rows = retention.BATCH
        try:
            while rows == retention.BATCH:
                async with running.database.begin(actor="retention") as tx:
                    rows = await retention.tidy(tx)
                if rows:
                    log.info("retention.tidied", rows=rows)
        except Missing as error:
            log.info("retention.waits", fact=error.fact)
        await asyncio.sleep(TIDY)


@deadlines.on(search.REMINDS)
async def remind(proposal_id: UUID, tx: Tx) -> None:
    """Remind whoever has not answered a proposal."""
    await proposals.remind(tx, proposal_id)


@deadlines.on(search.EXPIRES)
async def expire(proposal_id: UUID, tx: Tx) -> None:
    """Give up waiting for answers."""
    await proposals.expire(tx, proposal_id)


@deadlines.on(search.LAPSES)
async def lapse(proposal_id: UUID, tx: Tx) -> None:
    """Give the place back that no contract was drafted for."""
    await ending.fall_away(tx, proposal_id, "no_draft_in_time")


@deadlines.on(search.LOOKS_AGAIN)
async def look_again(vacancy_id: UUID, tx: Tx) -> None:
    """Look for a waiting vacancy's candidates anew."""
    await search.look_again(tx, vacancy_id)


@deadlines.on(search.ESCALATES)
async def escalate(vacancy_id: UUID, tx: Tx) -> None:
    """Ask the desk to help a vacancy that still waits."""
    await search.escalate(tx, vacancy_id)


@deadlines.on(search.COMPARES)
async def compare(trainer_id: UUID, tx: Tx) -> None:
    """Compare a new or changed trainer with the vacancies that wait."""
    await search.compare(tx, trainer_id)
