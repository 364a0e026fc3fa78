"""What `notifications` tells: what was told to whom. Ids of messages and recipients, never their content."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from events import PREFIX, Event


class MessageEvent(Event):
    """Something about one message to one recipient."""

    about: ClassVar[str] = "message_id"
    message_id: UUID
    recipient_id: UUID
    template: str
    because_of: UUID
    """The event that it tells about."""


class MessageSent(MessageEvent):
    """The mail server took the message."""

    type: ClassVar[str] = f"{PREFIX}message.sent.v1"
    dutch: ClassVar[str] = "De mailserver heeft het bericht aangenomen."
    language: str


class MessageBounced(MessageEvent):
    """The mail server refuses the message for good."""

    type: ClassVar[str] = f"{PREFIX}message.bounced.v1"
    dutch: ClassVar[str] = "De mailserver weigert het bericht definitief."
    smtp_code: int


class EndpointDisabled(Event):
    """A partner's webhook endpoint gets nothing any more until the partner enables it; what is owed is kept."""

    type: ClassVar[str] = f"{PREFIX}endpoint.disabled.v1"
    dutch: ClassVar[str] = "Een webhook-adres van een partner is uitgeschakeld; wat nog moet komen, blijft bewaard."
    about: ClassVar[str] = "endpoint_id"
    endpoint_id: UUID
    owner_id: UUID
    reason: str
