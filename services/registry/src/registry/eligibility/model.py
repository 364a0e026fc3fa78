"""Work that a person could do, as a question to the law. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from registry.trainer.model.qualification import VERIFIED, Qualification
from rules.dates import last_day_of
from rules.forms import SchoolType, TeachingRole
from rules.guest_cap import PlannedWork, TaughtLine
from rules.qualification import Credential, EligibilityFacts, GroundUsed, Held

if TYPE_CHECKING:
    from registry.trainer.model.profile import Profile

_A_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The lessons, and what was before them at the same board as far as the caller knows."""

    role: TeachingRole
    school_type: SchoolType
    subject: str | None
    upper_years: bool
    minutes_per_week: int
    starts_on: date
    ends_on: date | None
    statutory_lessons: bool
    grounds_used: tuple[GroundUsed, ...] = ()
    taught_minutes: int = 0


def facts_of(work: Work, board_id: UUID, profile: Profile | None, known: Iterable[Qualification]) -> EligibilityFacts:
    """Ask on which ground this person may do the work; without an end it is judged for a year."""
    board = str(board_id)
    return EligibilityFacts(
        day=work.starts_on,
        until=work.ends_on,
        school_type=work.school_type,
        role=work.role,
        board=board,
        subject=work.subject,
        upper_years=work.upper_years,
        held=tuple(_held(profile, known)),
        experience_years=profile.experience_years if profile else 0,
        taught=(TaughtLine(day=work.starts_on, minutes=work.taught_minutes, board=board),),
        planned=(
            PlannedWork(
                first_day=work.starts_on,
                last_day=work.ends_on or last_day_of(work.starts_on, _A_YEAR),
                minutes_per_week=work.minutes_per_week,
                board=board,
            ),
        ),
        used=work.grounds_used,
        contract_activity=not work.statutory_lessons,
    )


def _held(profile: Profile | None, known: Iterable[Qualification]) -> Iterator[Held]:
    for each in known:
        if each.status is VERIFIED:
            subjects = frozenset({each.subject}) if each.subject else frozenset[str]()
            yield Held(credential=each.code, subjects=subjects, expires_on=each.valid_until)
    if profile and profile.in_training:
        yield Held(credential=Credential.IN_TRAINING)
