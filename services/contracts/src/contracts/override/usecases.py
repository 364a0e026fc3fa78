"""Letting a cap be exceeded for a while: a pilot, for which somebody answers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from common.persistence.transaction import Tx
from contracts.override import store
from contracts.override.model import Override
from rules.guest_cap import PilotOverride


async def override(
    tx: Tx, *, trainer_id: UUID, board_id: UUID, reason: str, owner: str, starts_on: date, ends_on: date
) -> Override:
    """Lift the cap of one person at one board.

    Raises:
        OverrideIncomplete: nobody answers for it, or it does not end.
    """
    PilotOverride(reason=reason, owner=owner, starts_on=starts_on, ends_on=ends_on)
    return await store.add_override(
        tx,
        Override(
            id=uuid7(),
            trainer_id=trainer_id,
            board_id=board_id,
            reason=reason,
            owner=owner,
            starts_on=starts_on,
            ends_on=ends_on,
        ),
    )
