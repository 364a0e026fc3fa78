"""Use cases of rules that change: who waits is searched for again, on the day from which the rule holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from common.clock import beginning_of
from common.persistence.transaction import Tx
from events.policies import PolicyPublished
from matching.proposal.model.new_rules import RuleChange, changes
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


async def search_again(tx: Tx, change: RuleChange) -> None:
    """Search again for each vacancy that waits and is concerned, page by page."""
    waiting = await vacancies.waiting_from(tx, change.first, change.last)
    due = {each: tx.now + number // PAGE * PAUSE for number, each in enumerate(waiting)}
    await tx.set_deadlines(RETRY_SEARCH, due)
