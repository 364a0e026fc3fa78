"""What organisations ask: to take part, and to be known otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from common.errors import Conflict, Invalid, InvalidParam
from common.transaction import Tx
from events.words import OrganisationKind
from registry import store
from registry.model.organisation import BOARD, SCHOOL, Organisation
from registry.store.organisations import organisations
from registry.usecases import vacancies
from registry.usecases.places import area_of

PARENTS: Final = (("board_id", "boardId", BOARD), ("school_id", "schoolId", SCHOOL))
_KEPT: Final = frozenset({"id", "version", "aliases"})
"""What a change by hand leaves alone."""


class CodeTaken(Conflict):
    """The organisation {id} has this number already."""


async def register(tx: Tx, wanted: Organisation) -> Organisation:
    """Have an organisation take part."""
    registered = await organisations.add(tx, *(await _checked(tx, wanted)).register())
    await _tell_contact(tx, registered, with_those_below=False)
    return registered


async def change(tx: Tx, known: Organisation, wanted: Organisation) -> Organisation:
    """Have an organisation known otherwise; its schools and locations follow it to another board."""
    checked = await _checked(tx, wanted, known)
    fields = {name: checked[name] for name in Organisation.__dataclass_fields__ if name not in _KEPT}
    changed = await organisations.apply(tx, *known.change(**fields))
    if changed.version != known.version:
        moved = [changed]
        if changed.kind is SCHOOL and changed.board_id != known.board_id:
            moved += [
                await organisations.apply(tx, *location.change(board_id=changed.board_id))
                for location in await store.organisations.below(tx, changed)
            ]
        await vacancies.follow(tx, moved)
        readdressed = (changed.contact, changed.board_id) != (known.contact, known.board_id)
        await _tell_contact(tx, changed, with_those_below=readdressed)
    return changed


async def _checked(tx: Tx, wanted: Organisation, known: Organisation | None = None) -> Organisation:
    """Return it where its postcode puts it, with its school's board.

    Raises:
        Invalid: with every fault at once.
        CodeTaken: somebody else of its kind has one of its numbers.
    """
    faults = wanted.faults()
    placed = await _placed(tx, wanted, known, faults)
    for field, name, kind in PARENTS:
        parent = await _parent(tx, placed[field], kind)
        if placed[field] and parent is None:
            faults.append(InvalidParam(name, f"There is no {kind} with this id", "unknown"))
        if parent and kind is SCHOOL:
            placed = replace(placed, board_id=parent.board_id)
    if faults:
        raise Invalid(*faults)
    if taken := await store.organisations.with_the_code_of(tx, placed):
        raise CodeTaken(id=taken.id)
    return placed


async def _placed(tx: Tx, wanted: Organisation, known: Organisation | None, faults: list[InvalidParam]) -> Organisation:
    if wanted.postcode is None:
        return wanted
    area = await area_of(tx, wanted.postcode, faults)
    if area is None:
        return wanted
    here = known if known and known.postcode == wanted.postcode else area  # a list may have given the very spot
    return replace(
        wanted,
        place=wanted.place or area.place,
        municipality=area.municipality,
        province=area.province,
        region=area.region,
        latitude=here.latitude,
        longitude=here.longitude,
    )


async def _parent(tx: Tx, id_: UUID | None, kind: OrganisationKind) -> Organisation | None:
    found = await organisations.find(tx, id_) if id_ else None
    return found if found and found.kind is kind else None


async def _tell_contact(tx: Tx, organisation: Organisation, *, with_those_below: bool) -> None:
    """Tell how to address it, and those below it that are addressed through it."""
    below = await store.organisations.below(tx, organisation) if with_those_below else []
    for one in (organisation, *(child for child in below if child.contact is None)):
        tx.publish(one.contact_state(await store.organisations.contact_of(tx, one)), case=one.id)
