"""The built-in reference data of `registry`: policies, regions, trades, and a small world to play in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from common.persistence.database import Database
from hto.services import service
from registry import built_in

if TYPE_CHECKING:
    from rich.console import Console

    from common.runtime.settings import Settings


async def seed(settings: Settings) -> None:
    """Have the built-in policies, regions, trades and towns known, as far as they are missing."""
    async with _registry(settings) as database, database.begin(actor="hto migrate") as tx:
        await built_in.seed_reference(tx)


async def load_world(database: Database, console: Console) -> None:
    """Take in the built-in schools, companies and trainers, with a progress bar; those who are there stay.

    ``database`` is the registry's, so that its business time is the one of the services that run.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    chunks = built_in.builtin_chunks()
    parts = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*parts, console=console) as progress:
        task = progress.add_task("Built-in schools", total=sum(chunk.size for chunk in chunks))
        for chunk in chunks:
            progress.update(task, description=f"Built-in {chunk.name}")
            async with database.begin(actor="hto run") as tx:
                await chunk.load(tx)
            progress.advance(task, chunk.size)
        progress.update(task, description="Built-in world")


@asynccontextmanager
async def _registry(settings: Settings) -> AsyncIterator[Database]:
    registry = service("registry")
    database = Database(
        settings.database_of(registry.name),
        service=registry.name,
        metadata=registry.tables,
        oin=settings.oin,
        pool_size=2,
        follows_clock=settings.test_clock,
    )
    try:
        yield database
    finally:
        await database.close()
