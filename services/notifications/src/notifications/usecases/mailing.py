"""Send the letters that are owed: claimed, written, handed over, and then noted."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from jinja2 import TemplateError
from prometheus_client import Counter, Gauge

from common.backoff import until_it_works
from common.db import AWAY, Database
from common.settings import Settings
from common.store import Change
from common.telemetry import place_of
from common.transaction import Tx
from notifications.channels import letters
from notifications.channels.mail import MailChannel, NoMailServer, RefusedForGood, RefusedForNow, Sender, compose
from notifications.model.message import Message, Status
from notifications.model.schedule import GIVE_UP_MAIL, MAIL_MOST, next_mail
from notifications.model.telling import BY_TEMPLATE
from notifications.store import contacts, messages
from notifications.store.messages import NO_ADDRESS, Claim

log = structlog.get_logger()
T = TypeVar("T")

BATCH: Final = 100
CONNECTIONS: Final = 4
SERVER_BACK: Final = timedelta(seconds=30)
"""The longest wait for a mail server that is away: its absence is not the message's fault."""
MAIL: Final = Counter("hto_messages_total", "Attempts to hand a message to the mail server", ["outcome"])
OWED: Final = Gauge("hto_messages_planned", "Messages that are owed and have not gone out")
OWED_AGE: Final = Gauge("hto_messages_planned_seconds", "How long the oldest of them has been owed")
_chance: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class _Out:
    """What sending needs beside the message."""

    database: Database
    settings: Settings


async def send_due(database: Database, channel: MailChannel, settings: Settings) -> int:
    """Send one batch of what is due, over a few connections; return how many went out or were refused for good.

    A crash between handing over and noting sends a message again, under the same Message-ID.
    """
    out = _Out(database, settings)
    async with database.begin(actor="mail") as tx:
        claims = deque(await messages.claim(tx, BATCH))
        owed, age = await messages.waiting(tx)
    OWED.set(owed)
    OWED_AGE.set(age)
    if not claims:
        return 0
    done = sum(await asyncio.gather(*(_work(out, channel, claims) for _ in range(min(CONNECTIONS, len(claims))))))
    for claimed in claims:
        await _put_off(out, claimed, "mail server away", most=SERVER_BACK)
    return done


async def _work(out: _Out, channel: MailChannel, claims: deque[Claim]) -> int:
    """Send what is left over one connection, as long as it holds."""
    done = 0
    try:
        async with channel.open() as sender:
            while claims:
                done += await _send(out, sender, claims.popleft())
    except NoMailServer as error:
        log.warning("mail.server-away", reason=str(error))
    return done


async def _send(out: _Out, sender: Sender, claimed: Claim) -> int:
    ready = await _addressed(out, claimed)
    if ready is None:
        return 0
    message, reached = ready
    language = reached[message.recipient_id].language
    try:
        await sender.send(_mail(message, reached, out.settings))
    except RefusedForGood as refused:
        return await _finish(out, claimed, message.bounced(out.database.clock.now(), refused.code), "bounced")
    except RefusedForNow as refused:
        now = out.database.clock.now()
        if now - message.planned_at > GIVE_UP_MAIL:
            return await _finish(out, claimed, message.bounced(now, refused.code), "bounced")
        return await _put_off(out, claimed, str(refused), most=MAIL_MOST)
    except NoMailServer as error:
        await _put_off(out, claimed, str(error), most=SERVER_BACK)
        raise
    except (TemplateError, ValueError, KeyError, TypeError) as error:
        # A letter that cannot be written stays owed and visible until its text or its contact is put right.
        log.warning("mail.unwritable", message=str(message.id), template=message.template, reason=place_of(error))
        return await _put_off(out, claimed, place_of(error), most=MAIL_MOST)
    return await _finish(out, claimed, message.sent(out.database.clock.now(), language), "sent")


async def _addressed(out: _Out, claimed: Claim) -> tuple[Message, Mapping[UUID, Any]] | None:
    """Return a message that is still owed, with the contacts that it takes; None where there is nothing to send."""

    async def look(tx: Tx) -> tuple[Message, Mapping[UUID, Any]] | None:
        message = await messages.store.find(tx, claimed.message_id)
        if message is None or message.status is not Status.PLANNED:
            await messages.finish(tx, claimed)
            return None
        return message, await contacts.contacts_of(tx, {message.recipient_id, *named(message).values()})

    found = await _at_last(out, look)
    if found is None:
        return None
    message, reached = found
    to = reached.get(message.recipient_id)
    if to is None or to.email is None:
        await _put_off(out, claimed, NO_ADDRESS, most=MAIL_MOST)
        return None
    return message, reached


def _mail(message: Message, reached: Mapping[UUID, Any], settings: Settings) -> EmailMessage:
    to = reached[message.recipient_id]
    return compose(
        message_id=message.id,
        sender=settings.mail_sender,
        to_name=to.contact_name or to.name or "",
        to=to.email,
        letter=letters.write(message.template, to.language, _filling(message, reached, settings)),
        language=to.language,
        at=message.planned_at,
    )


async def _finish(out: _Out, claimed: Claim, change: Change[Message], outcome: str) -> int:
    """Note what became of a message, unless it was dropped, or another worker noted it, meanwhile."""

    async def note(tx: Tx) -> None:
        if await messages.finish(tx, claimed):
            await messages.store.apply(tx, *change)

    await _at_last(out, note)
    MAIL.labels(outcome).inc()
    return 1


async def _put_off(out: _Out, claimed: Claim, reason: str, *, most: timedelta) -> int:
    async def note(tx: Tx) -> None:
        due_at = min(next_mail(claimed.attempts, tx.now, _chance.random()), tx.now + most)
        await messages.postpone(tx, claimed, due_at, reason)

    await _at_last(out, note)
    MAIL.labels("put_off").inc()
    return 0


async def _at_last(out: _Out, work: Callable[[Tx], Awaitable[T]]) -> T:
    """Do it in a transaction, as soon as a database that went away is back.

    What was handed over and is not noted goes out again when the lease ends: no longer than that is it tried.
    """

    async def once() -> T:
        async with out.database.begin(actor="mail") as tx:
            return await work(tx)

    return await until_it_works(once, AWAY, first=0.1, most=2, within=messages.LEASE)


def named(message: Message) -> dict[str, UUID]:
    """Return the parties that the letter may name: none before everybody agreed."""
    if not BY_TEMPLATE[message.template].reveals:
        return {}
    return {part: UUID(id_) for part, id_ in message.facts["parties"].items()}


def _filling(message: Message, reached: Mapping[UUID, Any], settings: Settings) -> letters.Filling:
    to = reached[message.recipient_id]
    link = BY_TEMPLATE[message.template].link.format_map(message.facts)
    return letters.Filling(
        name=to.contact_name or to.name,
        role=message.role,
        link=f"{settings.public_url.rstrip('/')}{link}",
        reference=str(message.id),
        facts=message.facts,
        others=[
            _other(part, reached.get(id_), to.language) for part, id_ in named(message).items() if part != message.role
        ],
    )


def _other(part: str, contact: Any, language: str) -> letters.Other:
    if contact is None or contact.erased:
        return letters.Other(role=part, name=letters.nameless(language), contact=None, email=None)
    return letters.Other(role=part, name=contact.name, contact=contact.contact_name, email=contact.email)
