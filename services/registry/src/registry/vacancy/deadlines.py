"""When time passes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.persistence.deadlines import Deadlines
from common.persistence.transaction import Tx
from registry.vacancy import usecases

deadlines: Final = Deadlines()


@deadlines.on(usecases.EXPIRES)
async def a_vacancy_expires(vacancy_id: UUID, tx: Tx) -> None:
    """The work should have begun long ago."""
    await usecases.expire(tx, vacancy_id)
