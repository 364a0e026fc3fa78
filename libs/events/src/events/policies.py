"""Rules are data: what `registry` publishes of each policy row, on a compacted topic that every service reads."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from events import PREFIX, CompactedEvent, published_by

published_by(__name__, "registry")


class PolicyPublished(CompactedEvent):
    """A rule's values in one period. The row with the highest version wins where two hold on one day."""

    type: ClassVar[str] = f"{PREFIX}policy.changed.v1"
    dutch: ClassVar[str] = "De waarden van een beleidsregel in één periode zijn vastgesteld of gewijzigd."
    about: ClassVar[str] = "policy_id"
    topic: ClassVar[str] = "hto.registry.policies"
    partitions: ClassVar[int | None] = 1
    policy_id: str
    """``code@valid_from#set_version``: compaction keeps every version, so that old decisions can be repeated."""
    code: str
    set_version: int
    """The version of the whole set from this row on; the set is complete with ``rows_in_set`` rows."""
    rows_in_set: int
    valid_from: date
    valid_until: date | None
    value: dict[str, Any]
    source: str
    verified: bool
