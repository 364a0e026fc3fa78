"""Organisations end, and others go on with their work: by hand, and by a list that says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from common.persistence.transaction import Tx
from registry.organisation import store as organisation_store
from registry.organisation.model import BOARD, SCHOOL, Organisation
from registry.organisation.store import organisations
from registry.vacancy import store as vacancy_store
from registry.vacancy import usecases as vacancy_usecases
from registry.vacancy.model.vacancy import DRAFT, EXPIRED, OPEN
from registry.vacancy.store import vacancies

_STILL_ASKS: Final = frozenset({DRAFT, OPEN, EXPIRED})


async def close(tx: Tx, known: Organisation, closed_on: date, successor_id: UUID | None) -> Organisation:
    """End an organisation on a day; what it had goes on under its successor, if it has one.

    Raises:
        Invalid: there is no such successor.
        CannotSucceed: it is another kind, pending, the organisation itself, or closed by then.
    """
    successor = await organisations.find(tx, successor_id, lock=True) if successor_id else None
    if successor_id and successor is None:
        raise Invalid(InvalidParam("successorId", Message("There is no organisation with this id"), "unknown"))
    closed = await organisations.apply(tx, *known.close(closed_on, successor))
    if successor and closed.kind is SCHOOL and closed.brin:
        await organisations.apply(tx, *successor.take_alias(closed.brin, *closed.aliases))
    await settle(tx, [closed])
    return closed


async def reopen(tx: Tx, known: Organisation) -> Organisation:
    """Let it go on after all. What went to a successor stays there until somebody says otherwise."""
    return await organisations.apply(tx, *known.reopen())


async def settle(tx: Tx, closed: Iterable[Organisation]) -> None:
    """Hand on what closed organisations had, and take back what they asked for after their last day."""
    for organisation in closed:
        if organisation.closed_on is None:
            continue
        if organisation.successor_id:
            await _hand_on(tx, organisation, organisation.successor_id)
        await _withdraw(tx, organisation, organisation.closed_on)


async def _hand_on(tx: Tx, closed: Organisation, successor_id: UUID) -> None:
    """Put the locations of a school, or the schools and locations of a board, under its successor."""
    if closed.kind is SCHOOL:
        successor = await organisations.get(tx, successor_id)
        parents = {"school_id": successor.id, "board_id": successor.board_id}
    elif closed.kind is BOARD:
        parents = {"board_id": successor_id}
    else:
        return
    moved = [
        await organisations.apply(tx, *child.change(**parents)) for child in await organisation_store.below(tx, closed)
    ]
    await vacancy_usecases.follow(tx, moved)


async def _withdraw(tx: Tx, closed: Organisation, closed_on: date) -> None:
    below = await organisation_store.below(tx, closed)
    for vacancy in await vacancy_store.at(tx, [closed.id, *(child.id for child in below)]):
        if vacancy.status in _STILL_ASKS and vacancy.starts_on >= closed_on:
            await tx.cancel_deadline(vacancy_usecases.EXPIRES, vacancy.id)
            await vacancies.apply(tx, *vacancy.withdraw("other"))
