"""The letter to a former address: its owner learns that letters go elsewhere from now on."""

from __future__ import annotations

from typing import Any, Final

from common.envelope import Envelope
from common.persistence.transaction import Tx
from events.parties import Parties
from events.registry import ContactState
from events.words import Party
from notifications.message.model.letter_rules import ADDRESS_CHANGED
from notifications.message.model.message import Message, Status, message_id
from notifications.message.store import former, messages

_OWNER: Final = "owner"


def is_moved(before: Any | None, state: ContactState) -> bool:
    """Whether a party is reached at another address than before; capitals make no other address."""
    if before is None or before.email is None:
        return False
    return state.email is None or before.email.lower() != state.email.lower()


async def write_to_former(tx: Tx, cause: Envelope, before: Any, state: ContactState) -> None:
    """Plan a letter to the former address. It names neither the new address nor the person who changed it."""
    message = Message(
        id=message_id(cause.source, cause.id, state.party_id, ADDRESS_CHANGED.template),
        version=0,
        recipient_id=state.party_id,
        role=state.party.value if state.party else _OWNER,
        template=ADDRESS_CHANGED.template,
        event_source=cause.source,
        because_of=cause.id,
        about=state.party_id,
        case_id=cause.case,
        facts={"parties": {}},
        parties=_party(state),
        status=Status.PLANNED,
        planned_at=cause.time,
    )
    if await former.add(tx, message.id, address=before.email, language=before.language, changed_at=cause.time):
        await messages.plan(tx, [message])


def _party(state: ContactState) -> Parties:
    if state.party is Party.TRAINER:
        return Parties(trainer=state.party_id)
    if state.party is Party.COMPANY:
        return Parties(company=state.party_id)
    if state.party is None:
        return Parties(organisation=state.party_id)
    location = None if state.party_id in {state.board_id, state.school_id} else state.party_id
    return Parties(board=state.board_id, school=state.school_id, location=location)
