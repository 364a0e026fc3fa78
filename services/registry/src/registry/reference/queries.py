"""Reference data, for everybody."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Row, select

from common.persistence.paging import Paged, PageRequest
from common.persistence.transaction import Tx
from registry.reference.tables import regions, trades


async def all_regions(
    tx: Tx, paging: PageRequest, scheme: Literal["labour_market", "holiday"] | None
) -> Paged[Row[Any]]:
    """Return the regions of one scheme, or of all."""
    query = select(regions).where(regions.c.scheme == scheme) if scheme else select(regions)
    return await paging.read(tx, query, regions.c.scheme, regions.c.code)


async def all_trades(
    tx: Tx, paging: PageRequest, kind: Literal["trade", "subject", "profile"] | None
) -> Paged[Row[Any]]:
    """Return what can be taught."""
    query = select(trades).where(trades.c.kind == kind) if kind else select(trades)
    return await paging.read(tx, query, trades.c.code)
