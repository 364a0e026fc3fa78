"""The ways of a letter and of a webhook endpoint through their lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from events import Event
from notifications.endpoint.model.endpoint import Endpoint
from notifications.endpoint.model.endpoint import Status as EndpointStatus
from notifications.message.model.message import Message
from notifications.message.model.message import Status as MessageStatus
from tests.support.life_cycles import Ways
from tests.unit.notifications.endpoint.test_endpoint_life_cycle import STEPS as OF_AN_ENDPOINT
from tests.unit.notifications.endpoint.test_endpoint_life_cycle import endpoint
from tests.unit.notifications.message.test_message_life_cycle import STEPS as OF_A_MESSAGE
from tests.unit.notifications.message.test_message_life_cycle import message


def _has_an_end(before: Message, after: Message, events: list[Event]) -> None:
    assert bool(events) == (after != before)
    assert (after.ended_at is None) == (after.status is MessageStatus.PLANNED)


def _has_a_secret_until_it_is_removed(before: Endpoint, after: Endpoint, events: list[Event]) -> None:
    assert bool(events) == (after.status is not before.status)
    assert (after.secret == "") <= (after.status is EndpointStatus.REMOVED)


WAYS: Final[Mapping[str, Ways[Any]]] = {
    "message": Ways(
        at=lambda status: message(status) if status is MessageStatus.PLANNED else OF_A_MESSAGE[status](message())[0],
        into={status: [step] for status, step in OF_A_MESSAGE.items()},
        holds=_has_an_end,
    ),
    "endpoint": Ways(
        at=endpoint,
        into={status: [step] for status, step in OF_AN_ENDPOINT.items()},
        quiet=[(EndpointStatus.ENABLED, EndpointStatus.PENDING)],
        holds=_has_a_secret_until_it_is_removed,
    ),
}
