"""Compose a letter: the parties that it names, its link, and the mail."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from common.runtime.settings import Settings
from notifications.message.channels import letters
from notifications.message.channels.mail import compose
from notifications.message.model.letter_rules import BY_TEMPLATE, readable
from notifications.message.model.message import Message


def mail_of(message: Message, reached: Mapping[UUID, Any], settings: Settings) -> EmailMessage:
    """Return the mail to a message's recipient, in their language."""
    to = reached[message.recipient_id]
    return compose(
        message_id=message.id,
        sender=settings.mail_sender,
        to_name=_called(message, to),
        to=to.email,
        letter=letters.write(message.template, to.language, _filling(message, reached, settings)),
        language=to.language,
        at=message.planned_at,
    )


def named(message: Message) -> dict[str, UUID]:
    """Return the parties that the letter may name: none before everybody agreed."""
    if not BY_TEMPLATE[message.template].reveals:
        return {}
    return {part: UUID(id_) for part, id_ in message.facts["parties"].items()}


def _called(message: Message, to: Any) -> str:
    """Return the recipient's name; empty where the address, and so the name, may be unconfirmed."""
    return "" if BY_TEMPLATE[message.template].to_stranger else to.contact_name or to.name or ""


def _filling(message: Message, reached: Mapping[UUID, Any], settings: Settings) -> letters.Filling:
    to = reached[message.recipient_id]
    link = BY_TEMPLATE[message.template].link.format_map(message.facts)
    return letters.Filling(
        name=_called(message, to) or letters.stranger(to.language),
        role=message.role,
        link=f"{settings.public_url.rstrip('/')}{link}",
        reference=str(message.id),
        help=settings.mail_help,
        facts=readable(message.template, message.role, message.facts),
        work=message.facts.get("work"),
        others=[
            _other(part, reached.get(id_), to.language) for part, id_ in named(message).items() if part != message.role
        ],
    )


def _other(part: str, contact: Any, language: str) -> letters.Other:
    if contact is None or contact.erased:
        return letters.Other(role=part, name=letters.nameless(language), contact=None, email=None)
    return letters.Other(role=part, name=contact.name, contact=contact.contact_name, email=contact.email)
