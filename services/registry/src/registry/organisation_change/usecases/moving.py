"""An organisation asks to go on under another parent; it does once that one, and its present one, have agreed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from common.persistence.transaction import Tx, uuid7
from registry.organisation.model import BOARD, LOCATION, SCHOOL, Organisation
from registry.organisation.store import organisations
from registry.organisation.usecases import placed
from registry.organisation_change.model import (
    MADE,
    PROPOSED,
    CannotMove,
    Move,
    MoveIsOutdated,
    MovesAlready,
    MovesTooOften,
    Side,
)
from registry.organisation_change.store import moves, since
from registry.organisation_change.usecases.changing import change

EXPIRES: Final = "organisation.move-expires"
_ABOVE: Final = {SCHOOL: ("board_id", BOARD), LOCATION: ("school_id", SCHOOL)}


async def wanted_parent(tx: Tx, known: Organisation, parent_id: UUID) -> Organisation:
    """Return the parent that an organisation asks for.

    Raises:
        CannotMove: it is none that can have a parent, or one of the two does not take part or ends.
        Invalid: there is no such board or school, or it is the present one.
    """
    if known.kind not in _ABOVE:
        raise CannotMove
    field, kind = _ABOVE[known.kind]
    parent = await organisations.find(tx, parent_id)
    if parent is None or parent.kind is not kind or not parent.confirmed:
        reason = Message("There is no {kind} with this id", kind=kind.value)
        raise Invalid(InvalidParam("parentId", reason, "unknown"))
    if known[field] == parent_id:
        raise Invalid(InvalidParam("parentId", Message("It is below this one already"), "no-change"))
    if not (known.confirmed and _goes_on(tx, known) and _goes_on(tx, parent)):
        raise CannotMove
    return parent


async def propose(tx: Tx, known: Organisation, parent: Organisation, already: Collection[Side]) -> Move:
    """Ask whoever has not agreed; ``known`` is locked.

    Raises:
        MovesAlready: another proposal is open.
        MovesTooOften: as many as the policy allows were made lately; each sends letters to others.
    """
    terms = (await tx.policies()).on("terms.organisation_move", tx.today).value
    lately = await since(tx, known.id, tx.now - timedelta(days=terms["answerDays"]))
    if any(move.status is PROPOSED for move in lately):
        raise MovesAlready
    if len(lately) >= terms["mostInAnswerDays"]:
        raise MovesTooOften(most=terms["mostInAnswerDays"], days=terms["answerDays"])
    move = Move(
        id=uuid7(),
        organisation_id=known.id,
        present_id=known.parent_id,
        wanted_id=parent.id,
        proposed_by=tx.actor,
        proposed_at=tx.now,
        desk_from=tx.now + timedelta(days=terms["deskAfterDays"]),
        answer_before=tx.now + timedelta(days=terms["answerDays"]),
    )
    asking, events = move.propose(already)
    proposed = await moves.add(tx, asking.under(await _boards(tx, move)), events)
    if proposed.status is MADE:
        await _make(tx, proposed)
    else:
        await tx.set_deadline(EXPIRES, proposed.id, proposed.answer_before, case=known.id)
    return proposed


async def agree(tx: Tx, move: Move, sides: Collection[Side]) -> Move:
    """Agree for some sides; with the last one the organisation moves.

    Raises:
        MoveIsOver: it ended otherwise.
        MoveIsOutdated: the organisation, or a parent that agreed, has another parent by now.
        CannotMove: one of the two does not take part any more.
    """
    after, events = move.agree(sides, tx.now)
    agreed = await moves.apply(tx, after.under(await _boards(tx, move)), events)
    if agreed.status is MADE and move.status is not MADE:
        await _make(tx, agreed)
        await tx.cancel_deadline(EXPIRES, move.id)
    return agreed


async def refuse(tx: Tx, move: Move) -> Move:
    """Say no for one side."""
    await tx.cancel_deadline(EXPIRES, move.id)
    return await moves.apply(tx, *move.refuse(tx.now))


async def withdraw(tx: Tx, move: Move) -> Move:
    """Take the proposal back."""
    await tx.cancel_deadline(EXPIRES, move.id)
    return await moves.apply(tx, *move.withdraw(tx.now))


async def expire(tx: Tx, move_id: UUID) -> None:
    """Let a proposal fall away that somebody did not answer."""
    await moves.apply(tx, *(await moves.get(tx, move_id, lock=True)).expire(tx.now))


async def _make(tx: Tx, move: Move) -> None:
    known = await organisations.get(tx, move.organisation_id, lock=True)
    if known.parent_id != move.present_id or not move.is_agreed_under(await _boards(tx, move)):
        raise MoveIsOutdated
    parent = await wanted_parent(tx, known, move.wanted_id)
    field, _ = _ABOVE[known.kind]
    above: dict[str, Any] = {field: parent.id}
    await change(tx, known, await placed(tx, replace(known, **above), known))


async def _boards(tx: Tx, move: Move) -> dict[Side, UUID | None]:
    """Return to which board each parent belongs that is asked."""
    return {side: (await organisations.get(tx, id_)).board_id for side, id_ in move.asked.items()}


def _goes_on(tx: Tx, organisation: Organisation) -> bool:
    return organisation.closed_on is None or organisation.closed_on > tx.today
