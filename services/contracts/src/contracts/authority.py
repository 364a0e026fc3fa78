"""For whom somebody acts, and that their reading of a person's data is on record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol
from uuid import UUID

from common.caller import CallerRole
from common.persistence.processing_log import record_processing
from common.web import Caller, InTx
from events.words import Party

ACTIVITY: Final = "https://hybride-techniekopleiders.nl/processing/contracts"
"""The activity in the register of processing activities."""
REVIEWERS: Final = (CallerRole.DESK, CallerRole.PROGRAMME)


SEE_ALL: Final = (CallerRole.PROGRAMME,)
"""Who may see every row."""


class Owned(Protocol):
    """Something that belongs to the parties of a contract."""

    @property
    def trainer_id(self) -> UUID: ...  # noqa: D102 - as its name says
    @property
    def board_id(self) -> UUID: ...  # noqa: D102 - as its name says
    @property
    def school_id(self) -> UUID: ...  # noqa: D102 - as its name says
    @property
    def location_id(self) -> UUID: ...  # noqa: D102 - as its name says
    @property
    def company_id(self) -> UUID | None: ...  # noqa: D102 - as its name says


def must_act_for(caller: Caller, row: Owned, *parties: Party) -> None:
    """Check that the caller acts for one of these parties of the row.

    Raises:
        ForeignOwner: for none of them.
    """
    owners: dict[str, Any] = {}
    if Party.SCHOOL in parties:
        owners |= {"boards": row.board_id, "schools": row.school_id, "locations": row.location_id}
    if Party.COMPANY in parties:
        owners |= {"companies": row.company_id}
    if Party.TRAINER in parties:
        owners |= {"trainers": row.trainer_id}
    caller.must_act_for(**owners)


async def was_read(tx: InTx, caller: Caller, *rows: Owned) -> None:
    """Put on record that the caller read of these rows' trainers."""
    await record_processing(tx, caller, ACTIVITY, *_subjects(rows))


def _subjects(rows: Iterable[Owned]) -> list[UUID]:
    return [row.trainer_id for row in rows]
