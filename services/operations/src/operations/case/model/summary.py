"""The summary of an event that a step shows: codes, days and numbers; no ids, which are links, and nothing personal."""

from __future__ import annotations

from typing import Any, Final

from events import Event
from operations.case.model.links import ids_in
from operations.case.model.next_steps import CATALOGUE

_SHOWN: Final = frozenset(
    {"party", "reason", "left", "form", "role", "rank", "by", "policyVersion", "startsOn", "activeFrom", "startedOn"}
    | {"answerBefore", "signBefore", "mandatory", "vatRow", "contactMinutes", "workedOn", "findings", "template"}
    | {"freePlaces", "candidates", "escalated", "why", "attempts", "consumer", "until", "service", "early", "places"}
    | CATALOGUE.shown
)


def summary_of(event: Event) -> dict[str, Any]:
    """Return the facts worth reading in a list of steps."""
    hidden = {event.__class__.model_fields[name].alias for name in ids_in(event)}
    shown = event.model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in shown.items() if name in _SHOWN and name not in hidden}
