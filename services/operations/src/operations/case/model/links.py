"""Which things an event is about: every id that it carries, so that a case is found by any of them."""

from __future__ import annotations

from functools import cache
from typing import get_args
from uuid import UUID

from events import Event


@cache
def _id_fields(event: type[Event]) -> tuple[str, ...]:
    return tuple(
        name
        for name, field in event.model_fields.items()
        if field.annotation is UUID or UUID in get_args(field.annotation)
    )


def ids_in(event: Event) -> dict[str, UUID]:
    """Return every id in the event by its field's name, such as ``trainer_id``."""
    return {name: value for name in _id_fields(type(event)) if (value := getattr(event, name)) is not None}
