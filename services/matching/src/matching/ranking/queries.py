"""Look up how a ranking was made, and make it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.transaction import Tx
from matching.ranking.store import rankings
from matching.ranking.tables import rankings as ranking_rows
from matching.vacancy import queries as vacancy_queries
from matching.vacancy.model.vacancy import Vacancy


async def own_ranking(tx: Tx, caller: Caller, ranking_id: UUID) -> tuple[Any, Vacancy]:
    """Return how a ranking was made, without its outcome, and its vacancy.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    columns = [each for each in ranking_rows.c if each.name not in {"seen", "failed", "sha256", "opening"}]
    row = (await tx.execute(select(*columns).where(ranking_rows.c.id == ranking_id))).one_or_none()
    if row is None:
        raise NotFound(what="ranking", id=ranking_id)
    try:
        return row, await vacancy_queries.own_vacancy(tx, caller, row.vacancy_id, all_for={CallerRole.PROGRAMME})
    except NotFound:  # its vacancy is not named to a stranger
        raise NotFound(what="ranking", id=ranking_id) from None


async def repeats(tx: Tx, ranking_id: UUID) -> tuple[bytes, bytes]:
    """Make a ranking again from its stored inputs; return the SHA-256 of its outcome then and now.

    Raises:
        NotFound: there is no such ranking.
        NotRepeatable: a trainer in it was erased.
        OtherRuleset: the code has changed in a way that can move an outcome.
    """
    return await rankings.fingerprint_of(tx, ranking_id), await rankings.fingerprint_again(tx, ranking_id)
