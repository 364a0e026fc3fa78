"""The ways of a proposal and of a vacancy through their lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from common.decision import Outcome, Reason, Verdict
from events import Event
from events.words import Party
from matching.proposal.model import status as p
from matching.proposal.model.proposal import Proposal
from matching.vacancy.model.vacancy import Status, Vacancy
from tests.support.life_cycles import Ways
from tests.unit.matching.proposal.proposal_examples import LATER, NOON, proposal
from tests.unit.matching.proposal.proposal_examples import vacancy as a_vacancy

FINE: Final = Verdict(policy_version=8, reasons=(Reason(rule="CONSENT", outcome=Outcome.PASS),))
CONTRACT: Final = UUID(int=3001)
ENDED: Final = frozenset({p.Status.DECLINED, p.Status.EXPIRED, p.Status.WITHDRAWN, p.Status.LAPSED})


def agreed(made: Proposal) -> Proposal:
    """Everybody has consented."""
    for party in made.asked:
        made, _ = made.consent(party, NOON)
    return made


def in_status(status: p.Status) -> Proposal:
    """A proposal in a state, with everything that such a one has."""
    made = agreed(proposal()) if status in {p.Status.ACCEPTED, p.Status.CONVERTED, p.Status.LAPSED} else proposal()
    return replace(
        made,
        status=status,
        contract_id=CONTRACT if status is p.Status.CONVERTED else None,
        declined_by=Party.SCHOOL if status is p.Status.DECLINED else None,
        ended_at=LATER if status in ENDED else None,
    )


def _keeps_consents_and_ends(before: Proposal, after: Proposal, events: list[Event]) -> None:
    assert events or after == before
    if after.status is p.Status.ACCEPTED:
        assert set(after.consents) == set(after.asked)
    assert set(after.consents) <= set(after.asked)
    assert (after.ended_at is not None) == (after.status in ENDED)
    assert before.status not in ENDED or after == before


PROPOSAL: Final = Ways(
    at=in_status,
    into={
        p.Status.ACCEPTED: [lambda one: (agreed(one) if one.open else one).accept(FINE)],
        p.Status.CONVERTED: [lambda one: one.convert(CONTRACT)],
        p.Status.DECLINED: [lambda one: one.decline(Party.SCHOOL, "schedule", LATER)],
        p.Status.EXPIRED: [lambda one: one.expire(LATER)],
        p.Status.WITHDRAWN: [lambda one: one.withdraw("trainer_left", LATER)],
        p.Status.LAPSED: [lambda one: one.lapse("contract_refused", LATER)],
    },
    others=[
        *(lambda one, party=party: one.consent(party, NOON) for party in Party),
        *(lambda one, party=party: one.decline(party, "other", NOON) for party in Party),
        lambda one: one.remind(),
        lambda one: one.accept(FINE),
    ],
    quiet=[(p.Status.CONVERTED, p.Status.ACCEPTED)],
    holds=_keeps_consents_and_ends,
)


def _vacancy(status: Status) -> Vacancy:
    return replace(a_vacancy(), status=status, waiting_since=NOON if status is Status.WAITING else None)


VACANCY: Final = Ways(
    at=_vacancy,
    into={
        Status.WAITING: [lambda one: one.wait(missing=1, candidates=0, at=NOON)],
        Status.OPEN: [lambda one: one.promote(UUID(int=1)), lambda one: (one.reopen(), [])],
        Status.CLOSED: [lambda one: (one.close(), [])],
        Status.WITHDRAWN: [lambda one: (one.withdraw(), [])],
    },
    unpublished=[
        (Status.CLOSED, Status.OPEN),
        *((before, after) for before in Status for after in (Status.CLOSED, Status.WITHDRAWN)),
    ],
)
WAYS: Final[Mapping[str, Ways[Any]]] = {"proposal": PROPOSAL, "vacancy": VACANCY}
