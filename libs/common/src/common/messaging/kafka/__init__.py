"""The event log on Apache Kafka; nothing outside this package imports aiokafka."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from common.messaging.kafka.brokers import Brokers
from common.messaging.kafka.cluster import Cluster
from common.messaging.kafka.group_offsets import GroupOffsets
from common.messaging.kafka.producer import KafkaProducer
from common.messaging.kafka.subscription import KafkaSubscription
from common.messaging.log import Partition, Purged, Reader, UnknownTopic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from common.messaging.log import Offsets, Topic
    from common.messaging.rights import ServiceLogin
    from common.runtime.log_login import LogLogin

SESSION: Final = timedelta(seconds=10)
"""After so long without a heartbeat a member is dead and loses its partitions."""
PATIENCE: Final = timedelta(seconds=30)
"""How long a rebalance, and with it the whole group, waits for a member to finish its batch."""
COMPACTED_WITHIN: Final = timedelta(hours=1)
"""How long a superseded value may stay, once later records have rolled its segment."""
TOMBSTONES_KEPT: Final = timedelta(days=7)
"""A reader that is away for longer may miss that a key was removed."""


# In an outage aiokafka logs every try, some ten lines a second for each client; we log it once ourselves.
logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


class KafkaLog:
    """An ``EventLog``; see ``common.messaging.log``. Needs brokers of version 4, with auto-creation of topics off."""

    def __init__(
        self,
        login: LogLogin,
        *,
        session: timedelta = SESSION,
        patience: timedelta = PATIENCE,
        compacted_within: timedelta = COMPACTED_WITHIN,
        tombstones_kept: timedelta = TOMBSTONES_KEPT,
    ) -> None:
        """Prepare a log at the login's brokers; its certificates are read here."""
        self._brokers = Brokers.of(login)
        self._session = session
        self._patience = patience
        self._cluster = Cluster(self._brokers, compacted_within=compacted_within, tombstones_kept=tombstones_kept)
        self._partitions: dict[str, int] = {}
        self._opened: set[KafkaProducer | KafkaSubscription] = set()

    async def stop(self) -> None:
        """Close everything that was opened through this object."""
        await asyncio.gather(*(one.close() for one in self._opened))
        self._opened.clear()
        await self._cluster.close()

    async def check(self) -> None:
        """Return when a broker answers."""
        await self._cluster.check()

    async def create_topics(self, topics: Iterable[Topic]) -> None:
        """Make the topics that are missing, with the brokers' own replication factor."""
        await self._cluster.create(list(topics))

    async def grant(self, logins: Sequence[ServiceLogin], *, reset_passwords: bool = False) -> Sequence[str]:
        """Make the services' SCRAM users and ACLs."""
        return await self._cluster.grant(logins, reset_passwords=reset_passwords)

    async def purge(self, topic: str, keep: timedelta | None, *, at_most: int) -> Purged:
        """Have the brokers remove events past their term, by the topic's ``retention.ms``."""
        del at_most
        return Purged(changed=await self._cluster.keep(topic, keep))

    async def partitions(self, topic: str) -> int:
        """Return the number of partitions of a topic."""
        # Kept as long as sending goes well: a topic never changes once it was made.
        if topic not in self._partitions:
            counts = await self._cluster.partitions([topic])
            if topic not in counts:
                raise UnknownTopic(topic)
            self._partitions |= counts
        return self._partitions[topic]

    async def offsets(self, group: str, topics: Sequence[str]) -> Mapping[Partition, Offsets]:
        """Return where a group stands in every partition of these topics."""
        places = [Partition(topic, number) for topic in topics for number in range(await self.partitions(topic))]
        async with GroupOffsets(self._brokers, group, places) as there:
            return await there.read()

    async def set_offsets(self, group: str, offsets: Mapping[Partition, int]) -> None:
        """Have a group begin at these offsets."""
        async with GroupOffsets(self._brokers, group, list(offsets)) as there:
            await there.write(offsets)

    async def producer(self, name: str) -> KafkaProducer:
        """Open a producer."""
        producer = KafkaProducer(self._brokers, name, partitions=self.partitions, forget=self._partitions.clear)
        self._opened.add(producer)
        return producer

    async def subscribe(
        self, topics: Sequence[str], *, group: str | None, from_start: bool = True
    ) -> KafkaSubscription:
        """Join ``group``, or read alone."""
        counts = {topic: await self.partitions(topic) for topic in topics}
        reader = Reader(group, from_start, self._session, self._patience)
        subscription = KafkaSubscription(self._brokers, counts, reader)
        self._opened.add(subscription)
        await subscription.join()
        return subscription
