"""The ways of a trainer, a qualification, a vacancy and a move through their lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from events import Event
from events.registry import QualificationEvent, VacancyChanged, VacancyDrafted
from registry.organisation_change import model as m
from registry.organisation_change.model import Move, Side
from registry.trainer.model import qualification as q
from registry.trainer.model import trainer as t
from registry.trainer.model.qualification import Qualification
from registry.trainer.model.trainer import Trainer
from registry.vacancy.model import vacancy as v
from registry.vacancy.model.terms import Terms
from registry.vacancy.model.vacancy import Vacancy
from rules.qualification import Credential
from tests.support.life_cycles import Ways
from tests.unit.registry.registry_examples import (
    AREA,
    LATEST,
    LENT,
    OTHER_COMPANY,
    PERSON,
    PROFILE,
    SITE,
    TERMS,
    TODAY,
    TRAINER,
    VOG,
    trainer,
    vacancy,
)


def _is_complete_or_forgotten(before: Trainer, after: Trainer, _: list[Event]) -> None:
    assert after.version == before.version, "the store counts, not the model"
    if after.status is t.AVAILABLE:
        assert after.missing(TODAY, LENT) == ()
    if after.status is t.ANONYMISED:
        assert (after.person, after.place, after.profile, after.vog) == (None,) * 4


THE_TRAINER: Final = Ways(
    at=lambda status: (
        trainer(status, consent_until=LATEST, employer_agreed=True) if status is t.INTAKE else trainer(status)
    ),
    into={
        t.CONFIRMED: [lambda one: one.confirm()],
        t.EXPIRED: [lambda one: one.expire(TODAY)],
        t.INTAKE: [lambda one: one.update_profile(PROFILE, LENT)],
        t.AVAILABLE: [lambda one: one.become_available(TODAY, LENT)],
        t.PAUSED: [lambda one: one.pause()],
        t.LEFT: [lambda one: one.leave("own_wish", TODAY)],
        t.ANONYMISED: [lambda one: one.anonymise()],
    },
    others=[
        lambda one: one.withdraw_consent(),
        lambda one: one.give_consent(LATEST, today=TODAY, latest=LATEST),
        lambda one: one.expire_consent(LATEST + timedelta(days=1)),
        lambda one: one.employer_agrees(None),
        lambda one: one.update_details(PERSON, AREA, OTHER_COMPANY),
        lambda one: one.show_vog(VOG, TODAY),
        lambda one: one.requalify(),
        lambda one: one.erase(TODAY),
    ],
    quiet=[
        *((before, t.CONFIRMED) for before in t.TAKING_PART),
        *((before, t.EXPIRED) for before in t.Status if before is not t.APPLIED),
        *((before, t.INTAKE) for before in t.PROFILED),
    ],
    holds=_is_complete_or_forgotten,
)
QUALIFICATION_ID: Final = UUID("0192f3c4-0000-7000-8000-00000000000a")
LAST_DAY: Final = date(2027, 1, 31)


def qualification(status: q.Status = q.CLAIMED) -> Qualification:
    return Qualification(
        id=QUALIFICATION_ID,
        version=3,
        trainer_id=TRAINER,
        status=status,
        code=Credential.PDG,
        evidence="A diploma",
        valid_until=LAST_DAY,
        rejected_reason="unreadable" if status is q.REJECTED else None,
    )


def verify(one: Qualification) -> tuple[Qualification, list[Event]]:
    return one.verify(by="desk", today=TODAY, valid_until=LAST_DAY)


def _names_trainer_and_code(before: Qualification, after: Qualification, events: list[Event]) -> None:
    assert bool(events) == (after != before)
    for told in events:
        assert isinstance(told, QualificationEvent)
        assert (told.qualification_id, told.trainer_id, told.code) == (QUALIFICATION_ID, TRAINER, "pdg")


QUALIFICATION: Final = Ways(
    at=qualification,
    into={
        q.EVIDENCE_SUBMITTED: [lambda one: one.submit_evidence("A diploma")],
        q.IN_REVIEW: [lambda one: one.review()],
        q.VERIFIED: [verify],
        q.REJECTED: [lambda one: one.reject("unreadable")],
        q.REVOKED: [lambda one: one.revoke()],
        q.EXPIRED: [lambda one: one.expire(LAST_DAY + timedelta(days=1))],
    },
    quiet=[(before, q.EXPIRED) for before in q.Status if before is not q.VERIFIED],
    holds=_names_trainer_and_code,
)


def _counting(signed: int) -> Callable[[Vacancy], tuple[Vacancy, list[Event]]]:
    return lambda one: one.count(signed)


def _changing(terms: Terms, signed: int) -> Callable[[Vacancy], tuple[Vacancy, list[Event]]]:
    return lambda one: one.change(SITE, terms, signed=signed, today=TODAY)


def _publishes_every_step(before: Vacancy, after: Vacancy, events: list[Event]) -> None:
    assert bool(events) == (after != before)
    steps = [event for event in events if not isinstance(event, VacancyChanged | VacancyDrafted)]
    assert (after.status is not before.status) <= bool(steps)
    assert after.status is before.status or after.status in v.LIFE_CYCLE.next[before.status] or len(steps) > 1


THE_VACANCY: Final = Ways(
    at=vacancy,
    into={
        v.OPEN: [lambda one: one.count(0) if one.status is v.FILLED else one.publish(TODAY)],
        v.FILLED: [lambda one: one.count(one.places)],
        v.CLOSED: [lambda one: one.close()],
        v.WITHDRAWN: [lambda one: one.withdraw("budget")],
        v.EXPIRED: [lambda one: one.expire()],
    },
    others=[
        *map(_counting, range(4)),
        *(
            _changing(terms, signed)
            for terms in (
                TERMS,
                replace(TERMS, places=1),
                replace(TERMS, places=3),
                replace(TERMS, starts_on=date(2027, 5, 1)),
            )
            for signed in range(4)
        ),
    ],
    quiet=[
        *((before, v.FILLED) for before in v.Status if before not in {v.OPEN, v.EXPIRED}),
        *((before, v.EXPIRED) for before in v.Status if before is not v.OPEN),
    ],
    holds=_publishes_every_step,
)

AT: Final = datetime(2026, 11, 20, 9, tzinfo=UTC)
ORGANISATION, PRESENT, WANTED = uuid4(), uuid4(), uuid4()
BOTH: Final = (Side.PRESENT, Side.WANTED)


def a_move(**changes: Any) -> Move:
    values: dict[str, Any] = {
        "id": uuid4(),
        "organisation_id": ORGANISATION,
        "present_id": PRESENT,
        "wanted_id": WANTED,
        "proposed_by": "school",
        "proposed_at": AT,
        "desk_from": AT,
        "answer_before": AT,
    }
    return Move(**{**values, **changes})


MOVE: Final = Ways(
    at=lambda status: a_move(status=status),
    into={
        m.MADE: [lambda one: one.agree(BOTH, AT)],
        m.REFUSED: [lambda one: one.refuse(AT)],
        m.WITHDRAWN: [lambda one: one.withdraw(AT)],
        m.EXPIRED: [lambda one: one.expire(AT)],
    },
    others=[lambda one: one.agree([Side.PRESENT], AT), lambda one: one.agree([Side.WANTED], AT)],
    quiet=[(before, m.EXPIRED) for before in m.MoveStatus if before is not m.PROPOSED],
    events={m.MADE: 5, m.REFUSED: 3, m.WITHDRAWN: 3, m.EXPIRED: 3},
)

WAYS: Final[Mapping[str, Ways[Any]]] = {
    "trainer": THE_TRAINER,
    "qualification": QUALIFICATION,
    "vacancy": THE_VACANCY,
    "organisation_move": MOVE,
}
