"""Runs: their transitions, and their queue, on which a row is as long as its run is requested or under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, func, insert, select, update

from common.errors import StaleVersion
from common.persistence.lease import Claim, LeasedRows
from common.persistence.store import Aggregate, Change, Store

if TYPE_CHECKING:
    from common.persistence.database import Database
    from common.persistence.transaction import Tx


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: the solver's step, and value and bound so far, in points."""

    step: str
    value: int
    bound: int


class Run(Aggregate, Protocol):
    """An aggregate that is computed under a version of the rules."""

    @property
    def policy_version(self) -> int | None:
        """The version of its snapshot; None before there is one."""
        ...


R = TypeVar("R", bound=Run)


class RunStore(Store[R]):
    """The runs of one kind: a transition is written, whether it is published or not; it belongs to no case."""

    async def keep(self, tx: Tx, change: Change[R]) -> R:
        """Write a transition and publish its events.

        Raises:
            StaleVersion: another writer was first.
        """
        after, events = change
        row = self.dump(after) | {"version": after.version + 1}
        which = (self.table.c.id == row.pop("id"), self.table.c.version == after.version)
        if (await tx.execute(update(self.table).where(*which).values(row))).rowcount != 1:
            raise StaleVersion(f"{self.kind.__name__} {after.id} is no longer at version {after.version}")
        for event in events:
            parties, decided_by = after.parties, after.policy_version
            tx.publish(event, sequence=after.version + 1, parties=parties, policy_version=decided_by)
        return self.load({**row, "id": after.id})


class RunRows(LeasedRows):
    """The statements of one queue of runs."""

    def __init__(self, table: Table, queue: str) -> None:
        """``queue`` is the name under which workers wait, such as ``matching.plans``."""
        super().__init__(table.name, key="run_id")
        self.table, self.queue = table, queue

    async def enqueue(self, tx: Tx, run_id: UUID) -> None:
        """Have a run computed."""
        await tx.execute(insert(self.table).values(run_id=run_id, due_at=tx.real_now))
        tx.woken.add(self.queue)

    async def count(self, tx: Tx, runs: Table, *, by: str, region: str | None) -> int:
        """Return how many runs wait or are computed of one caller: of the programme, or of the desk of ``region``.

        Until this transaction ends no other one counts them, so that two requests at once do not pass a limit.
        """
        name = f"{self.queue} {by} {region}"
        await tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
        is_open = select(func.count()).select_from(self.table.join(runs, runs.c.id == self.table.c.run_id))
        of_the_caller = is_open.where(runs.c.by == by)
        if region is not None:
            of_the_caller = of_the_caller.where(runs.c.region == region)
        return int((await tx.execute(of_the_caller)).scalar_one())

    async def cancel(self, tx: Tx, run_id: UUID) -> None:
        """Take a run off the queue: a worker that computes it sees that and stops."""
        await tx.execute(delete(self.table).where(self.table.c.run_id == run_id))

    async def progress(self, tx: Tx, run_id: UUID) -> Progress | None:
        """Return how far a run is; None where nothing is known."""
        columns = self.table.c
        query = select(columns.step, columns.value, columns.bound).where(columns.run_id == run_id)
        row = (await tx.execute(query.where(columns.step.is_not(None)))).one_or_none()
        return None if row is None else Progress(row.step, row.value, row.bound)

    async def note(self, database: Database, claimed: Claim, progress: Progress) -> bool:
        """Note how far a run is; False where it was cancelled, or its lease was overtaken."""
        columns = self.table.c
        so_far = {"step": progress.step, "value": progress.value, "bound": progress.bound}
        noted = update(self.table).where(self._held(claimed)).values(so_far).returning(columns.run_id)
        return bool(await database.execute(noted))

    async def finish(self, tx: Tx, claimed: Claim) -> bool:
        """Take a run that ended off the queue; False where it was cancelled, or its lease was overtaken."""
        return bool((await tx.execute(delete(self.table).where(self._held(claimed)))).rowcount)

    async def postpone(self, tx: Tx, claimed: Claim, seconds: float) -> None:
        """Have a run tried again later, unless its lease was overtaken."""
        due_at = tx.real_now + timedelta(seconds=seconds)
        again = {"due_at": due_at, "leased_until": None, "lease": None, "deaths": 0}
        await tx.execute(update(self.table).where(self._held(claimed)).values(again))

    def _held(self, claimed: Claim) -> ColumnElement[bool]:
        return (self.table.c.run_id == claimed.id) & (self.table.c.lease == claimed.lease.token)
