"""What aiokafka cannot read: nothing before it is lost, nothing behind it waits, and each is told by its place."""

from __future__ import annotations

import struct
from typing import Any, Final

import pytest
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from common.messaging.consumer import Handlers
from common.messaging.consumer.decode import Unreadable, decode
from common.messaging.kafka.illegible import Fetched, Illegible
from common.messaging.kafka.subscription import _record

PLACE: Final = TopicPartition("topic", 3)
ODD: Final = "ODD!"
_CRC, _ATTRIBUTES = 17, 21


def batch(base: int, *names: str, attributes: int = 0) -> bytes:
    """Records of one header each from offset ``base`` on; a name ``ODD`` is no UTF-8."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10_000)
    for number, name in enumerate(names):
        builder.append(number, timestamp=1000 + number, key=b"k", value=b"v", headers=[(name, b"x")])
    raw = bytearray(builder.build())
    raw[_ATTRIBUTES + 1] |= attributes
    raw = raw.replace(ODD.encode(), b"\xff\xfe\xfd\xfc")
    struct.pack_into(">q", raw, 0, base)
    struct.pack_into(">I", raw, _CRC, calc_crc32c(bytes(raw[_ATTRIBUTES:])))
    return bytes(raw)


def fetched(*batches: bytes, position: int = 10) -> Any:
    records = PartitionRecords(
        *(PLACE, MemoryRecords(b"".join(batches)), [], position),
        key_deserializer=None,
        value_deserializer=None,
        check_crcs=True,
        isolation_level=0,
    )
    kept = Fetched()
    kept[PLACE] = FetchResult(PLACE, assignment=None, partition_records=records, backoff=0)
    return kept[PLACE]._partition_records


def shown(records: Any) -> list[tuple[int, bool]]:
    """Offset, and whether it could be read."""
    return [(one.offset, not isinstance(one, Illegible)) for one in records]


def test_records_before_and_behind_a_batch_with_an_illegible_one_are_read() -> None:
    records = fetched(batch(10, "a", "b"), batch(12, "c", ODD, "d"), batch(15, "e"))
    assert shown(records) == [(10, True), (11, True), (12, True), (13, False), (14, False), (15, True)]
    assert records.next_fetch_offset == 16


def test_reading_goes_on_at_any_offset_within_an_illegible_batch() -> None:
    assert shown(fetched(batch(10, ODD, "b", "c"), batch(13, "d"), position=12)) == [(12, False), (13, True)]


def test_offsets_that_compaction_removed_are_not_returned_as_records() -> None:
    assert shown(fetched(batch(1_000_000, ODD), position=10)) == [(1_000_000, False)]


@pytest.mark.parametrize("compression", [1, 2, 3, 4, 5])
def test_a_batch_that_cannot_be_unpacked_is_returned_record_by_record(compression: int) -> None:
    records = fetched(batch(10, "a", "b", attributes=compression), batch(12, "c"))
    assert shown(records) == [(10, False), (11, False), (12, True)]


def test_an_answer_that_broke_on_its_way_is_fetched_again() -> None:
    """It may come whole then; to go past it would lose what a replica still has."""
    broken = bytearray(batch(10, "a"))
    broken[-1] ^= 1
    with pytest.raises(CorruptRecordException):
        list(fetched(bytes(broken)))


def test_an_illegible_record_is_parked_with_the_kind_of_error_and_nothing_of_its_content() -> None:
    (told,) = fetched(batch(10, ODD))
    item = decode(_record(told), Handlers())
    assert isinstance(item, Unreadable)
    assert (item.why, item.reason, item.envelope) == ("unreadable", "record: UnicodeDecodeError", None)
    record = item.record
    assert (record.place, record.offset, record.key, record.value) == (tuple(PLACE), 10, "", b"")
    assert record.timestamp.timestamp() == 1.0
