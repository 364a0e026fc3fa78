"""The ways of a contract, an assignment and a line of hours through their lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from common.decision import Outcome, Reason, Verdict
from contracts.assignment.model import assignment as a
from contracts.contract.model import contract as c
from contracts.contract.model.contract import Contract
from contracts.contract.model.decision import Ruling
from contracts.hour_line.model import hour_line as h
from events import Event
from events.words import Party
from tests.support.life_cycles import Ways
from tests.unit.contracts.contract_examples import (
    ENDS_ON,
    NOON,
    STARTS_ON,
    TERMS,
    assignment,
    contract,
    decision,
    line,
    minutes,
    signing,
)

GOOD: Final = Verdict(policy_version=7)
BAD: Final = Verdict(policy_version=7, reasons=(Reason(rule="VOG_MISSING", outcome=Outcome.BLOCK),))
OTHER_TERMS: Final = replace(TERMS, minutes_per_week=180)
LATER: Final = date(2027, 12, 17)


def _sign_all(one: Contract) -> c.Change:
    """Sign for everyone who is asked; a party that may not raises."""
    version = one.signing or signing()
    events: list[Event] = []
    for party in version.mandatory:
        one, more = one.sign(party, version.hash, NOON)
        events += more
    return one, events


def _is_never_at_work_unsigned(_: Contract, after: Contract, events: list[Event]) -> None:
    if after.status in c.BOUND:  # I1
        assert after.signing is not None
        assert after.signing.left == ()
    assert [event.contract_id for event in events if hasattr(event, "contract_id")] == [after.id] * len(events)


CONTRACT: Final = Ways(
    at=contract,
    into={
        c.DRAFT: [lambda one: one.amend(OTHER_TERMS), lambda one: one.send_back()],
        c.REVIEW: [lambda one: one.submit()],
        c.SIGNING: [lambda one: one.judge(decision(), signing()), lambda one: one.approve(signing())],
        c.SIGNED: [_sign_all],
        c.ACTIVE: [lambda one: one.activate(GOOD, STARTS_ON), lambda one: one.resume(STARTS_ON)],
        c.SUSPENDED: [lambda one: one.suspend("absence", STARTS_ON)],
        c.ENDED: [lambda one: one.end(ENDS_ON, "term")],
        c.ENDED_EARLY: [lambda one: one.end(STARTS_ON, "schedule")],
        c.REFUSED: [lambda one: one.judge(decision(Ruling.REFUSED), signing()), lambda one: one.reject()],
        c.CANCELLED: [lambda one: one.cancel("other")],
        c.EXPIRED: [lambda one: one.expire()],
        c.DISSOLVED: [lambda one: one.dissolve("mutual")],
    },
    others=[
        *(lambda one, party=party: one.sign(party, (one.signing or signing()).hash, NOON) for party in Party),
        lambda one: one.judge(decision(Ruling.HELD), signing()),
        lambda one: one.judge(decision(Ruling.RETURNED), signing()),
        lambda one: one.activate(BAD, STARTS_ON),
        lambda one: one.extend(LATER, decision(), signing(version=2)),
        lambda one: one.extend(LATER, decision(Ruling.HELD), signing(version=2)),
        lambda one: one.extend(LATER, decision(Ruling.REFUSED), signing(version=2)),
        lambda one: one.give_up_extension(),
        lambda one: one.cancel_for_lapsed_proposal(),
        lambda one: one.sign(Party.TRAINER, signing(version=2).hash, NOON),
        lambda one: one.sign(Party.SCHOOL, signing(version=2).hash, NOON),
    ],
    quiet=[(before, c.SIGNED) for before in c.BOUND] + [(c.ENDED, c.ENDED_EARLY), (c.ENDED_EARLY, c.ENDED)],
    once=[c.REVIEW, c.SIGNING, c.REFUSED],
    events={c.SIGNED: 3},
    holds=_is_never_at_work_unsigned,
)


def _assignment(status: a.Status) -> a.Assignment:
    stopped = (a.Interruption(interrupted_on=STARTS_ON),) if status is a.INTERRUPTED else ()
    return replace(assignment(), status=status, interruptions=stopped)


ASSIGNMENT: Final = Ways(
    at=_assignment,
    into={
        a.ACTIVE: [lambda one: one.start(), lambda one: one.resume(STARTS_ON)],
        a.INTERRUPTED: [lambda one: one.interrupt(STARTS_ON)],
        a.COMPLETED: [lambda one: one.end(ENDS_ON, early=False)],
        a.ENDED_EARLY: [lambda one: one.end(STARTS_ON, early=True)],
    },
)
HOUR_LINE: Final = Ways(
    at=lambda status: line(status=status),
    into={
        h.DRAFT: [lambda one: one.revise(minutes())],
        h.SUBMITTED: [lambda one: one.submit(GOOD)],
        h.APPROVED: [lambda one: one.approve(GOOD)],
        h.REJECTED: [lambda one: one.reject("wrong_day")],
    },
    once=[h.DRAFT],
)
WAYS: Final[Mapping[str, Ways[Any]]] = {"contract": CONTRACT, "assignment": ASSIGNMENT, "hour_line": HOUR_LINE}
