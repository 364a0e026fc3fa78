"""Events of `notifications`: messages and webhook endpoints. Ids of both, never a content."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from events import PREFIX, Event, published_by
from events.parties import EVERYBODY

published_by(__name__, "notifications")


class MessageEvent(Event):
    """Something about one message to one recipient."""

    about: ClassVar[str] = "message_id"
    taking_part: ClassVar[frozenset[str]] = EVERYBODY
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


class MessageDropped(MessageEvent):
    """A planned message is no longer to be sent: what it asked is over, or its recipient is erased."""

    type: ClassVar[str] = f"{PREFIX}message.dropped.v1"
    dutch: ClassVar[str] = "Een gepland bericht gaat niet meer uit: het is achterhaald of de ontvanger is gewist."
    reason: Literal["overtaken", "recipient_erased"]


class EndpointEvent(Event):
    """Something about a partner's webhook endpoint."""

    about: ClassVar[str] = "endpoint_id"
    taking_part: ClassVar[frozenset[str]] = frozenset({"organisation"})
    endpoint_id: UUID
    owner_id: UUID
    """The organisation on whose behalf the partner listens."""


class EndpointRegistered(EndpointEvent):
    """A partner asks to be told; the address must first allow it."""

    type: ClassVar[str] = f"{PREFIX}endpoint.registered.v1"
    dutch: ClassVar[str] = "Een partner heeft een webhook-adres aangemeld; het adres moet eerst toestemming geven."
    event_types: list[str]


class EndpointEnabled(EndpointEvent):
    """The endpoint allowed deliveries: what is owed goes out, in order."""

    type: ClassVar[str] = f"{PREFIX}endpoint.enabled.v1"
    dutch: ClassVar[str] = "Het webhook-adres staat bezorging toe: wat nog moet komen, gaat op volgorde uit."


class EndpointResumed(EndpointEvent):
    """The partner wants deliveries again; the address is asked anew whether it allows them."""

    type: ClassVar[str] = f"{PREFIX}endpoint.resumed.v1"
    dutch: ClassVar[str] = "De partner wil weer bezorging; het adres wordt opnieuw om toestemming gevraagd."


class EndpointSecretRotated(EndpointEvent):
    """Deliveries are signed with a new secret, and for a day with the old one as well."""

    type: ClassVar[str] = f"{PREFIX}endpoint.secret-rotated.v1"
    dutch: ClassVar[str] = "Bezorging wordt met een nieuw geheim ondertekend, en een dag lang ook nog met het oude."


class EndpointDisabled(EndpointEvent):
    """A partner's webhook endpoint gets nothing any more until the partner enables it; what is owed is kept."""

    type: ClassVar[str] = f"{PREFIX}endpoint.disabled.v1"
    dutch: ClassVar[str] = "Een webhook-adres van een partner is uitgeschakeld; wat nog moet komen, blijft bewaard."
    reason: Literal["failing", "gone"]


class EndpointRemoved(EndpointEvent):
    """The partner took the endpoint away; nothing is owed to it any more."""

    type: ClassVar[str] = f"{PREFIX}endpoint.removed.v1"
    dutch: ClassVar[str] = "De partner heeft het webhook-adres weggehaald; er is niets meer te bezorgen."
