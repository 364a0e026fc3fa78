"""What outsiders see of an event: the structured CloudEvent, blind about a candidate until everybody agreed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from common.envelope import Envelope
from events import Event
from events.matching import (
    ProposalAccepted,
    ProposalConverted,
    ProposalEvent,
    ProposalWithdrawn,
    SearchEvent,
)

_REVEALS: Final = (ProposalAccepted, ProposalConverted)
"""Proposals of which the parties know each other; a later end hides them again."""
_HIDDEN: Final = ("trainerId", "companyId", "score", "rank", "candidates", "fitting")
"""What would tell who it is or link two vacancies, as the number of trainers does, which changes everywhere at once.

What a party has of a candidate is the proposal's id.
"""
_OF_THE_TRAINER: Final = frozenset({"trainer_left", "trainer_paused"})
_SHOWN: Final = frozenset(
    {
        *("specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "data"),
        *("partitionkey", "sequence", "sequencetype", "correlationid"),
    }
)
"""Attributes of the search for candidates that are shown; not its cause, which may be one trainer at many vacancies."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """The exact texts that receivers of an event get, in push and pull alike."""

    shown: str
    """To everybody whom it concerns."""
    own: str | None = None
    """To the trainer whom it is about, where that is another text; staff see this one."""
    trainer_id: UUID | None = None


def bodies_of(envelope: Envelope, event: Event) -> Bodies:
    """Return what is shown of an event, and to whom."""
    data: dict[str, Any] = event.model_dump(mode="json", by_alias=True)
    attributes = envelope.structured(data)
    whole = _text(attributes)
    if not isinstance(event, ProposalEvent | SearchEvent):
        return Bodies(whole)
    blind = {name: value for name, value in attributes.items() if name in _SHOWN}
    about = event.trainer_id if isinstance(event, ProposalEvent) else None
    return Bodies(_text({**blind, "data": _blinded(event, data)}), own=whole, trainer_id=about)


def _blinded(event: ProposalEvent | SearchEvent, data: dict[str, Any]) -> dict[str, Any]:
    if isinstance(event, _REVEALS):
        return data
    hidden: dict[str, Any] = {name: None for name in _HIDDEN if name in data}
    if isinstance(event, ProposalWithdrawn) and event.reason in _OF_THE_TRAINER:
        hidden["reason"] = None
    return {**data, **hidden}


def _text(attributes: dict[str, Any]) -> str:
    return json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
