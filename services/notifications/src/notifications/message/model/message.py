"""A message: planned once per event, recipient and template; then sent, refused or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from common.errors import Conflict
from common.lifecycle import LifeCycle
from events import Event
from events.notifications import MessageBounced, MessageDropped, MessageSent
from events.parties import Parties


class Status(StrEnum):
    """How far a message is."""

    PLANNED = "planned"
    SENT = "sent"
    BOUNCED = "bounced"
    OBSOLETE = "obsolete"


_NOBODY: Final = Parties()


class NotPossible(Conflict):
    """A message that is {status} cannot become {wanted}."""


LIFE_CYCLE: Final = LifeCycle(NotPossible, {Status.PLANNED: {Status.SENT, Status.BOUNCED, Status.OBSOLETE}})


def message_id(source: str, event_id: UUID, recipient_id: UUID, template: str) -> UUID:
    """Return the id that this message has wherever and however often it is planned."""
    return uuid5(NAMESPACE_URL, f"{source}#{event_id}/{recipient_id}/{template}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A letter about an event to one recipient. Its text and names are composed when it is sent and never stored."""

    id: UUID
    version: int
    recipient_id: UUID
    role: str
    """The role in which the recipient is addressed: trainer, school, company, desk or owner."""
    template: str
    event_source: str
    because_of: UUID
    about: UUID
    """The aggregate that the event is about."""
    case_id: str | None
    facts: Mapping[str, Any]
    """The event's payload and the ids of its parties: codes, days and ids."""
    parties: Parties = _NOBODY
    """The recipient, and the region: no other party may see the letter."""
    status: Status
    planned_at: datetime
    ended_at: datetime | None = None
    smtp_code: int | None = None

    @property
    def case(self) -> UUID:
        """The case of the event that it is about; its own where that has none."""
        return UUID(self.case_id) if self.case_id else self.id

    def sent(self, now: datetime, language: str) -> tuple[Message, list[Event]]:
        """Note that the mail server took it."""
        if self.status is Status.SENT:
            return self, []
        return LIFE_CYCLE.become(self, Status.SENT, MessageSent(**self._named(), language=language), ended_at=now)

    def bounced(self, now: datetime, smtp_code: int) -> tuple[Message, list[Event]]:
        """Note that it was refused for good."""
        if self.status is Status.BOUNCED:
            return self, []
        event = MessageBounced(**self._named(), smtp_code=smtp_code)
        return LIFE_CYCLE.become(self, Status.BOUNCED, event, ended_at=now, smtp_code=smtp_code)

    def drop(self, now: datetime, reason: Literal["overtaken", "recipient_erased"]) -> tuple[Message, list[Event]]:
        """Leave it unsent."""
        if self.status is Status.OBSOLETE:
            return self, []
        return LIFE_CYCLE.become(self, Status.OBSOLETE, MessageDropped(**self._named(), reason=reason), ended_at=now)

    def anew(self, source: str, event_id: UUID) -> Message:
        """Return the letter that is planned in its place because of an event that shows that it is true after all."""
        same: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        changed = {
            "id": message_id(source, event_id, self.recipient_id, self.template),
            "version": 0,
            "event_source": source,
            "because_of": event_id,
            "status": Status.PLANNED,
            "ended_at": None,
        }
        return Message(**{**same, **changed})

    def _named(self) -> dict[str, Any]:
        return {
            "message_id": self.id,
            "recipient_id": self.recipient_id,
            "template": self.template,
            "because_of": self.because_of,
        }
