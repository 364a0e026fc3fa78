"""Tokens that signed out of the console before they ended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from operations.console.tables import sign_outs


async def add(tx: Tx, token_hash: str, ends_within: timedelta) -> None:
    """Note that a token signed out, until it has ended by itself in real time; then it is forgotten."""
    await tx.execute(delete(sign_outs).where(sign_outs.c.until < func.clock_timestamp()))
    until = func.clock_timestamp() + ends_within
    await tx.execute(insert(sign_outs).values(token_hash=token_hash, until=until).on_conflict_do_nothing())


async def has(tx: Tx, token_hash: str) -> bool:
    """Whether a token signed out."""
    found = select(exists().where(sign_outs.c.token_hash == token_hash))
    return bool((await tx.execute(found)).scalar_one())
