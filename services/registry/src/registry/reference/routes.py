"""Reference data over HTTP."""

from __future__ import annotations

from typing import Any, Literal

from common.persistence.paging import Paged
from common.web import (
    InTx,
    Page,
    Paging,
    Router,
    public,
)
from registry.reference import queries
from registry.reference.views import RegionView, TradeView

router = Router(tags=["Reference data and rules"])


@router.get("/regions", name="find", response_model=Page[RegionView], dependencies=[public("Regions are open data.")])
async def regions(tx: InTx, paging: Paging, scheme: Literal["labour_market", "holiday"] | None = None) -> Paged[Any]:
    """List regions."""
    return await queries.all_regions(tx, paging, scheme)


@router.get(
    "/trades", name="find", response_model=Page[TradeView], dependencies=[public("The list of trades is open data.")]
)
async def trades(tx: InTx, paging: Paging, kind: Literal["trade", "subject", "profile"] | None = None) -> Paged[Any]:
    """List what can be taught."""
    return await queries.all_trades(tx, paging, kind)
