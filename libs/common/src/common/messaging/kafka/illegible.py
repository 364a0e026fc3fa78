"""Records that aiokafka cannot read: each is handed on as unreadable, and those after it are read.

A header's name that is no UTF-8 makes aiokafka raise in the middle of what it fetched. The records before it in the
same answer were then lost to the caller, and at the next call it went on behind them.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiokafka.consumer.fetcher import FetchResult, PartitionRecords

from common.messaging.log import ILLEGIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator

_BROKEN_ON_ITS_WAY: Final = "Invalid CRC"
"""As aiokafka's message begins: what was sent is another thing, and may come whole at the next try."""


@dataclass(frozen=True, slots=True)
class Illegible:
    """A record that the client cannot read, with what aiokafka says of those that it can."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    headers: tuple[tuple[str, bytes]]
    key: bytes = b""
    value: bytes = b""
    """Not None: that would be a tombstone, which takes the place of what waits before it."""


class Fetched(OrderedDict[Any, Any]):
    """The records that aiokafka's fetcher buffers per partition."""

    @classmethod
    def take_over(cls, consumer: Any) -> None:
        """Have a consumer that was started, and reads nothing yet, hand on what it cannot read."""
        consumer._fetcher._records = cls()  # noqa: SLF001 - aiokafka makes its fetcher itself

    def __setitem__(self, place: Any, fetched: Any) -> None:
        """Keep what was fetched, legible or not."""
        if isinstance(fetched, FetchResult):
            LegibleRecords.take_over(fetched._partition_records)  # noqa: SLF001 - aiokafka makes them itself
        super().__setitem__(place, fetched)


class LegibleRecords(PartitionRecords):  # type: ignore[misc] # aiokafka has no types
    """The records of one answer; a batch that breaks off goes on as ``Illegible`` until its end."""

    _records: _Batches
    next_fetch_offset: int

    @classmethod
    def take_over(cls, records: Any) -> None:
        """Have records that nobody has read yet read like this."""
        records.__class__ = cls
        records._records = _Batches(records._records)  # noqa: SLF001
        records._records_iterator = records._unpack_records()  # noqa: SLF001

    def _unpack_records(self) -> Iterator[Any]:
        while True:
            try:
                yield from super()._unpack_records()
            except Exception as error:
                # The kind of error only: its words may quote what was sent.
                why = ((ILLEGIBLE, type(error).__name__.encode()),)
                batch, self._records.latest = self._records.latest, None
                if batch is None or str(*error.args[:1]).startswith(_BROKEN_ON_ITS_WAY):
                    raise
                yield from self._illegible(batch, why)
            else:
                return

    def _illegible(self, batch: Any, why: tuple[tuple[str, bytes]]) -> Iterator[Illegible]:
        """Each record of a batch from where it broke off: its length is known, where the next begins is not."""
        for offset in range(max(self.next_fetch_offset, batch.base_offset), batch.next_offset):
            self.next_fetch_offset = offset + 1
            yield Illegible(self._tp.topic, self._tp.partition, offset, batch.max_timestamp, why)
        self.next_fetch_offset = batch.next_offset


class _Batches:
    """aiokafka's batches, with the one that is being read."""

    def __init__(self, batches: Any) -> None:
        self._batches = batches
        self.has_next = batches.has_next
        self.latest: Any = None

    def next_batch(self) -> Any:
        self.latest = None
        self.latest = self._batches.next_batch()
        return self.latest
