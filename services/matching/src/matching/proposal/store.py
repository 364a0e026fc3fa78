"""Proposals: loaded whole, written with a version check."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Uuid, cast, delete, exists, func, insert, select, text, update

from common.errors import NotFound
from common.persistence.store import Store
from common.persistence.transaction import Tx
from events.matching import WithdrawReason
from events.words import Form
from matching.proposal import tables
from matching.proposal.model.asking import Outcome, Outcomes
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import NEVER_SETTLED, SETTLED, WITHOUT_AN_ANSWER, Status
from matching.ranking.store.rankings import is_held
from matching.vacancy.model.vacancy import Vacancy


class Proposals(Store[Proposal]):
    """The proposals, open and over."""

    async def open_for(self, tx: Tx, vacancy_id: UUID) -> list[Proposal]:
        """Return those that still wait for answers, by id."""
        return await self.where(tx, self.table.c.vacancy_id == vacancy_id, self._open)

    async def open_of(self, tx: Tx, trainer_ids: Collection[UUID]) -> list[Proposal]:
        """Return what these trainers are asked at this moment, by id."""
        return await self.where(tx, self.table.c.trainer_id.in_(trainer_ids), self._open)

    async def asked_now(self, tx: Tx, trainer_ids: Collection[UUID]) -> frozenset[UUID]:
        """Return those of these trainers who are asked something at this moment."""
        columns = self.table.c
        query = select(columns.trainer_id).where(columns.trainer_id.in_(trainer_ids), self._open)
        return frozenset((await tx.execute(query)).scalars())

    async def asked_from(self, tx: Tx, first: date, last: date) -> list[UUID]:
        """Return who is asked at this moment for work that starts from ``first`` to ``last``, by id."""
        columns = self.table.c
        query = select(columns.trainer_id).where(self._open, columns.starts_on.between(first, last))
        return sorted(frozenset((await tx.execute(query)).scalars()))

    async def count_open(self, tx: Tx, vacancy_id: UUID) -> int:
        """Count those that still wait for answers."""
        query = select(func.count()).select_from(self.table).where(self.table.c.vacancy_id == vacancy_id, self._open)
        return int((await tx.execute(query)).scalar_one())

    async def asked_before(self, tx: Tx, vacancy_id: UUID, round_: int) -> frozenset[UUID]:
        """Return the trainers whom the search does not ask again: they are asked now, or had their turn this round."""
        columns = self.table.c
        had_their_turn = (columns.round == round_) & ~self._without_an_answer
        # Nobody takes two places of a vacancy, whichever round they are of.
        asked = had_their_turn | self._open | columns.status.in_(SETTLED)
        query = select(columns.trainer_id).where(columns.vacancy_id == vacancy_id, asked)
        return frozenset((await tx.execute(query)).scalars())

    async def has_a_part(self, tx: Tx, vacancy_id: UUID, trainer_id: UUID) -> bool:
        """Whether a trainer is asked for a vacancy at this moment, or has a place of it."""
        columns = self.table.c
        mine = (columns.vacancy_id == vacancy_id, columns.trainer_id == trainer_id)
        query = select(exists().where(*mine, self._open | columns.status.in_(SETTLED)))
        return bool((await tx.execute(query)).scalar_one())

    async def of(self, tx: Tx, vacancy_id: UUID, trainer_id: UUID) -> list[Proposal]:
        """Return the proposals of a trainer for a vacancy, open and over, by id."""
        columns = self.table.c
        return await self.where(tx, columns.vacancy_id == vacancy_id, columns.trainer_id == trainer_id)

    async def asked_by_its_board(self, tx: Tx, vacancy: Vacancy) -> frozenset[UUID]:
        """Return the trainers whom another vacancy of the same board asks at this moment."""
        columns = self.table.c
        # Written out, so that the index of what is open serves it.
        is_open = text(f"status = '{Status.PROPOSED}'")
        others = (columns.board_id == vacancy.facts.board_id, columns.vacancy_id != vacancy.id, is_open)
        return frozenset((await tx.execute(select(columns.trainer_id).where(*others))).scalars())

    async def asked_of(self, tx: Tx, trainer_id: UUID) -> tuple[frozenset[tuple[UUID, int]], frozenset[UUID]]:
        """Return where a trainer had a turn or has one, as vacancy and round, and the boards that ask now."""
        columns = self.table.c
        query = select(columns.vacancy_id, columns.round, columns.board_id, self._open.label("is_open"))
        of_the_trainer = (columns.trainer_id == trainer_id, ~self._without_an_answer)
        rows = (await tx.execute(query.where(*of_the_trainer))).all()
        pairs = frozenset((row.vacancy_id, row.round) for row in rows)
        return pairs, frozenset(row.board_id for row in rows if row.is_open)

    async def turns(self, tx: Tx) -> list[tuple[UUID, UUID, int | None]]:
        """Return who had a turn where, as vacancy, trainer and round; None is a place that was agreed: of any round."""
        columns = self.table.c
        settled = columns.status.in_(SETTLED)
        query = select(columns.vacancy_id, columns.trainer_id, columns.round, settled.label("settled"))
        rows = await tx.execute(query.where(~self._open, ~self._without_an_answer))
        return [(row.vacancy_id, row.trainer_id, None if row.settled else row.round) for row in rows]

    async def hold(self, tx: Tx, proposal: Proposal, reason: WithdrawReason) -> None:
        """Note why an open proposal will be withdrawn; no transition, and no version, so that no party sees it."""
        await tx.execute(update(self.table).where(self.table.c.id == proposal.id).values(reason=reason))

    async def reach(self, tx: Tx, proposal: Proposal, at: datetime) -> Proposal:
        """Note that a letter reached the trainer; no transition, and no version, so that no party sees it."""
        await tx.execute(update(self.table).where(self.table.c.id == proposal.id).values(reached_at=at))
        return replace(proposal, reached_at=at)

    async def open_pair(self, tx: Tx, vacancy_id: UUID, trainer_id: UUID) -> UUID | None:
        """Return the open proposal of a trainer for a vacancy."""
        columns = self.table.c
        pair = (columns.vacancy_id == vacancy_id, columns.trainer_id == trainer_id, self._open)
        return (await tx.execute(select(columns.id).where(*pair))).scalar_one_or_none()

    async def follow(self, tx: Tx, vacancy: Vacancy) -> None:
        """Move the proposals with their vacancy to another region, so that its desk can see them.

        This is no transition: the question and the answers stay the same.
        """
        columns, region = self.table.c, vacancy.facts.region
        moved = (columns.vacancy_id == vacancy.id, columns.region.is_distinct_from(region))
        await tx.execute(update(self.table).where(*moved).values(region=region))

    async def revealed_for(self, tx: Tx, vacancy_id: UUID) -> frozenset[UUID]:
        """Return the trainers whom the parties of a vacancy know or knew, since everybody had agreed."""
        columns = self.table.c
        lapsed = columns.status == Status.LAPSED
        fell_away = lapsed & columns.reason.not_in(NEVER_SETTLED)
        known = columns.status.in_(SETTLED) | fell_away
        query = select(columns.trainer_id).where(columns.vacancy_id == vacancy_id, known)
        return frozenset((await tx.execute(query)).scalars())

    async def ids(self, tx: Tx, proposal_id: UUID) -> tuple[UUID, UUID]:
        """Return its trainer and vacancy, which never change: what is to be locked before it.

        Raises:
            NotFound: there is no such proposal.
        """
        query = select(self.table.c.trainer_id, self.table.c.vacancy_id).where(self.table.c.id == proposal_id)
        found = (await tx.execute(query)).one_or_none()
        if found is None:
            raise NotFound(what="proposal", id=proposal_id)
        return found.trainer_id, found.vacancy_id

    async def erase(self, tx: Tx, trainer_id: UUID) -> int:
        """Erase what the proposals of a trainer say of the person; return how many there were.

        No transition: the life cycle, the ids and the minutes stay, so that no figure changes.
        """
        return len(await self._scrub(tx, await self.where(tx, self.table.c.trainer_id == trainer_id)))

    async def purge_grounds(self, tx: Tx, before: datetime, *, at_most: int) -> list[Proposal]:
        """Scrub what led to no contract and ended before a moment; return those, the oldest first.

        What was made of a ranking that is the evidence of an open appeal stays.
        """
        columns = self.table.c
        over = (columns.contract_id.is_(None), columns.ended_at < before, text("grounds -> 'factors' <> '{}'"), ~_HELD)
        query = select(self.table).where(*over).order_by(columns.ended_at).limit(at_most).with_for_update()
        rows = (await tx.execute(query)).mappings()
        return await self._scrub(tx, [self.load(row) for row in rows])

    async def _scrub(self, tx: Tx, found: list[Proposal]) -> list[Proposal]:
        for each in found:
            emptied = replace(each, grounds=each.grounds.emptied(), findings=(), roster=None, countered=None)
            scrubbed = self.dump(emptied)
            kept = {name: scrubbed[name] for name in ("grounds", "findings", "roster", "countered")}
            await tx.execute(update(self.table).where(self.table.c.id == each.id).values(kept))
        return found

    @property
    def _open(self) -> Any:
        return self.table.c.status == Status.PROPOSED

    @property
    def _without_an_answer(self) -> Any:
        """Those that ended though no party said no, let it expire or got the place: the search may ask again."""
        columns = self.table.c
        # Else a row without a reason would be neither one nor the other.
        never_settled = func.coalesce(columns.reason, "").in_(NEVER_SETTLED)
        lapsed = (columns.status == Status.LAPSED) & never_settled
        return columns.status.in_(WITHOUT_AN_ANSWER) | lapsed


_HELD: Final = is_held(cast(tables.proposals.c.grounds["ranking_id"].astext, Uuid))
proposals: Final = Proposals(Proposal, tables.proposals)


# -- how proposals ended, of nobody in particular -----------------------------------------------------------------

_OUTCOMES: Final = tables.asking_outcomes.c


async def add_outcome(tx: Tx, *, region: str | None, form: Form, within_km: int | None, consented: bool) -> None:
    """Add how one proposal ended today, without its id."""
    ended = {"ended_on": tx.today, "region": region or "", "form": form, "within_km": within_km}
    await tx.execute(insert(tables.asking_outcomes).values(**ended, consented=consented))


async def outcomes_of(tx: Tx, region: str | None, since: date) -> Outcomes:
    """Count the outcomes of a region since a day, by form and distance band."""
    consented = func.sum(cast(_OUTCOMES.consented, Integer)).label("consented")
    query = (
        select(_OUTCOMES.form, _OUTCOMES.within_km, func.count().label("asked"), consented)
        .where(_OUTCOMES.region == (region or ""), _OUTCOMES.ended_on >= since)
        .group_by(_OUTCOMES.form, _OUTCOMES.within_km)
    )
    return {(Form(row.form), row.within_km): Outcome(row.asked, row.consented) for row in await tx.execute(query)}


async def purge_outcomes(tx: Tx, before: date, *, at_most: int) -> int:
    """Remove outcomes of before a day, the oldest first; return how many."""
    old = select(_OUTCOMES.id).where(_OUTCOMES.ended_on < before).order_by(_OUTCOMES.ended_on).limit(at_most)
    return (await tx.execute(delete(tables.asking_outcomes).where(_OUTCOMES.id.in_(old)))).rowcount
