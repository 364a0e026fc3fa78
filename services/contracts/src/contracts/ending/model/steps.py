"""The steps towards an end before the last day, and back. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from common.errors import Conflict
from contracts.contract.model.contract import ACTIVE, ENDED_EARLY, LIFE_CYCLE, SIGNED, SUSPENDED, Change, Contract
from contracts.contract.model.ending import Ending
from events import Event
from events.contracts import (
    EndedForCause,
    EndingAgreed,
    EndingConsented,
    EndingDropped,
    EndingEvent,
    EndingProposed,
    EndingReason,
    NoticeGiven,
)
from events.words import Party
from rules.ending import Way

DropHow: TypeAlias = Literal["declined", "withdrawn", "reconsidered", "unanswered"]


class NoEndingOpen(Conflict):
    """No proposal to end this contract earlier waits for the {party}."""


def propose(contract: Contract, ending: Ending) -> Change:
    """Ask the other parties of the agreement whether it may end earlier."""
    LIFE_CYCLE.must_be(contract, SIGNED, ACTIVE, SUSPENDED, wanted=ENDED_EARLY)
    contract.must_have_no_ending()
    proposed = _event(
        contract,
        EndingProposed,
        by=ending.by,
        asked=list(ending.left),
        ends_on=ending.last_day,
        reason=ending.reason,
        answer_before=ending.answer_before,
    )
    return replace(contract, ending=ending), [proposed]


def agree(contract: Contract, by: Party, reconsider_before: datetime) -> Change:
    """Take a party's consent; with the last one it is certain, and ``reconsider_before`` begins to count.

    Raises:
        NoEndingOpen: nothing waits for this party.
    """
    ending = _left_to(contract, by)
    left = tuple(party for party in ending.left if party is not by)
    if left:
        one = _event(contract, EndingConsented, by=by, left=list(left), answer_before=ending.answer_before)
        return replace(contract, ending=replace(ending, left=left)), [one]
    until = reconsider_before if ending.reflects is not None else None
    agreed = _event(contract, EndingAgreed, ends_on=ending.last_day, reconsider_before=until)
    ending = replace(ending, left=(), answer_before=None, reconsider_before=until)
    return replace(contract, ending=ending, extension=None), [agreed]


def decline(contract: Contract, by: Party) -> Change:
    """Go on as it was: a party that was asked does not want it to end.

    Raises:
        NoEndingOpen: nothing waits for this party.
    """
    _left_to(contract, by)
    return _dropped(contract, "declined", by)


def withdraw(contract: Contract, by: Party, now: datetime) -> Change:
    """Go on as it was: the party takes back its proposal, or its consent in the days to think it over.

    Raises:
        NoEndingOpen: there is nothing that this party may take back any more.
    """
    ending = contract.ending
    if ending is not None and ending.left and by is ending.by:
        return _dropped(contract, "withdrawn", by)
    until = ending.reconsider_before if ending else None
    if ending is not None and until is not None and by is ending.reflects and now < until:
        return _dropped(contract, "reconsidered", by)
    raise NoEndingOpen(party=by.value)


def give_up(contract: Contract) -> Change:
    """Go on as it was: not everybody answered in time."""
    if contract.ending is None or contract.ending.certain:
        return contract, []
    return _dropped(contract, "unanswered", None)


def give_notice(contract: Contract, ending: Ending) -> Change:
    """End it by notice, with a last day that is certain at once; a proposal that waits falls away."""
    LIFE_CYCLE.must_be(contract, ACTIVE, SUSPENDED, wanted=ENDED_EARLY)
    if contract.ending is not None and contract.ending.certain:
        contract.must_have_no_ending()
    given = _event(contract, NoticeGiven, by=ending.by, ends_on=ending.last_day, reason=ending.reason)
    return replace(contract, ending=ending, extension=None), [given]


def end_for_cause(contract: Contract, by: Party, on: date, reason: EndingReason) -> Change:
    """End it at once."""
    LIFE_CYCLE.must_be(contract, ACTIVE, SUSPENDED, wanted=ENDED_EARLY)
    stated = _event(contract, EndedForCause, by=by, ends_on=on)
    ended, events = contract.end(on, reason)
    return replace(ended, ending=Ending(way=Way.CAUSE, by=by, last_day=on, reason=reason)), [stated, *events]


def _left_to(contract: Contract, by: Party) -> Ending:
    if contract.ending is None or by not in contract.ending.left:
        raise NoEndingOpen(party=by.value)
    return contract.ending


def _dropped(contract: Contract, how: DropHow, by: Party | None) -> Change:
    return replace(contract, ending=None), [_event(contract, EndingDropped, how=how, by=by)]


def _event(contract: Contract, event: type[EndingEvent], **more: Any) -> Event:
    return contract.event(event, standing=contract.status.value, starts_on=contract.terms.starts_on, **more)
