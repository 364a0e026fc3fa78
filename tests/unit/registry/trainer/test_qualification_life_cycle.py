"""Claimed by the trainer, checked by somebody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from events.registry import QualificationClaimed, QualificationRejected, QualificationVerified
from registry.trainer.model import qualification as trainer_qualification
from registry.trainer.model.qualification import Status, held
from tests.unit.registry.life_cycles import LAST_DAY, qualification, verify
from tests.unit.registry.life_cycles import QUALIFICATION_ID as ID
from tests.unit.registry.registry_examples import TODAY, TRAINER


def test_a_claim_is_part_of_the_trainer_s_case() -> None:
    claimed, events = qualification().claim()
    assert claimed.case == TRAINER
    assert events == [QualificationClaimed(qualification_id=ID, trainer_id=TRAINER, code="pdg", subject=None)]


def test_the_checkers_name_stays_here_and_the_last_day_is_published() -> None:
    verified, events = verify(qualification(trainer_qualification.IN_REVIEW))
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
