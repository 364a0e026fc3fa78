"""Which facts of a step a party may read: what says something of another side is that side's alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from events import Event
from events.contracts import ContractEvent
from events.matching import ProposalAccepted, ProposalConsented, ProposalConverted, ProposalEvent, ProposalLapsed
from events.parties import SCHOOL_SIDE, Parties
from events.words import Party
from operations.model.links import ids_in

Side = str
"""trainer, school, company or organisation."""
_TRAINER: Final = frozenset({"trainer"})
_BOTH_AT_WORK: Final = frozenset({"trainer", "school"})
_ALL: Final = frozenset({"trainer", "school", "company"})

_FOR_EVERY_PARTY: Final = frozenset(
    {"left", "form", "role", "rank", "by", "policyVersion", "startsOn", "activeFrom", "startedOn", "answerBefore"}
    | {"signBefore", "mandatory", "vatRow", "contactMinutes", "workedOn", "template", "freePlaces", "escalated"}
    | {"until", "early", "places"}
)
"""Of any event; a fact that is not here is shown to a party only where the table below says so."""
_SHARED: Final[Mapping[str, Mapping[str, Collection[Side]]]] = {
    "proposal.consented": {"party": _ALL},
    "proposal.withdrawn": {"reason": _ALL},
    "proposal.lapsed": {"reason": _ALL},
    "contract.held-for-review": {"findings": _ALL},
    "contract.returned": {"findings": _ALL},
    "contract.refused": {"findings": _ALL},
    "contract.offered": {"findings": _ALL},
    "contract.extension-offered": {"findings": _ALL},
    "contract.extension-refused": {"findings": _ALL},
    "contract.activation-held": {"findings": _BOTH_AT_WORK},
    "contract.signature.given": {"party": _ALL},
    "contract.cancelled": {"reason": _ALL},
    "contract.dissolved": {"reason": _ALL},
    "contract.suspended": {"reason": _ALL},
    "contract.ended": {"reason": _ALL},
    "hours.rejected": {"reason": _BOTH_AT_WORK},
    "qualification.rejected": {"reason": _TRAINER},
    "trainer.left": {"reason": _TRAINER},
    "vacancy.withdrawn": {"reason": frozenset({"school"})},
    "message.dropped": {"reason": _ALL | {"organisation"}},
}
_OF_THE_PERSON: Final = frozenset(
    {"trainer_left", "trainer_paused", "vog_not_shown", "no_longer_eligible", "absence", "qualification"}
)
"""Reasons that say something of the person: shared or not, they are the trainer's alone."""
_TELLS_WHO_DECLINED: Final = "proposal.declined"
_REVEALED: Final = (ContractEvent, ProposalAccepted, ProposalConverted, ProposalLapsed)
"""Written after everybody agreed: school and candidate may know each other."""
_TRAINER_ID: Final = "trainer_id"
_HIDDEN_BEFORE: Final = frozenset({_TRAINER_ID, "company_id"})


def sides_of(tokens: Iterable[str]) -> frozenset[Side]:
    """Return on which sides somebody stands who is these parties; board, school and location are one side."""
    roles = {token.partition("=")[0] for token in tokens}
    return frozenset("school" if role in SCHOOL_SIDE else role for role in roles)


def facts_for(event: str, facts: Mapping[str, Any], sides: Collection[Side]) -> dict[str, Any]:
    """Return what somebody on these sides may read of a step."""
    return {name: value for name, value in facts.items() if _may_read(event, name, facts, sides)}


def _may_read(event: str, name: str, facts: Mapping[str, Any], sides: Collection[Side]) -> bool:
    if name in _FOR_EVERY_PARTY:
        return True
    if event == _TELLS_WHO_DECLINED:
        return facts.get("party") in sides
    if facts[name] in _OF_THE_PERSON if isinstance(facts[name], str) else False:
        return "trainer" in sides
    return not _SHARED.get(event, {}).get(name, frozenset()).isdisjoint(sides)  # type: ignore[attr-defined]


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
    return isinstance(event, ProposalConsented) and event.party is Party.TRAINER


def _only(tokens: Iterable[str], role: str) -> frozenset[str]:
    return frozenset(token for token in tokens if token.partition("=")[0] == role)


def tokens_of(parties: Parties) -> frozenset[str]:
    """Return the parties as tokens; a desk looks at its region's cases as a whole, and is none of them."""
    return frozenset(token for token in parties.tokens() if not token.startswith("region="))
