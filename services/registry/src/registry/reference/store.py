"""Reference data: regions, trades and where postcode areas lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from registry.reference.model import PostcodeArea
from registry.reference.tables import postcode_areas, regions, trades

Row = dict[str, Any]
"""Column by column."""
_AREA: Final = TypeAdapter(PostcodeArea)


async def keep_regions(tx: Tx, rows: Sequence[Row]) -> None:
    """Write regions; those that are there take the new words."""
    await _upsert(tx, regions, rows)


async def keep_trades(tx: Tx, rows: Sequence[Row]) -> None:
    """Write trades and subjects."""
    await _upsert(tx, trades, rows)


async def keep_areas(tx: Tx, areas: Iterable[PostcodeArea]) -> None:
    """Write postcode areas; those that are there move."""
    await _upsert(tx, postcode_areas, [asdict(area) for area in areas])


async def add_areas(tx: Tx, areas: Iterable[PostcodeArea]) -> None:
    """Write postcode areas that are not there yet: an imported reference is finer than the built-in towns."""
    await tx.execute(insert(postcode_areas).on_conflict_do_nothing(), [asdict(area) for area in areas])


async def area(tx: Tx, pc4: str) -> PostcodeArea | None:
    """Return where a postcode area lies."""
    row = (await tx.execute(select(postcode_areas).where(postcode_areas.c.pc4 == pc4))).mappings().one_or_none()
    return None if row is None else _AREA.validate_python(dict(row))


async def all_areas(tx: Tx) -> dict[str, PostcodeArea]:
    """Return the whole postcode reference, by its four digits."""
    rows = await tx.execute(select(postcode_areas))
    return {row["pc4"]: _AREA.validate_python(dict(row)) for row in rows.mappings()}


async def region_codes(tx: Tx, scheme: str) -> frozenset[str]:
    """Return the regions of a scheme."""
    return frozenset((await tx.execute(select(regions.c.code).where(regions.c.scheme == scheme))).scalars())


async def trade_codes(tx: Tx) -> frozenset[str]:
    """Return every trade, subject and profile that can be taught."""
    return frozenset((await tx.execute(select(trades.c.code))).scalars())


async def _upsert(tx: Tx, table: Table, rows: Sequence[Row]) -> None:
    if not rows:
        return
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    values = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)
