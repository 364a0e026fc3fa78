"""Which facts of a step a party may read: what says something of another side is that side's alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from events import Event
from events.contracts import ContractEvent
from events.matching import ProposalAccepted, ProposalConsented, ProposalConverted, ProposalEvent, ProposalTermsChanged
from events.parties import SCHOOL_SIDE, Parties
from events.sides import Side, may_read
from events.words import Party
from operations.case.model.links import ids_in

_REVEALED: Final = (ContractEvent, ProposalAccepted, ProposalConverted)
"""Written after everybody agreed: school and candidate may know each other. One that lapsed may never have been."""
_TRAINER_ID: Final = "trainer_id"
_HIDDEN_BEFORE: Final = frozenset({_TRAINER_ID, "company_id"})


def facts_for(event: str, facts: Mapping[str, Any], sides: Collection[Side]) -> dict[str, Any]:
    """Return what somebody on these sides may read of a step."""
    return {name: value for name, value in facts.items() if may_read(event, name, facts, sides)}


def learned_from(event: Event, tokens: frozenset[str]) -> dict[tuple[str, UUID], frozenset[str]]:
    """Return every id in an event, by its field's name, with the parties that may know it from that event.

    Before everybody agreed a school knows neither the candidate nor the candidate's employer, and the employer knows
    whose proposal it is once the trainer consented.
    """
    outside = frozenset(token for token in tokens if token.partition("=")[0] not in SCHOOL_SIDE)
    if isinstance(event, _REVEALED):
        known = dict.fromkeys(_HIDDEN_BEFORE, tokens)
    elif isinstance(event, ProposalEvent) and not _names_the_trainer_to_the_employer(event):
        known = {**dict.fromkeys(_HIDDEN_BEFORE, outside), _TRAINER_ID: _only(outside, "trainer")}
    else:
        known = dict.fromkeys(_HIDDEN_BEFORE, outside)
    return {(name, id_): known.get(name, tokens) for name, id_ in ids_in(event).items()}


def _names_the_trainer_to_the_employer(event: ProposalEvent) -> bool:
    consented = isinstance(event, ProposalConsented) and event.party is Party.TRAINER
    return consented or isinstance(event, ProposalTermsChanged)


def _only(tokens: Iterable[str], role: str) -> frozenset[str]:
    return frozenset(token for token in tokens if token.partition("=")[0] == role)


def tokens_of(parties: Parties) -> frozenset[str]:
    """Return the parties as tokens; a desk looks at its region's cases as a whole, and is none of them."""
    return frozenset(token for token in parties.tokens() if not token.startswith("region="))
