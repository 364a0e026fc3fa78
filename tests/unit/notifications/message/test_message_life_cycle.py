"""A message is planned once and ends once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from events.notifications import MessageBounced, MessageDropped, MessageSent
from notifications.message.model.message import Message, NotPossible, Status, message_id

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
STEPS: dict[Status, Callable[[Message], tuple[Message, list[Any]]]] = {
    Status.SENT: lambda message: message.sent(NOW, "nl"),
    Status.BOUNCED: lambda message: message.bounced(NOW, 550),
    Status.OBSOLETE: lambda message: message.drop(NOW, "overtaken"),
}


def message(status: Status = Status.PLANNED, case_id: str | None = None) -> Message:
    return Message(
        id=uuid4(),
        version=0,
        recipient_id=uuid4(),
        role="trainer",
        template="available",
        event_source="urn:x",
        because_of=uuid4(),
        about=uuid4(),
        case_id=case_id,
        facts={},
        status=status,
        planned_at=NOW,
    )


@given(st.lists(st.sampled_from(list(STEPS)), max_size=6))
def test_in_any_order_of_actions_a_message_ends_at_most_once(wanted: list[Status]) -> None:
    at, told = message(), []
    for step in wanted:
        try:
            at, events = STEPS[step](at)
        except NotPossible:
            continue
        told += events
    assert len(told) <= 1
    assert (at.status is Status.PLANNED) == (not told)


def test_events_name_the_message_and_never_its_words() -> None:
    one = message()
    assert STEPS[Status.SENT](one)[1] == [
        MessageSent(
            message_id=one.id,
            recipient_id=one.recipient_id,
            template="available",
            because_of=one.because_of,
            language="nl",
        )
    ]
    assert isinstance(STEPS[Status.BOUNCED](one)[1][0], MessageBounced)
    assert isinstance(STEPS[Status.OBSOLETE](one)[1][0], MessageDropped)


def test_its_case_is_the_events_case_or_its_own() -> None:
    case = uuid4()
    assert message(case_id=str(case)).case == case
    alone = message()
    assert alone.case == alone.id


def test_the_same_letter_has_the_same_id_wherever_it_is_planned() -> None:
    event, recipient = UUID(int=1), UUID(int=2)
    ids = {message_id("urn:x", event, recipient, "available") for _ in range(3)}
    others = {
        message_id("urn:y", event, recipient, "available"),
        message_id("urn:x", recipient, recipient, "available"),
        message_id("urn:x", event, event, "available"),
        message_id("urn:x", event, recipient, "left"),
    }
    assert len(ids) == 1
    assert len(ids | others) == 5
