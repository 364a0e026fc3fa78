"""List messages, each for its recipient."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from common.caller import Caller
from common.persistence.listing import Owned
from common.persistence.visibility import owned
from notifications.authority import STAFF
from notifications.message.tables import messages, outgoing
from notifications.tables import in_status


def message_list(
    *,
    recipient: UUID | None,
    status: str | None,
    template: str | None,
    because_of: UUID | None,
    case_id: UUID | None,
) -> Select[Any]:
    """Return messages, to be listed for the recipients that ``messages_of`` names."""
    query = select(messages, outgoing.c.attempts, outgoing.c.due_at, outgoing.c.reason).outerjoin(
        outgoing, outgoing.c.message_id == messages.c.id
    )
    wanted: dict[ColumnElement[Any], Any] = {
        messages.c.recipient_id: recipient,
        messages.c.template: template,
        messages.c.because_of: because_of,
        messages.c.case_id: str(case_id) if case_id else None,
    }
    conditions = [column == value for column, value in wanted.items() if value is not None]
    return query.where(*conditions, *in_status(messages.c.status, status))


def messages_of(caller: Caller) -> Owned:
    """Return the messages to a caller; all of them for staff: there is nothing personal in them."""
    return owned(caller, all_for=STAFF, parties=messages.c.recipient_id)
