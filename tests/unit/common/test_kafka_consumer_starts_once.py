"""A subscription on Kafka holds one consumer, whoever asks for it meanwhile, and leaves none open behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from aiokafka.errors import KafkaConnectionError
from aiokafka.structs import TopicPartition

from common.messaging.kafka import assignment, offset_inspector
from common.messaging.kafka.brokers import Brokers
from common.messaging.kafka.fetching import AdaptiveFetcher
from common.messaging.kafka.illegible import Fetched
from common.messaging.kafka.subscription import KafkaSubscription
from common.messaging.log import LogUnavailable, Reader
from common.runtime.log_login import LogLogin

PLACE = TopicPartition("t", 0)


class _Client:
    """aiokafka's consumer, whose start takes a while."""

    made: ClassVar[list[_Client]] = []
    failure: ClassVar[Exception | None] = None
    takes: ClassVar[float] = 0.0

    def __init__(self, **_settings: Any) -> None:
        self.closed = False
        self._fetcher = object()
        self.made.append(self)

    async def start(self) -> None:
        await asyncio.sleep(self.takes)
        if self.failure is not None:
            raise self.failure

    async def stop(self) -> None:
        self.closed = True

    def assign(self, places: list[TopicPartition]) -> None:
        assert places == [PLACE]

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        await asyncio.sleep(0)
        return dict.fromkeys(places, 0)

    async def position(self, _place: TopicPartition) -> int:
        return 0


@pytest.fixture
def subscription(monkeypatch: pytest.MonkeyPatch) -> KafkaSubscription:
    monkeypatch.setattr(_Client, "made", [])
    for module in (assignment, offset_inspector):
        monkeypatch.setattr(module, "AIOKafkaConsumer", _Client)
    monkeypatch.setattr(Fetched, "take_over", lambda _consumer: None)
    monkeypatch.setattr(AdaptiveFetcher, "take_over", lambda _consumer: None)
    return KafkaSubscription(
        Brokers.of(LogLogin(url="kafka://nowhere:9092")),
        {"t": 1},
        Reader(None, from_start=True, session=timedelta(seconds=1), patience=timedelta(seconds=1)),
    )


def _open() -> list[_Client]:
    return [client for client in _Client.made if not client.closed]


async def test_a_consumer_that_starts_serves_all_that_ask_meanwhile(subscription: KafkaSubscription) -> None:
    await asyncio.gather(subscription.join(), subscription.join())
    assert len(_Client.made) == 1


async def test_two_that_measure_at_once_look_through_one_reader(subscription: KafkaSubscription) -> None:
    await asyncio.gather(subscription.lag(), subscription.lag())
    assert len(_Client.made) == 2
    await subscription.close()
    assert _open() == []


@pytest.mark.parametrize("fail", [lambda patch: patch.setattr(_Client, "takes", 60.0), lambda patch: None])
async def test_a_consumer_that_does_not_start_is_closed(
    subscription: KafkaSubscription, monkeypatch: pytest.MonkeyPatch, fail: Callable[[pytest.MonkeyPatch], None]
) -> None:
    monkeypatch.setattr(assignment, "ANSWER_WITHIN", 0.01)
    monkeypatch.setattr(_Client, "failure", KafkaConnectionError())
    fail(monkeypatch)
    with pytest.raises(LogUnavailable):
        await subscription.lag()
    assert (len(_Client.made), _open()) == (1, [])


async def test_a_subscription_that_is_closed_while_it_starts_leaves_no_consumer_open(
    subscription: KafkaSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Client, "takes", 0.05)
    joining = asyncio.create_task(subscription.join())
    await asyncio.sleep(0.01)
    await subscription.close()
    with pytest.raises(LogUnavailable):
        await joining
    assert _open() == []


async def test_a_consumer_that_is_replaced_while_it_is_measured_is_the_log_that_is_away(
    subscription: KafkaSubscription,
) -> None:
    await subscription.lag()
    measuring = asyncio.create_task(subscription.lag())
    await asyncio.sleep(0)
    await subscription._holding.replace()
    with pytest.raises(LogUnavailable, match="not started"):
        await measuring
    await subscription.close()
