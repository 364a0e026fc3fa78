"""The seam: an ordered, partitioned, replayable event log. ``kafka`` and ``pglog`` are its two sides.

Both give at-least-once delivery, order per key, consumer groups that share partitions, offsets that a
group commits itself, replay from an offset or a moment, and compaction with tombstones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

from common.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from common.messaging.rights import ServiceLogin

T = TypeVar("T")


class LogUnavailable(Unavailable):
    """The event log does not answer; what was to be sent is kept, what was to be read waits."""


class NotPermitted(LogUnavailable):
    """This login may not do that on the event log: a right is missing, or what was asked is no business of its own.

    Whoever retries when the log is away retries here as well: ``hto migrate`` may give the right meanwhile.
    """


class TopicNotPermitted(NotPermitted):
    """This login may not use these topics; the log itself answers."""

    def __init__(self, topics: Iterable[str], user: str = "this login") -> None:
        """Name the topics."""
        self.topics = frozenset(topics)
        super().__init__(f"{user} may not use {', '.join(sorted(self.topics))}")


class PartitionLost(Exception):
    """The group gave the partition to another member; whoever has it now reads on from the last commit."""


class UnknownTopic(LookupError):
    """There is no such topic; ``migrate`` makes them."""

    def __init__(self, topic: str) -> None:
        """Name it."""
        super().__init__(topic)
        self.topic = topic


class TopicMismatch(ValueError):
    """The topic exists with other settings; they are fixed, because keys would change partitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A named stream with a fixed number of partitions, made by ``migrate``."""

    name: str
    partitions: int
    compacted: bool = False
    """Only the newest record of each key is kept (bounded lag); an empty value removes the key."""


class Partition(NamedTuple):
    """One ordered part of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to send. Records of one key keep their order; ``value`` None is a tombstone."""

    topic: str
    key: str
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


LARGEST: Final = 1_000_000
"""Bytes of a value that both logs take: what Kafka's brokers take by default, less room for key and headers."""


class Refusal(NamedTuple):
    """Why a log that answers does not take a message, however often it is sent."""

    reason: str
    """Ids and codes only."""
    of_topic: bool = False
    """It takes nothing on this topic now: the topic or a right is missing, and may yet come."""


TOO_LARGE: Final = Refusal(f"TooLarge: more than {LARGEST} bytes")


ILLEGIBLE: Final = "hto-illegible"
"""The only header of a record that the log's client could not read: the kind of error. Key and value are empty, but it
is no tombstone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A message at its place in the log."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    headers: Mapping[str, str]
    timestamp: datetime
    """When the log took it in, in UTC and in real time."""

    @property
    def place(self) -> Partition:
        """The partition that it was read from."""
        return Partition(self.topic, self.partition)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a group is behind on a partition."""

    events: int
    seconds: float
    """Age of the oldest record that is not yet committed; 0 where there is none."""


class Reader(NamedTuple):
    """A reader of the log and when it counts as dead; without a group it reads alone."""

    group: str | None
    from_start: bool
    session: timedelta
    patience: timedelta


class Offsets(NamedTuple):
    """Where a consumer group stands in a partition, and what there is to read."""

    committed: int | None
    """The next offset that the group reads; None where it has committed none."""
    first: int
    """Of the oldest record that there is, else ``end``."""
    end: int
    """That the next record will get."""


def sendable(
    messages: Sequence[Message], headers: Callable[[Mapping[str, str]], T]
) -> tuple[dict[int, T], dict[int, Refusal]]:
    """Return by index the headers of what may be sent, as the log takes them, and what no log takes.

    Nothing of a key may follow what is refused.
    """
    may: dict[int, T] = {}
    refused: dict[int, Refusal] = {}
    for index, message in enumerate(messages):
        if message.value is not None and len(message.value) > LARGEST:
            refused[index] = TOO_LARGE
            continue
        try:
            may[index] = headers(message.headers)
        except ValueError as error:
            refused[index] = Refusal(f"unreadable: {type(error).__name__}")
    if refused:
        first = {(messages[index].topic, messages[index].key): index for index in reversed(refused)}
        may = {
            index: found
            for index, found in may.items()
            if index < first.get((messages[index].topic, messages[index].key), len(messages))
        }
    return may, refused


SHORTEST_TERM: Final = timedelta(days=30)
"""Of events, on either log, whatever a policy says: a consumer may be down for some weeks without losing any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """The result of removing events past their term."""

    removed: int = 0
    held_by: tuple[str, ...] = ()
    """The consumer groups that have not read yet what is past its term: it stays."""
    changed: tuple[str, ...] = ()
    """What was changed of the topic's settings, where the log removes events by itself."""


class Producer(Protocol):
    """Sends for one relay."""

    @property
    def refused(self) -> Mapping[int, Refusal]:
        """The refusals of the last ``send``, by index: the log answers, and sending such a message again is of no use.

        Empty where the log does not answer: then nothing is known of any message.
        """
        ...

    async def send(self, messages: Sequence[Message], *, within: float) -> Sequence[int]:
        """Send all, in order per key, and return the indexes the log acknowledged within that many seconds.

        Where a message of a key is not acknowledged, no later one of that key is reported as acknowledged,
        nor does it reach the log before it. What is not acknowledged in time is given up as by ``abort``.
        A log that does not answer acknowledges nothing; that is no exception. ``refused`` says what it will never
        take; not everything that it would refuse need be found at once.

        Raises:
            UnknownTopic: a topic was never made; nothing was sent.
        """
        ...

    async def abort(self) -> None:
        """Forget everything in flight at once; nothing more may reach the log from earlier calls.

        What had already left this machine is fenced: it can never arrive behind a message that is sent later.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Subscription(Protocol):
    """One member of a consumer group."""

    async def poll(self, *, limit: int, wait: float) -> Sequence[Record]:
        """Return up to ``limit`` records, in order per partition; empty after ``wait`` seconds without any.

        Partitions change hands only in here: whoever calls it has finished with what it got before.

        Raises:
            LogUnavailable: the log does not answer (a log may also return nothing until it does).
        """
        ...

    async def commit(self, upto: Mapping[Partition, int]) -> None:
        """Record, per partition, the next offset to read.

        Raises:
            PartitionLost: the group has given one of them to another member; nothing is changed for those.
            LogUnavailable: the log does not answer.
        """
        ...

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Deliver nothing of these until ``resume``; the membership stays alive."""
        ...

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Deliver again, from the position where it stopped."""
        ...

    async def seek(self, partition: Partition, offset: int) -> None:
        """Read this partition from ``offset`` on.

        Raises:
            PartitionLost: this member does not have it.
        """
        ...

    async def offset_at(self, partition: Partition, moment: datetime) -> int:
        """Return the offset of the first record at or after ``moment``, else the end."""
        ...

    def assigned(self) -> frozenset[Partition]:
        """The partitions that this member reads now."""
        ...

    async def lag(self) -> Mapping[Partition, Lag]:
        """Measure how far this member's partitions are behind the end."""
        ...

    async def close(self) -> None:
        """Leave the group, so that the others take over at once."""
        ...


class EventLog(Protocol):
    """One event log, shared by every service of the process."""

    async def stop(self) -> None:
        """Close everything that was opened through this object."""
        ...

    async def check(self) -> None:
        """Return when the log answers, for readiness.

        Raises:
            LogUnavailable: it does not.
        """
        ...

    async def create_topics(self, topics: Iterable[Topic]) -> None:
        """Make the topics that are missing.

        Raises:
            TopicMismatch: one exists with other settings, which are never changed.
        """
        ...

    async def grant(self, logins: Sequence[ServiceLogin], *, reset_passwords: bool = False) -> Sequence[str]:
        """Give each service its rights and, where its password is known, its login; return what was changed.

        Safe to repeat. Takes away nothing that it did not give. Needs an administrator's login.

        Raises:
            NotPermitted: this login may not give rights.
        """
        ...

    async def purge(self, topic: str, keep: timedelta | None, *, at_most: int) -> Purged:
        """Remove up to so many events of a topic that the log took in longer ago than ``keep``; None keeps them all.

        What a consumer group has not read stays. A log that removes by its own settings (Kafka) gets the term as a
        setting of the topic: then the brokers remove, and wait for no group.

        Raises:
            NotPermitted: the topic is not this login's to write.
            ValueError: it is compacted, or ``keep`` is shorter than ``SHORTEST_TERM``.
        """
        ...

    async def partitions(self, topic: str) -> int:
        """Return the number of partitions of a topic.

        Raises:
            UnknownTopic: it was never made.
            NotPermitted: this login may neither read nor write it.
        """
        ...

    async def offsets(self, group: str, topics: Sequence[str]) -> Mapping[Partition, Offsets]:
        """Return where a group stands in every partition of these topics; it is not joined.

        Raises:
            UnknownTopic: one of them was never made.
            NotPermitted: this login may not read one of them, or not as this group.
        """
        ...

    async def set_offsets(self, group: str, offsets: Mapping[Partition, int]) -> None:
        """Have a group that has no members begin at these offsets."""
        ...

    async def producer(self, name: str) -> Producer:
        """Open a producer; ``name`` tells its connections apart."""
        ...

    async def subscribe(self, topics: Sequence[str], *, group: str | None, from_start: bool = True) -> Subscription:
        """Join ``group``, or read alone and without commits where it is None.

        Without a committed offset the group starts at the beginning (``from_start``) or at the end.

        Raises:
            UnknownTopic: one of them was never made.
            NotPermitted: this login may not read one of them, or not as this group.
        """
        ...
