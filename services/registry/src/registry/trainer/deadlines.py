"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from registry.trainer.usecases import qualification, trainer

deadlines: Final = Deadlines()


@deadlines.on(trainer.EXPIRES)
async def an_application_expires(trainer_id: UUID, tx: Tx) -> None:
    """Expire an application that was not confirmed in time."""
    await trainer.expire(tx, trainer_id)


@deadlines.on(trainer.CONSENT_REMINDER)
async def a_consent_ends_soon(trainer_id: UUID, tx: Tx) -> None:
    """Ask whether it is renewed."""
    await trainer.remind_of_consent(tx, trainer_id)


@deadlines.on(trainer.CONSENT_EXPIRES)
async def a_consent_ends(trainer_id: UUID, tx: Tx) -> None:
    """It was not renewed."""
    await trainer.expire_consent(tx, trainer_id)


@deadlines.on(trainer.RETENTION)
async def the_retention_of_a_person_is_over(trainer_id: UUID, tx: Tx) -> None:
    """Unless there is a ground to keep the data."""
    await trainer.erase_in_time(tx, trainer_id)


@deadlines.on(trainer.SEALED)
async def an_erasure_is_sealed(trainer_id: UUID, tx: Tx) -> None:
    """Have the log drop what it held before the tombstones."""
    trainer.seal_erasure(tx, trainer_id)


@deadlines.on(qualification.EXPIRES)
async def a_qualification_ends(qualification_id: UUID, tx: Tx) -> None:
    """Its last day has passed."""
    await qualification.expire(tx, qualification_id)
