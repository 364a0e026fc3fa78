"""Use cases of rules that change: what waits and what is open is looked at again, from the day on which they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from common.clock import beginning_of
from common.persistence.transaction import Tx
from events.policies import PolicyPublished
from matching.proposal.model.new_rules import RuleChange, changes
from matching.proposal.store import proposals
from matching.proposal.usecases.proposing import REVIEW_RULES
from matching.vacancy.store import vacancies
from matching.vacancy.usecases import RETRY_SEARCH

RULES_CHANGE: Final = "rules.change"
PAGE: Final = 100
"""So many are looked at anew at once, each in a transaction of its own, so that other deadlines have their turn."""
PAUSE: Final = timedelta(seconds=10)


async def plan(tx: Tx, row: PolicyPublished) -> None:
    """Plan to look again at what a row changes; once for all rows that change the same on one day."""
    for change in changes(row.code, row.valid_from, row.valid_until, tx.today):
        await tx.set_deadline(RULES_CHANGE, change.id, max(beginning_of(change.due), tx.now))


async def look_again(tx: Tx, change: RuleChange) -> None:
    """Judge again what is open and concerned, and search again for each vacancy that waits, page by page."""
    asked = await proposals.asked_from(tx, change.first, change.last)
    await tx.set_deadlines(REVIEW_RULES, _in_pages(asked, tx.now))
    waiting = await vacancies.waiting_from(tx, change.first, change.last)
    await tx.set_deadlines(RETRY_SEARCH, _in_pages(waiting, tx.now))


def _in_pages(ids: Sequence[UUID], begin: datetime) -> dict[UUID, datetime]:
    return {each: begin + number // PAGE * PAUSE for number, each in enumerate(ids)}
