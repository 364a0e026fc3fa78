"""What organisations ask: to take part, and to be known otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from common.errors import Conflict, Invalid, InvalidParam
from common.persistence.transaction import Tx
from events.words import OrganisationKind
from registry import store
from registry.model.organisation import BOARD, SCHOOL, ConfirmParentFirst, Organisation
from registry.store.organisations import organisations
from registry.usecases import vacancies
from registry.usecases.limits import count_change_of_address
from registry.usecases.places import area_of

PARENTS: Final = (("board_id", "boardId", BOARD), ("school_id", "schoolId", SCHOOL))
_KEPT: Final = frozenset({"id", "version", "aliases", "status", "closed_on", "successor_id"})
"""What a change by hand leaves alone."""


class CodeTaken(Conflict):
    """Another organisation has one of these numbers already."""


async def register(tx: Tx, wanted: Organisation) -> Organisation:
    """Have an organisation take part."""
    return await add(tx, await placed(tx, wanted))


async def add(tx: Tx, wanted: Organisation) -> Organisation:
    """Have an organisation take part, or ask to, that ``placed`` has returned.

    Raises:
        CodeTaken: a confirmed organisation has one of its numbers; one that is pending takes none.
        ConfirmParentFirst: it would take part below one that does not.
    """
    await _check_confirmed(tx, wanted)
    registered = await organisations.add(tx, *wanted.register())
    await _tell_contact(tx, registered, with_those_below=False)
    return registered


async def confirm(tx: Tx, organisation_id: UUID) -> Organisation:
    """Have an organisation take part that asked to: somebody has looked at its numbers.

    Raises:
        CodeTaken: a confirmed organisation has one of its numbers.
        ConfirmParentFirst: its board or school does not take part yet.
    """
    known = await organisations.get(tx, organisation_id, lock=True)
    confirmed, events = known.confirm()
    await _check_confirmed(tx, confirmed)
    applied = await organisations.apply(tx, confirmed, events)
    if applied.version != known.version:
        await _tell_contact(tx, applied, with_those_below=False)
    return applied


async def parents_of(tx: Tx, *ones: Organisation) -> list[Organisation]:
    """Return what is right above these, each once."""
    ids = dict.fromkeys(one.parent_id for one in ones if one.parent_id)
    return [await organisations.get(tx, id_) for id_ in ids]


async def change(tx: Tx, known: Organisation, checked: Organisation) -> Organisation:
    """Have an organisation known otherwise, as ``placed`` has returned it; its locations follow it to another board.

    Raises:
        CodeTaken: a confirmed organisation has one of its numbers.
        ConfirmParentFirst: it would go on below one that does not take part.
        TooManyAddresses: its contact's address changed as often within a day as the policy allows.
    """
    await _check_confirmed(tx, replace(checked, status=known.status))
    if known.email and known.email != checked.email:
        await count_change_of_address(tx, known.id)
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


async def placed(tx: Tx, wanted: Organisation, known: Organisation | None = None) -> Organisation:
    """Return it where its postcode puts it, with its school's board; nothing is compared with what others have.

    Raises:
        Invalid: with every fault at once.
    """
    faults = wanted.faults()
    there = await _placed(tx, wanted, known, faults)
    for field, name, kind in PARENTS:
        parent = await _parent(tx, there[field], kind)
        if there[field] and parent is None:
            faults.append(InvalidParam(name, f"There is no {kind} with this id", "unknown"))
        if parent and kind is SCHOOL:
            there = replace(there, board_id=parent.board_id)
    if faults:
        raise Invalid(*faults)
    return there


async def _check_confirmed(tx: Tx, wanted: Organisation) -> None:
    """Check what only holds among those that take part."""
    if not wanted.confirmed:
        return
    if not all(parent.confirmed for parent in await parents_of(tx, wanted)):
        raise ConfirmParentFirst
    if await store.organisations.with_the_code_of(tx, wanted):
        raise CodeTaken


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
        if not one.confirmed:
            continue  # nobody writes to it, and it passes as nobody
        tx.publish(one.contact_state(await store.organisations.contact_of(tx, one)), case=one.id)
