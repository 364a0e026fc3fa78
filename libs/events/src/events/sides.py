"""Which side of a case may read which fact of an event: cases, the feed, webhooks and letters follow this one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from events.parties import REGION, SCHOOL_SIDE

Side = str
"""trainer, school, company or organisation."""
SIDES: Final[tuple[Side, ...]] = ("trainer", "school", "company", "organisation")
_TRAINER: Final = frozenset({"trainer"})
_BOTH_AT_WORK: Final = frozenset({"trainer", "school"})
_ALL: Final = frozenset({"trainer", "school", "company"})

FOR_EVERY_PARTY: Final = frozenset(
    {"left", "form", "role", "by", "asked", "policyVersion", "startsOn", "endsOn", "activeFrom", "startedOn"}
    | {"answerBefore", "signBefore", "mandatory", "vatRow", "contactMinutes", "minutesPerWeek", "workedOn", "template"}
    | {"law", "freePlaces", "escalated", "until", "early", "places", "taken", "standing", "how", "reconsiderBefore"}
)
"""Of any event."""
TELLING: Final = frozenset(
    {"party", "reason", "rules", "findings", "why", "attempts", "consumer", "service"}
    | {"score", "rank", "candidates", "fitting"}
)
"""What says something of a side, or how somebody was measured: of any event, shown where ``SHARED`` says so only."""
SHARED: Final[Mapping[str, Mapping[str, Collection[Side]]]] = {
    "proposal.made": {"score": _TRAINER},
    "proposal.consented": {"party": _ALL},
    "proposal.countered": {"party": _BOTH_AT_WORK, "number": _BOTH_AT_WORK, "roster": _BOTH_AT_WORK},
    "proposal.counter-declined": {"party": _BOTH_AT_WORK, "number": _BOTH_AT_WORK},
    "proposal.terms-changed": {"terms": _ALL, "roster": _ALL},
    "proposal.accepted": {"roster": _ALL},
    "proposal.prolonged": {"reason": _TRAINER},
    "proposal.withdrawn": {"reason": _ALL, "rules": _TRAINER},
    "proposal.lapsed": {"reason": _ALL},
    "appeal.lodged": {"reason": _BOTH_AT_WORK, "decideBefore": _BOTH_AT_WORK},
    "appeal.overdue": {"decideBefore": _BOTH_AT_WORK},
    "appeal.decided": {"decision": _BOTH_AT_WORK},
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
    "contract.ending-proposed": {"reason": _ALL},
    "contract.notice-given": {"reason": _ALL},
    "contract.ended": {"reason": _ALL},
    "hours.rejected": {"reason": _BOTH_AT_WORK},
    "qualification.rejected": {"reason": _TRAINER},
    "trainer.left": {"reason": _TRAINER},
    "vacancy.withdrawn": {"reason": frozenset({"school"})},
    "message.dropped": {"reason": _ALL | {"organisation"}},
    "erasure.confirmed": {"service": _ALL | {"organisation"}},
    "endpoint.disabled": {"reason": frozenset({"organisation"})},
}
"""By the event's name: a telling fact that is not here is shown to staff only."""
OF_THE_PERSON: Final = frozenset(
    {"trainer_left", "trainer_paused", "vog_not_shown", "no_longer_eligible", "no_longer_fits", "absence"}
    | {"qualification"}
)
"""Reasons that say something of the person: shared or not, they are the trainer's alone."""
_TELLS_WHO_DECLINED: Final = "proposal.declined"


def sides_of(tokens: Iterable[str]) -> frozenset[Side]:
    """Return on which sides somebody stands who is these parties; board, school and location are one side."""
    roles = {token.partition("=")[0] for token in tokens} - {REGION}
    return frozenset("school" if role in SCHOOL_SIDE else role for role in roles)


def may_read(event: str, name: str, facts: Mapping[str, Any], sides: Collection[Side]) -> bool:
    """Whether somebody on these sides may read a fact of an event; what is not declared is nobody's."""
    if name in FOR_EVERY_PARTY:
        return True
    if event == _TELLS_WHO_DECLINED:
        return facts.get("party") in sides
    if isinstance(facts[name], str) and facts[name] in OF_THE_PERSON:
        return "trainer" in sides
    return not frozenset(SHARED.get(event, {}).get(name, ())).isdisjoint(sides)


def cut(event: str, facts: Mapping[str, Any], sides: Collection[Side], asked: Collection[str]) -> dict[str, Any]:
    """Return the facts as everybody on these sides may read them: None for those asked that one of them may not."""
    return {
        name: None if name in asked and not _by_each(event, name, facts, sides) else value
        for name, value in facts.items()
    }


def _by_each(event: str, name: str, facts: Mapping[str, Any], sides: Collection[Side]) -> bool:
    return bool(sides) and all(may_read(event, name, facts, {side}) for side in sides)
