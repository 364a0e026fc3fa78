"""Use cases of organisations: they take part, and change their details."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from common.caller import Caller, CallerRole, ForeignOwner
from common.errors import Conflict, Invalid, InvalidParam, Message
from common.persistence.transaction import Tx
from events.words import OrganisationKind
from registry.organisation import model, store
from registry.organisation.model import BOARD, CONFIRMED, DESK, PENDING, SCHOOL, ConfirmParentFirst, Organisation
from registry.organisation.store import organisations
from registry.reference.usecases import area_of

_SIGN_UP: Final = (CallerRole.PORTAL, CallerRole.PARTNER)
"""Who may register what is below nothing yet."""
PARENTS: Final = (("board_id", "boardId", BOARD), ("school_id", "schoolId", SCHOOL))


class CodeTaken(Conflict):
    """Another organisation has one of these numbers already."""


async def register_for(tx: Tx, caller: Caller, wanted: Organisation) -> Organisation:
    """Register what the caller may: something of its own, or below what it acts for.

    A caller that signs up newcomers may also register what is below nothing yet. What the desk or the programme
    registers is confirmed with that.
    """
    if wanted.kind is DESK:
        caller.must_be(CallerRole.PROGRAMME)
    new = await placed(tx, wanted)
    must_act_for_parents(caller, await parents_of(tx, new))
    if new.parent_id is None:
        caller.must_act_for(
            all_for=(*model.KEEPS_THE_LIST, *_SIGN_UP), locations=new.id, companies=new.id, regions=new.region
        )
    looked_at = CallerRole.PROGRAMME in caller.roles or (
        CallerRole.DESK in caller.roles and new.region in caller.regions
    )
    return await add(tx, replace(new, status=CONFIRMED if looked_at else PENDING))


def must_act_for_parents(caller: Caller, parents: list[Organisation]) -> None:
    """Check that the caller acts for each parent.

    Raises:
        ForeignOwner: for one of them it does not.
    """
    if not all(model.sees(caller, parent) for parent in parents):
        raise ForeignOwner


async def register(tx: Tx, wanted: Organisation) -> Organisation:
    """Have an organisation take part."""
    return await add(tx, await placed(tx, wanted))


async def add(tx: Tx, wanted: Organisation) -> Organisation:
    """Have an organisation take part, or ask to, that ``placed`` has returned.

    Raises:
        CodeTaken: a confirmed organisation has one of its numbers; one that is pending takes none.
        ConfirmParentFirst: it would take part below one that does not.
    """
    await check_confirmed(tx, wanted)
    registered = await organisations.add(tx, *wanted.register())
    await publish_contact(tx, registered, with_those_below=False)
    return registered


async def confirm(tx: Tx, organisation_id: UUID) -> Organisation:
    """Have an organisation take part that asked to: somebody has looked at its numbers.

    Raises:
        CodeTaken: a confirmed organisation has one of its numbers.
        ConfirmParentFirst: its board or school does not take part yet.
    """
    known = await organisations.get(tx, organisation_id, lock=True)
    confirmed, events = known.confirm()
    await check_confirmed(tx, confirmed)
    applied = await organisations.apply(tx, confirmed, events)
    if applied.version != known.version:
        await publish_contact(tx, applied, with_those_below=False)
    return applied


async def parents_of(tx: Tx, *ones: Organisation) -> list[Organisation]:
    """Return what is right above these, each once."""
    ids = dict.fromkeys(one.parent_id for one in ones if one.parent_id)
    return [await organisations.get(tx, id_) for id_ in ids]


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
            reason = Message("There is no {kind} with this id", kind=kind.value)
            faults.append(InvalidParam(name, reason, "unknown"))
        if parent and kind is SCHOOL:
            there = replace(there, board_id=parent.board_id)
    if faults:
        raise Invalid(*faults)
    return there


async def check_confirmed(tx: Tx, wanted: Organisation) -> None:
    """Check what only holds among those that take part."""
    if not wanted.confirmed:
        return
    if not all(parent.confirmed for parent in await parents_of(tx, wanted)):
        raise ConfirmParentFirst
    if await store.with_the_code_of(tx, wanted):
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


async def publish_contact(tx: Tx, organisation: Organisation, *, with_those_below: bool) -> None:
    """Tell how to address it, and those below it that are addressed through it."""
    below = await store.below(tx, organisation) if with_those_below else []
    for one in (organisation, *(child for child in below if child.contact is None)):
        if not one.confirmed:
            continue  # nobody writes to it, and it passes as nobody
        tx.publish(one.contact_state(await store.contact_of(tx, one)), case=one.id)
