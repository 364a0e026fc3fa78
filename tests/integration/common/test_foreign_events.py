"""A topic has one owner: what another service wrote there, or what its owner does not publish, is never handled."""

from __future__ import annotations

import pytest

from common.messaging.log import Record
from events import NotItsPublisher
from events.flow import EventParked, RedriveOrdered
from events.registry import ProfileState, TrainerLeft, VacancyExpired
from tests.support.plumbing import CONSUMER, OIN, TOPIC, Ears, left, paused, record_of
from tests.support.sample import new_id

_MATCHING = f"urn:nld:oin:{OIN}:systeem:hto-matching"
_STRANGER = "urn:nld:oin:00000009999999990000:systeem:hto-registry"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (paused(new_id(), ce_source=_MATCHING), "source: Only registry may publish"),
        (paused(new_id(), ce_source=_MATCHING, topic="hto.matching.events"), "source: Only registry may publish"),
        (paused(new_id(), ce_source=_STRANGER), "is no service of this programme"),
        (paused(new_id(), ce_source=""), "is no service of this programme"),
        (paused(new_id(), topic="hto.matching.events"), "does not publish this on hto.matching.events"),
        (record_of(None, new_id(), ce_source=_MATCHING), "source: Only registry may publish"),
        (record_of(None, new_id(), topic=TOPIC), f"does not publish this on {TOPIC}"),
    ],
    ids=["the owner's topic", "its own topic", "another programme", "nobody", "wrong topic", "tombstone", "state"],
)
async def test_an_event_that_is_not_its_owners_is_parked_with_its_reason(
    ears: Ears, record: Record, reason: str
) -> None:
    """Seen red without the check: each was handled as the owner's own word."""
    good = new_id()
    await ears.dispatch.batch([record, left(good)])
    assert await ears.heard() == [(good, "left other")]
    (told,) = await ears.told(EventParked)
    assert (told.why, told.parked_key) == ("unreadable", record.key)
    assert reason in told.reason
    assert await ears.dispatch.redrive(record.topic, record.key) == 0
    assert await ears.heard() == [(good, "left other")]


async def test_an_order_that_is_not_of_operations_is_not_carried_out(ears: Ears) -> None:
    """Seen red without the check: any service could have another's events passed over."""

    async def bug(*_: object) -> None:
        raise ZeroDivisionError

    ears.listener.react = bug
    trainer = new_id()
    await ears.dispatch.batch([paused(trainer)])
    order = RedriveOrdered(
        flow_key="x", order_id=new_id(), service=CONSUMER, consumer=CONSUMER, topic=TOPIC, parked_key=str(trainer)
    )
    await ears.dispatch.batch([record_of(order, topic=TOPIC, ce_source=f"urn:nld:oin:{OIN}:systeem:hto-registry")])
    rows = await ears.sql("SELECT retry_at FROM parked_keys WHERE key = :key", key=str(trainer))
    assert [row.retry_at for row in rows] == [None]


async def test_a_foreign_event_that_nothing_here_reacts_to_stops_no_key(ears: Ears) -> None:
    lapsed = VacancyExpired(vacancy_id=new_id())
    assert await ears.dispatch.batch([record_of(lapsed, ce_source=_STRANGER)]) == 0
    assert await ears.count("parked_keys") == 0


async def test_a_service_cannot_publish_an_event_of_another(ears: Ears) -> None:
    """Seen red: it went to its own topic, where nothing reads it."""
    async with ears.database.begin(actor="test") as tx:
        with pytest.raises(NotItsPublisher):
            tx.publish(TrainerLeft(trainer_id=new_id(), reason="other"))
        with pytest.raises(NotItsPublisher):
            tx.publish_tombstone(ProfileState, new_id())
    assert await ears.count("outbox") == 0
