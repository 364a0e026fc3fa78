"""Rate limits on applications, so that no applicant causes letters without end to chosen addresses."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from common.errors import Conflict
from common.persistence.transaction import Tx
from registry.rate_limit import store
from registry.rate_limit.model import (
    ADDRESS,
    APPLICATION,
    WINDOW,
    Applicant,
    TooManyAddresses,
    TooManyByApplicant,
    again_at,
    in_words,
)

_APPLICANTS: Final = "terms.applicants"
_ADDRESSES: Final = "terms.address_changes"


async def count_application(tx: Tx, applicant: Applicant) -> None:
    """Count an application of somebody who applies for others.

    Raises:
        TooManyByApplicant: there were as many within a day as the policy allows.
    """
    terms = (await tx.policies()).on(_APPLICANTS, tx.today).value
    most: int = terms["perDayOfDesk" if applicant.is_desk else "perDay"]
    await _count(tx, APPLICATION, applicant.by, most, TooManyByApplicant)


async def count_change_of_address(tx: Tx, party_id: UUID) -> None:
    """Count that the mail address of a person or an organisation becomes another one: the former one gets a letter.

    Raises:
        TooManyAddresses: it did as often within a day as the policy allows.
    """
    most: int = (await tx.policies()).on(_ADDRESSES, tx.today).value["perDay"]
    await _count(tx, ADDRESS, str(party_id), most, TooManyAddresses)


async def purge_counted(tx: Tx) -> int:
    """Forget what no limit looks at any more; return how many rows that were."""
    return await store.purge(tx, tx.now - WINDOW)


async def _count(tx: Tx, act: str, by: str, most: int, refusal: type[Conflict]) -> None:
    await store.lock(tx, act, by)
    again = again_at(await store.since(tx, act, by, tx.now - WINDOW), most)
    if again is not None:
        raise refusal(most=most, again=in_words(again))
    await store.add(tx, act, by, tx.now)
