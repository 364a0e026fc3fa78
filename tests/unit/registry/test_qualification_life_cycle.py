"""Claimed by the trainer, checked by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DomainError
from events import Event
from events.registry import QualificationClaimed, QualificationEvent, QualificationRejected, QualificationVerified
from registry.trainer.model import qualification as trainer_qualification
from registry.trainer.model.qualification import NEXT, Qualification, Status, held
from rules.qualification import Credential
from tests.unit.registry.registry_examples import TODAY, TRAINER

ID = UUID("0192f3c4-0000-7000-8000-00000000000a")
LAST_DAY = date(2027, 1, 31)
Move = Callable[[Qualification], tuple[Qualification, list[Event]]]
MOVES: dict[Status, Move] = {
    trainer_qualification.EVIDENCE_SUBMITTED: lambda one: one.submit_evidence("A diploma"),
    trainer_qualification.IN_REVIEW: lambda one: one.review(),
    trainer_qualification.VERIFIED: lambda one: one.verify(by="desk", today=TODAY, valid_until=LAST_DAY),
    trainer_qualification.REJECTED: lambda one: one.reject("unreadable"),
    trainer_qualification.REVOKED: lambda one: one.revoke(),
    trainer_qualification.EXPIRED: lambda one: one.expire(LAST_DAY + timedelta(days=1)),
}
PAIRS = [(before, after) for before in Status for after in MOVES]


def qualification(status: Status = trainer_qualification.CLAIMED) -> Qualification:
    return Qualification(
        id=ID,
        version=3,
        trainer_id=TRAINER,
        status=status,
        code=Credential.PDG,
        evidence="A diploma",
        valid_until=LAST_DAY,
        rejected_reason="unreadable" if status is trainer_qualification.REJECTED else None,
    )


def quiet(before: Status, after: Status) -> bool:
    """Whether it is so already, or has nothing to lose."""
    return before is after or (after is trainer_qualification.EXPIRED and before is not trainer_qualification.VERIFIED)


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair[1] in NEXT[pair[0]]])
def test_every_step_of_the_table_is_told_with_trainer_and_code(before: Status, after: Status) -> None:
    moved, events = MOVES[after](qualification(before))
    assert moved.status is after
    assert len(events) == 1
    told = events[0]
    assert isinstance(told, QualificationEvent)
    assert (told.qualification_id, told.trainer_id, told.code) == (ID, TRAINER, "pdg")


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if quiet(*pair)])
def test_what_is_so_already_is_not_told_again(before: Status, after: Status) -> None:
    one = qualification(before)
    assert MOVES[after](one) == (one, [])


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in PAIRS if pair[1] not in NEXT[pair[0]] and not quiet(*pair)]
)
def test_every_step_that_is_not_in_the_table_is_refused(before: Status, after: Status) -> None:
    with pytest.raises(trainer_qualification.NotPossible, match=f"that is {before} cannot become {after}"):
        MOVES[after](qualification(before))


def test_a_claim_is_part_of_the_trainer_s_case() -> None:
    claimed, events = qualification().claim()
    assert claimed.case == TRAINER
    assert events == [QualificationClaimed(qualification_id=ID, trainer_id=TRAINER, code="pdg", subject=None)]


def test_the_checker_s_name_stays_here_and_the_last_day_is_told() -> None:
    verified, events = MOVES[trainer_qualification.VERIFIED](qualification(trainer_qualification.IN_REVIEW))
    assert (verified.verified_by, verified.verified_on) == ("desk", TODAY)
    assert events == [
        QualificationVerified(qualification_id=ID, trainer_id=TRAINER, code="pdg", subject=None, valid_until=LAST_DAY)
    ]
    with pytest.raises(trainer_qualification.AlreadyOver):
        qualification(trainer_qualification.IN_REVIEW).verify(
            by="desk", today=TODAY, valid_until=TODAY - timedelta(days=1)
        )
    with pytest.raises(trainer_qualification.NotPossible):
        verified.verify(by="desk", today=TODAY, valid_until=None)


def test_after_a_rejection_other_evidence_may_do() -> None:
    rejected, events = qualification(trainer_qualification.IN_REVIEW).reject("incomplete")
    assert events == [
        QualificationRejected(qualification_id=ID, trainer_id=TRAINER, code="pdg", subject=None, reason="incomplete")
    ]
    with pytest.raises(trainer_qualification.NotPossible):
        rejected.reject("other")
    again, _ = rejected.submit_evidence("A better scan")
    assert (again.evidence, again.rejected_reason) == ("A better scan", None)
    with pytest.raises(trainer_qualification.NotPossible):
        again.submit_evidence("An even better scan")


def test_the_last_day_still_counts_and_no_last_day_never_comes() -> None:
    one = qualification(trainer_qualification.VERIFIED)
    assert one.expire(LAST_DAY) == (one, [])
    for_ever, _ = qualification(trainer_qualification.IN_REVIEW).verify(by="desk", today=TODAY, valid_until=None)
    assert for_ever.expire(date.max) == (for_ever, [])


def test_a_profile_shows_what_is_verified_and_what_is_not_decided_yet() -> None:
    shown = held(map(qualification, Status))
    assert [one.verified for one in shown] == [False, False, False, True]
    assert {one.code for one in shown} == {"pdg"}


@given(st.lists(st.sampled_from(list(MOVES.values())), max_size=30))
def test_whatever_is_asked_only_the_table_s_steps_happen(moves: list[Move]) -> None:
    one = qualification()
    for move in moves:
        try:
            after, events = move(one)
        except DomainError:
            continue
        assert bool(events) == (after != one)
        assert after == one or after.status in NEXT[one.status]
        one = after
