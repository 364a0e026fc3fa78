"""What outsiders see of an event: the structured CloudEvent, without what would lift a proposal's blindness."""

from __future__ import annotations

import json
from typing import Any, Final

from common.envelope import Envelope
from events import Event
from events.matching import ProposalMade

_BLIND: Final[dict[type[Event], tuple[str, ...]]] = {ProposalMade: ("companyId",)}
"""Where a pseudonymous trainer's employer could tell the school who it is."""


def body_of(envelope: Envelope, event: Event) -> str:
    """Return the exact text that every receiver of an event gets, in push and pull alike."""
    data: dict[str, Any] = event.model_dump(mode="json", by_alias=True)
    for name in _BLIND.get(type(event), ()):
        data[name] = None
    return json.dumps(envelope.structured(data), ensure_ascii=False, separators=(",", ":"))
