"""Moves of organisations over HTTP: proposed by one side, accepted or refused by the others."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from common.caller import FOR_SCHOOLS, CallerRole, ForeignOwner
from common.errors import NotFound
from common.persistence.paging import Paged
from common.web import Caller, Command, InTx, Moment, Page, Paging, Router, View, roles, scope
from registry.organisation import model as organisation_model
from registry.organisation import queries as organisation_queries
from registry.organisation.store import organisations
from registry.organisation_change import queries
from registry.organisation_change.model import Move, MoveStatus, Side
from registry.organisation_change.usecases import moving

router = Router(tags=["Organisations"])
_READ = [scope("organisations:read"), roles(*FOR_SCHOOLS, CallerRole.DESK, CallerRole.PROGRAMME)]
_WRITE = [scope("organisations:write"), roles(*FOR_SCHOOLS, CallerRole.DESK, CallerRole.PROGRAMME)]


class MoveBody(Command):
    """Under which parent an organisation asks to go on."""

    parent_id: UUID
    """A board for a school, a school for a location."""


class MoveView(View):
    """A proposal that an organisation goes on under another parent; nothing changes before it is made."""

    id: UUID
    version: int
    status: MoveStatus
    organisation_id: UUID
    present_id: UUID | None
    """Its parent at that moment."""
    wanted_id: UUID
    agreed: list[Side]
    open_sides: list[Side]
    """Who has not answered yet."""
    proposed_at: Moment
    desk_from: Moment
    """From then on the desk or the programme may answer for the present parent."""
    answer_before: Moment
    ended_at: Moment | None


@router.post("/organisations/{organisation_id}/_propose-move", response_model=MoveView, dependencies=_WRITE)
async def propose(organisation_id: UUID, command: MoveBody, caller: Caller, tx: InTx) -> Move:
    """Ask that a school goes on under another board, or a location under another school.

    The wanted parent and the present one agree, as far as the caller does not act for them.
    """
    organisation = await organisation_queries.own(tx, caller, organisation_id)
    if organisation is None:
        raise NotFound(what="organisation", id=organisation_id)
    parent = await moving.wanted_parent(tx, organisation, command.parent_id)
    above = {Side.WANTED: parent}
    if organisation.parent_id:
        above[Side.PRESENT] = await organisations.get(tx, organisation.parent_id)
    already = [side for side, one in above.items() if queries.is_party(caller, one)]
    return await moving.propose(tx, organisation, parent, already)


@router.get("/organisation-moves", name="find", response_model=Page[MoveView], dependencies=_READ)
async def find(
    caller: Caller, tx: InTx, paging: Paging, organisation_id: UUID | None = None, status: MoveStatus | None = None
) -> Paged[Move]:
    """List the moves that you have to do with, the newest first: of yours, away from you, or to you."""
    return await queries.page(tx, caller, paging, organisation_id=organisation_id, status=status)


@router.get("/organisation-moves/{move_id}", name="show", response_model=MoveView, dependencies=_READ)
async def show(move_id: UUID, caller: Caller, tx: InTx) -> Move:
    """Show a move."""
    return await queries.one(tx, caller, move_id)


@router.post("/organisation-moves/{move_id}/_accept", response_model=MoveView, dependencies=_WRITE)
async def accept(move_id: UUID, caller: Caller, tx: InTx) -> Move:
    """Agree as the wanted or the present parent; with the last one the organisation moves."""
    move = await queries.one(tx, caller, move_id, lock=True)
    return await moving.agree(tx, move, await _sides(tx, caller, move))


@router.post("/organisation-moves/{move_id}/_refuse", response_model=MoveView, dependencies=_WRITE)
async def refuse(move_id: UUID, caller: Caller, tx: InTx) -> Move:
    """Say no as the wanted or the present parent."""
    move = await queries.one(tx, caller, move_id, lock=True)
    await _sides(tx, caller, move)
    return await moving.refuse(tx, move)


@router.post("/organisation-moves/{move_id}/_withdraw", response_model=MoveView, dependencies=_WRITE)
async def withdraw(move_id: UUID, caller: Caller, tx: InTx) -> Move:
    """Take one's own proposal back, as the organisation's side."""
    move = await queries.one(tx, caller, move_id, lock=True)
    if not organisation_model.sees(caller, await organisations.get(tx, move.organisation_id)):
        raise ForeignOwner
    return await moving.withdraw(tx, move)


async def _sides(tx: InTx, caller: Caller, move: Move) -> list[Side]:
    """Return the sides for which the caller answers.

    Raises:
        ForeignOwner: it is none; proposing is no answer, and a desk answers only for a parent that has not in time.
    """
    sides = [side for side, id_ in move.asked.items() if queries.is_party(caller, await organisations.get(tx, id_))]
    if move.present_id and await _helps(tx, caller, move, tx.now):
        sides.append(Side.PRESENT)
    if not sides:
        raise ForeignOwner
    return sides


async def _helps(tx: InTx, caller: Caller, move: Move, now: datetime) -> bool:
    organisation = await organisations.get(tx, move.organisation_id)
    return now >= move.desk_from and caller.sees(all_for=organisation_model.KEEPS_THE_LIST, regions=organisation.region)
