"""What matching does when time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from common.service.retention import run_hourly
from matching.usecases import ending, proposals, retention, search

deadlines: Final = Deadlines()


tidy: Final = run_hourly(*retention.PURGES)
"""Forget what is past its retention, for ever."""


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


@deadlines.on(search.WITHDRAWS)
async def withdraw_held(proposal_id: UUID, tx: Tx) -> None:
    """Tell a vacancy that its candidate is gone, some time after the candidate went."""
    await ending.withdraw_held(tx, proposal_id)


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
