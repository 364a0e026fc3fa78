"""A message: planned once per event, recipient and template; then sent, refused or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from common.errors import Conflict
from events import Event
from events.notifications import MessageBounced, MessageDropped, MessageSent
from events.parties import Parties


class Status(StrEnum):
    """How far a message is."""

    PLANNED = "planned"
    SENT = "sent"
    BOUNCED = "bounced"
    OBSOLETE = "obsolete"


NEXT: Final[Mapping[Status, frozenset[Status]]] = {
    Status.PLANNED: frozenset({Status.SENT, Status.BOUNCED, Status.OBSOLETE}),
    Status.SENT: frozenset(),
    Status.BOUNCED: frozenset(),
    Status.OBSOLETE: frozenset(),
}


_NOBODY: Final = Parties()


class NotPossible(Conflict):
    """A message that is {status} cannot become {wanted}."""


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
        return self._become(Status.SENT, now), [MessageSent(**self._named(), language=language)]

    def bounced(self, now: datetime, smtp_code: int) -> tuple[Message, list[Event]]:
        """Note that it was refused for good."""
        if self.status is Status.BOUNCED:
            return self, []
        refused = replace(self._become(Status.BOUNCED, now), smtp_code=smtp_code)
        return refused, [MessageBounced(**self._named(), smtp_code=smtp_code)]

    def drop(self, now: datetime, reason: Literal["overtaken", "recipient_erased"]) -> tuple[Message, list[Event]]:
        """Leave it unsent."""
        if self.status is Status.OBSOLETE:
            return self, []
        return self._become(Status.OBSOLETE, now), [MessageDropped(**self._named(), reason=reason)]

    def _become(self, status: Status, now: datetime) -> Message:
        if status not in NEXT[self.status]:
            raise NotPossible(status=self.status.value, wanted=status.value)
        return replace(self, status=status, ended_at=now)

    def _named(self) -> dict[str, Any]:
        return {
            "message_id": self.id,
            "recipient_id": self.recipient_id,
            "template": self.template,
            "because_of": self.because_of,
        }
