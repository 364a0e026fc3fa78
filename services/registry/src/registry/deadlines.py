"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.terms import Purge
from common.persistence.transaction import Tx
from common.service.retention import run_hourly
from registry.usecases import limits, moving, qualifications, trainers, vacancies

deadlines: Final = Deadlines()


tidy: Final = run_hourly(
    Purge(table="trainers", policy="retention.vog_check", forget=trainers.forget_vogs), limits.forget_counted
)
"""Forget what is past its retention, for ever."""


@deadlines.on(trainers.EXPIRES)
async def an_application_expires(trainer_id: UUID, tx: Tx) -> None:
    """Nobody confirmed it."""
    await trainers.expire(tx, trainer_id)


@deadlines.on(trainers.CONSENT_REMINDER)
async def a_consent_ends_soon(trainer_id: UUID, tx: Tx) -> None:
    """Ask whether it is renewed."""
    await trainers.remind_of_consent(tx, trainer_id)


@deadlines.on(trainers.CONSENT_EXPIRES)
async def a_consent_ends(trainer_id: UUID, tx: Tx) -> None:
    """It was not renewed."""
    await trainers.outlive_consent(tx, trainer_id)


@deadlines.on(trainers.RETENTION)
async def a_person_may_be_kept_no_longer(trainer_id: UUID, tx: Tx) -> None:
    """Unless there is a ground to keep the data."""
    await trainers.forget_in_time(tx, trainer_id)


@deadlines.on(trainers.SEALED)
async def an_erasure_is_sealed(trainer_id: UUID, tx: Tx) -> None:
    """Have the log drop what stood there before the tombstones."""
    trainers.seal_erasure(tx, trainer_id)


@deadlines.on(qualifications.EXPIRES)
async def a_qualification_ends(qualification_id: UUID, tx: Tx) -> None:
    """Its last day has passed."""
    await qualifications.expire(tx, qualification_id)


@deadlines.on(vacancies.EXPIRES)
async def a_vacancy_expires(vacancy_id: UUID, tx: Tx) -> None:
    """The work should have begun long ago."""
    await vacancies.expire(tx, vacancy_id)


@deadlines.on(moving.EXPIRES)
async def a_move_is_not_answered(move_id: UUID, tx: Tx) -> None:
    """A parent said neither yes nor no."""
    await moving.expire(tx, move_id)
