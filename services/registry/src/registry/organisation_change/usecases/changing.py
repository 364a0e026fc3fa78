"""An organisation changes, and its vacancies follow it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from common.persistence.transaction import Tx
from registry.organisation import store as organisation_store
from registry.organisation.model import SCHOOL, Organisation
from registry.organisation.store import organisations
from registry.organisation.usecases import check_confirmed, publish_contact
from registry.rate_limit.usecases import count_change_of_address
from registry.vacancy import usecases as vacancy_usecases

_KEPT: Final = frozenset({"id", "version", "aliases", "status", "closed_on", "successor_id"})
"""What a change by hand leaves alone."""


async def change(tx: Tx, known: Organisation, checked: Organisation) -> Organisation:
    """Have an organisation known otherwise, as ``placed`` has returned it; its locations follow it to another board.

    Raises:
        CodeTaken: a confirmed organisation has one of its numbers.
        ConfirmParentFirst: it would go on below one that does not take part.
        TooManyAddresses: its contact's address changed as often within a day as the policy allows.
    """
    await check_confirmed(tx, replace(checked, status=known.status))
    if known.email and known.email != checked.email:
        await count_change_of_address(tx, known.id)
    fields = {name: checked[name] for name in Organisation.__dataclass_fields__ if name not in _KEPT}
    changed = await organisations.apply(tx, *known.change(**fields))
    if changed.version != known.version:
        moved = [changed]
        if changed.kind is SCHOOL and changed.board_id != known.board_id:
            moved += [
                await organisations.apply(tx, *location.change(board_id=changed.board_id))
                for location in await organisation_store.below(tx, changed)
            ]
        await vacancy_usecases.follow(tx, moved)
        readdressed = (changed.contact, changed.board_id) != (known.contact, known.board_id)
        await publish_contact(tx, changed, with_those_below=readdressed)
    return changed
