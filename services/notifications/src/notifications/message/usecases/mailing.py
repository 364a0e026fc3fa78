"""Send letters: claim, compose, hand over to the mail server, record the outcome."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from common.persistence.database import Database
from common.persistence.lease import Claim, Lease, LeasedQueue, WorkerDied, publish_parked, publish_redriven
from common.persistence.store import Change
from common.persistence.transaction import Tx
from common.runtime.settings import Settings
from common.runtime.telemetry import QUEUE_PARKED, error_location
from notifications.fact import store as facts
from notifications.failure import Failure
from notifications.message.channels.connections import Connections
from notifications.message.channels.mail import MailChannel, NoMailServer, RefusedForGood, RefusedForNow
from notifications.message.model.letter_rules import ADDRESS_CHANGED
from notifications.message.model.message import Message, Status
from notifications.message.model.schedule import GIVE_UP_MAIL, MAIL_MOST, next_mail
from notifications.message.store import former, messages
from notifications.message.store.messages import NO_ADDRESS
from notifications.message.usecases.writing import mail_of, named

log = structlog.get_logger()

SERVER_BACK: Final = timedelta(seconds=30)
"""The longest wait for a mail server that is away: its absence is not the message's fault."""
PATIENT: Final = 20
"""So many times a message found no server: perhaps it is the message that makes the server go."""
MAIL: Final = Counter("hto_messages_total", "Attempts to hand a message to the mail server", ["outcome"])
PLANNED: Final = Gauge("hto_messages_planned", "Messages that have not gone out")
PLANNED_AGE: Final = Gauge("hto_messages_planned_seconds", "How long the oldest of them has waited")
PARKED: Final = Gauge("hto_messages_parked", "Messages that wait for an operator")
_chance: Final = random.SystemRandom()


class Letters(LeasedQueue[Claim]):
    """Sends for one process; any number of processes may.

    A crash between handing over and recording sends a message again, under the same Message-ID.
    """

    LEASE = 60.0
    LONGEST = 900.0
    """More than a mail server may take to acknowledge a message: a sender that gives up earlier sends it twice."""
    LANES = 32
    GRACE = 4.0
    """What is being handed over when the worker stops had better end: else it is sent twice."""
    AT_ONCE: ClassVar[int] = 4
    """How many letters are under way at once, those not counted that take long: they hold up no others."""
    MEASURE: ClassVar[float] = 15.0
    FRESH: ClassVar[float] = 1.0
    """Seconds for which it counts that a letter was found planned; later it is looked at again before it is sent."""

    def __init__(self, database: Database, channel: MailChannel, settings: Settings) -> None:
        """Send over ``channel``."""
        super().__init__(database, messages.rows, messages.QUEUE)
        self._settings, self._out = settings, Connections(channel)
        self._measure_at = 0.0
        self.gone = 0
        """How many went out or were refused for good."""

    async def claim(self, room: int, *, alone: bool) -> list[Claim]:
        """Claim what is due, unless the mail server is away."""
        clock = asyncio.get_running_loop().time()
        if clock >= self._measure_at:
            self._measure_at = clock + self.MEASURE
            await self._measure()
        room = min(room, self.AT_ONCE - self.swift)
        if room <= 0 or not self._out.may_open:
            return []
        rows = await self.rows.claim(self.database, room=room, alone=alone, seconds=self.LEASE)
        return [Claim(Lease.of(row)) for row in rows]

    async def work(self, claimed: Claim) -> None:
        """Compose a message, hand it over and record the outcome."""
        ready = await self._addressed(claimed)
        if ready is None:
            return
        message, reached = ready
        mail = mail_of(message, reached, self._settings)
        clock = asyncio.get_running_loop().time
        found_at = clock()
        try:
            async with self._out.one() as sender:
                if clock() - found_at > self.FRESH and await self._addressed(claimed) is None:
                    return  # it was dropped while the server let us wait
                self.check(claimed)
                await sender.send(mail)
        except RefusedForGood as refused:
            await self._finish(claimed, message.bounced(self.database.clock.now(), refused.code), "bounced")
        except RefusedForNow as refused:
            now = self.database.clock.now()
            if now - message.planned_at <= GIVE_UP_MAIL:
                raise
            await self._finish(claimed, message.bounced(now, refused.code), "bounced")
        else:
            language = reached[message.recipient_id].language
            await self._finish(claimed, message.sent(self.database.clock.now(), language), "sent")

    async def failed(self, claimed: Claim, error: BaseException) -> None:
        """Put a message off; one that ends its workers is parked.

        A letter that cannot be composed stays planned and visible until its text or its contact is put right.
        """
        if isinstance(error, WorkerDied):
            await self._park(claimed, error_location(error))
            return
        known = isinstance(error, (RefusedForNow, NoMailServer))
        if not known:
            log.warning("mail.unwritable", message=str(claimed.id), reason=error_location(error))
        blameless = isinstance(error, NoMailServer) and claimed.lease.attempts < PATIENT
        await self._put_off(
            claimed, str(error) if known else Failure.OURS, most=SERVER_BACK if blameless else MAIL_MOST
        )

    async def rest(self) -> None:
        """Close the connections to the mail server."""
        await self._out.close()

    async def _addressed(self, claimed: Claim) -> tuple[Message, Mapping[UUID, Any]] | None:
        """Return a message that is still planned, with the contacts that it names; None where it is not."""

        async def look(tx: Tx) -> tuple[Message, Mapping[UUID, Any]] | None:
            message = await messages.store.find(tx, claimed.id)
            if message is None or message.status is not Status.PLANNED:
                await messages.finish(tx, claimed)
                return None
            if message.template == ADDRESS_CHANGED.template:
                return message, {message.recipient_id: await former.of_letter(tx, message.id)}
            return message, await facts.contacts_of(tx, {message.recipient_id, *named(message).values()})

        found = await self.at_last(look, actor="mail")
        if found is None:
            return None
        message, reached = found
        to = reached.get(message.recipient_id)
        if to is None or to.email is None:
            await self._put_off(claimed, NO_ADDRESS, most=MAIL_MOST)
            return None
        return message, reached

    async def _finish(self, claimed: Claim, change: Change[Message], outcome: str) -> None:
        """Record the outcome of a message, unless it was dropped, or another worker recorded it, meanwhile."""

        async def note(tx: Tx) -> None:
            if await messages.finish(tx, claimed):
                await messages.store.apply(tx, *change)

        await self.at_last(note, actor="mail")
        self.gone += 1
        MAIL.labels(outcome).inc()

    async def _put_off(self, claimed: Claim, reason: str, *, most: timedelta) -> None:
        async def note(tx: Tx) -> None:
            due_at = min(next_mail(claimed.lease.attempts, tx.real_now, _chance.random()), tx.real_now + most)
            await messages.postpone(tx, claimed, due_at, reason)

        await self.at_last(note, actor="mail")
        MAIL.labels("put_off").inc()

    async def _park(self, claimed: Claim, reason: str) -> None:
        async with self.database.begin(actor="mail") as tx:
            message = await messages.store.find(tx, claimed.id)
            if message is None or not await messages.park(tx, claimed, Failure.OURS):
                return
            publish_parked(
                tx,
                self.name,
                message.template,
                message.id,
                case=message.case_id,
                reason=reason,
                attempts=claimed.lease.begun_before,
            )
        QUEUE_PARKED.labels(self.name).inc()

    async def _measure(self) -> None:
        async with self.database.begin(actor="mail") as tx:
            planned, age, parked = await messages.waiting(tx)
        PLANNED.set(planned)
        PLANNED_AGE.set(age)
        PARKED.set(parked)


async def try_again(tx: Tx, template: str, message_id: UUID) -> None:
    """Try a parked message again on an operator's order."""
    if await messages.unpark(tx, message_id):
        message = await messages.store.find(tx, message_id)
        publish_redriven(tx, messages.QUEUE, template, message_id, case=message.case_id if message else None)
