"""Messages over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query

from common.persistence.paging import Paged
from common.web import Caller, InTx, Moment, Page, Paging, Router, View, scope
from notifications.message import queries
from notifications.message.tables import messages

router: Final = Router(tags=["Messages"])


class MessageView(View):
    """A message to one recipient; its text is never stored."""

    id: UUID
    recipient_id: UUID
    role: str
    template: str
    because_of: UUID
    """The event that it is about."""
    about: UUID
    case_id: str | None
    status: Literal["planned", "sent", "bounced", "obsolete"]
    planned_at: Moment
    ended_at: Moment | None
    smtp_code: int | None
    attempts: int | None
    """Of a planned message: how often it was tried."""
    due_at: Moment | None
    """Of a planned message: when it is tried next."""
    reason: str | None
    """Of a planned message: why it has not gone out: ``no address``, ``mail server away``, ``put off with <code>``,
    ``answered <code>``, ``no answer in time``, ``connection closed``, ``answer cannot be read`` or
    ``failed on our side``."""


@router.get("/messages", response_model=Page[MessageView], dependencies=[scope("messages:read")])
async def list_messages(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    recipient_id: Annotated[UUID | None, Query(description="To this party.")] = None,
    status: Annotated[
        Literal["planned", "sent", "bounced", "obsolete"] | None, Query(description="Only these.")
    ] = None,
    template: Annotated[str | None, Query(description="Only this letter.", max_length=60)] = None,
    because_of: Annotated[UUID | None, Query(description="The event that it is about.")] = None,
    case_id: Annotated[UUID | None, Query(description="The case of that event.")] = None,
) -> Paged[Any]:
    """List messages, the newest first: to whom, about what, gone out or why not yet."""
    query = queries.message_list(
        recipient=recipient_id, status=status, template=template, because_of=because_of, case_id=case_id
    )
    by = (messages.c.planned_at, messages.c.id)
    return await paging.read(tx, query, *by, newest_first=True, owned=queries.messages_of(caller))
