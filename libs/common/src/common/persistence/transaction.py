"""The unit of work: rows, events, audit trail and deadlines commit together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from opentelemetry import trace
from sqlalchemy import CursorResult, Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from common.clock import business_day
from common.envelope import Envelope
from common.policy import Policies
from events import CompactedEvent, Event, topic_from
from events.flow import EventsRedriven
from events.parties import Parties

if TYPE_CHECKING:
    from common.persistence.database import Database

__all__ = ["Tx", "uuid7"]


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One event on its way to the outbox and the audit trail."""

    envelope: Envelope
    topic: str
    payload: bytes | None
    policy_version: int | None
    reason: str | None


@dataclass(slots=True)
class Tx:
    """One transaction of one service. Only whoever opened it commits."""

    database: Database
    connection: AsyncConnection
    opened_at: datetime
    """The business moment at which it was opened, UTC."""
    actor: str
    cause: Envelope | None = None
    because: str | None = None
    """Why all this is done, for the audit trail, where an event has no reason of its own."""
    _outbox: list[OutboxEntry] = field(default_factory=list)
    has_published: bool = False
    """Whether anything was written to the outbox."""
    woken: set[str] = field(default_factory=set)
    """The queues to look at once this has committed."""
    _at_present: bool = False

    @property
    def now(self) -> datetime:
        """The business moment that counts, UTC: of the event that is handled, else the one at which it was opened.

        What an event brings about has the event's date, however late it is handled: a contract ends on the day that
        its trainer left. What only begins when it is handled, such as asking somebody, is done ``at_present``.
        """
        return self.opened_at if self.cause is None or self._at_present else self.cause.time

    @property
    def today(self) -> date:
        """The day in Amsterdam of ``now``."""
        return business_day(self.now)

    @contextmanager
    def at_present(self) -> Iterator[None]:
        """Let ``now`` be the moment at which this was opened, whatever it is that is handled."""
        before, self._at_present = self._at_present, True
        try:
            yield
        finally:
            self._at_present = before

    @property
    def real_now(self) -> datetime:
        """The real moment: from it is counted when something is tried again (ADR 0013)."""
        return self.database.clock.real_now()

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run one statement of SQLAlchemy Core."""
        return await self.connection.execute(statement, parameters)

    async def policies(self) -> Policies:
        """Return every policy row that this service knows."""
        return await self.database.policies(self)

    def publish(
        self,
        event: Event,
        *,
        sequence: int | None = None,
        case: UUID | str | None = None,
        parties: Parties | None = None,
        policy_version: int | None = None,
        reason: str | None = None,
    ) -> Envelope:
        """Tell the others, once this transaction has committed.

        ``parties``: who takes part in what it is about; left out, whom the event names itself.

        Call it after the version-checked write of the aggregate whose id is the event's key: the row lock
        puts the events of one key in commit order. ``Store.apply`` does so.

        Raises:
            NotItsPublisher: the event is another service's.
        """
        topic = topic_from(self.database.service, type(event))
        taking_part = Parties.named_in(event) if parties is None else parties
        envelope = self._envelope(type(event), event.key, sequence=sequence, case=case, parties=taking_part)
        payload = event.model_dump_json().encode()
        self._outbox.append(OutboxEntry(envelope, topic, payload, policy_version, reason or self.because))
        return envelope

    def publish_tombstone(self, state: type[CompactedEvent], key: UUID | str) -> None:
        """Take a key's state back everywhere: a tombstone on its compacted topic.

        Raises:
            NotItsPublisher: the state is another service's.
        """
        topic = topic_from(self.database.service, state)
        envelope = self._envelope(state, str(key), sequence=None, case=None)
        self._outbox.append(OutboxEntry(envelope, topic, None, None, "retracted"))

    def _envelope(
        self,
        event: type[Event],
        key: str,
        *,
        sequence: int | None,
        case: UUID | str | None,
        parties: Parties | None = None,
    ) -> Envelope:
        inherited = self.cause.case if self.cause else None
        return Envelope(
            id=uuid7(),
            source=self.database.source,
            type=event.type,
            subject=f"{event.subject_kind()}/{key}",
            time=self.now,
            key=key,
            sequence=sequence,
            case=str(case) if case else inherited,
            cause=self.cause.id if self.cause else None,
            trace=_traceparent(),
            parties=parties or None,
        )

    async def flush(self) -> None:
        """Write what was published to the outbox, in order, and to the audit trail."""
        if not self._outbox:
            return
        outbox, self._outbox = self._outbox, []
        envelopes = [one.envelope for one in outbox]
        self.has_published = True
        await self.connection.execute(
            _INSERT_OUTBOX_AND_AUDIT,
            {
                "ids": [envelope.id for envelope in envelopes],
                "topics": [one.topic for one in outbox],
                "keys": [envelope.key for envelope in envelopes],
                "types": [envelope.type for envelope in envelopes],
                "payloads": [one.payload for one in outbox],
                "headers": [json.dumps(envelope.headers()) for envelope in envelopes],
                "actor": self.actor,
                "at": self.opened_at,
                "subjects": [envelope.subject for envelope in envelopes],
                "cases": [envelope.case for envelope in envelopes],
                "versions": [one.policy_version for one in outbox],
                "reasons": [one.reason for one in outbox],
            },
        )

    async def sees_first(self, consumer: str, envelopes: Sequence[Envelope]) -> set[UUID]:
        """Enter events into the inbox and return the ids of those that are new to ``consumer``."""
        sources, ids = [envelope.source for envelope in envelopes], [envelope.id for envelope in envelopes]
        seen = await self.connection.execute(_INTO_INBOX, {"consumer": consumer, "sources": sources, "ids": ids})
        return set(ids).difference(seen.scalars())

    async def set_deadline(self, what: str, about: UUID, due_at: datetime, *, case: UUID | str | None = None) -> None:
        """Set a deadline, or move it: ``what`` is called for ``about`` when business time reaches ``due_at``."""
        if due_at <= self.now:
            self.woken.add(f"{self.database.service}.deadlines")
        await self.connection.execute(
            _SET_DEADLINE,
            {
                "id": uuid7(),
                "what": what,
                "about": about,
                "due_at": due_at,
                "case_id": str(case) if case else (self.cause.case if self.cause else None),
            },
        )

    async def set_deadlines(self, what: str, due: Mapping[UUID, datetime]) -> None:
        """Set a deadline for each of many, or move it; each is a case of its own."""
        # In the order of the ids: two that set the same ones then wait instead of deadlocking.
        rows = [
            {"id": uuid7(), "what": what, "about": about, "due_at": due[about], "case_id": str(about)}
            for about in sorted(due)
        ]
        if rows:
            self.woken.add(f"{self.database.service}.deadlines")
            await self.connection.execute(_SET_DEADLINE, rows)

    async def cancel_deadline(self, what: str, about: UUID) -> None:
        """Drop a deadline that no longer matters; where it was announced as parked, that is over as well."""
        dropped = await self.connection.execute(_DROP_DEADLINE, {"what": what, "about": about})
        row = dropped.one_or_none()
        if row is not None and row.announced:
            consumer = f"{self.database.service}.deadlines"
            solved = EventsRedriven(
                flow_key=f"{consumer}/{what}/{about}",
                consumer=consumer,
                topic=what,
                parked_key=str(about),
                handled=0,
                left=0,
            )
            with self.at_present():
                self.publish(solved, case=row.case_id)


def _traceparent() -> str | None:
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


# One round trip for both.
_INSERT_OUTBOX_AND_AUDIT = text("""
    WITH entries AS (
        SELECT *
        FROM unnest(:ids ::uuid[], :topics ::text[], :keys ::text[], :types ::text[], :payloads ::bytea[],
                    :headers ::text[], :subjects ::text[], :cases ::text[], :versions ::int[], :reasons ::text[])
             WITH ORDINALITY
             AS row (id, topic, key, type, payload, headers, subject, case_id, policy_version, reason, number)
    ), sent AS (
        INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers)
        SELECT id, topic, key, type, payload, headers::jsonb FROM entries ORDER BY number
    )
    INSERT INTO audit (at, actor, about, event_id, event_type, case_id, policy_version, reason)
    SELECT :at, :actor, subject, id, type, case_id, policy_version, reason FROM entries ORDER BY number
""")
# In the order of the keys: two consumers that see the same events at once then wait instead of deadlocking.
# Returns those that were seen before, as a rule none.
_INTO_INBOX = text("""
    WITH new AS (
        INSERT INTO inbox (consumer, source, event_id)
        SELECT :consumer, source, id FROM unnest(:sources ::text[], :ids ::uuid[]) AS row (source, id)
        ORDER BY source, id
        ON CONFLICT DO NOTHING
        RETURNING event_id
    )
    SELECT unnest(:ids ::uuid[]) EXCEPT SELECT event_id FROM new
""")
_SET_DEADLINE = text("""
    INSERT INTO deadlines (id, what, about, due_at, case_id) VALUES (:id, :what, :about, :due_at, :case_id)
    ON CONFLICT (what, about) DO UPDATE
    SET due_at = excluded.due_at, attempts = 0, leased_until = NULL, lease = NULL, deaths = 0, parked = false,
        reason = NULL
""")
_DROP_DEADLINE = text("DELETE FROM deadlines WHERE what = :what AND about = :about RETURNING announced, case_id")
