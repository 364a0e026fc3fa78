"""When something happens elsewhere."""

from __future__ import annotations

from typing import Final

from common.messaging.consumer import Handlers
from common.persistence.transaction import Tx
from contracts.legal_check.usecases import drafting
from events.matching import ProposalAccepted

handlers: Final = Handlers()


@handlers.on(ProposalAccepted)
async def draft_a_contract(event: ProposalAccepted, tx: Tx) -> None:
    """Everybody agreed: draw the contract up and judge it."""
    await drafting.draft(tx, event)
