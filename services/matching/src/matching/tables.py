"""The metadata and the plumbing's tables that all slices of matching share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, Table, Text, Uuid, text

from common.persistence.processing_log import processing_log as declare_processing_log
from common.persistence.tables import add_plumbing

metadata: Final = MetaData()
plumbing: Final = add_plumbing(metadata)
processing_log: Final = declare_processing_log(metadata)


def run_table(name: str, metadata: MetaData) -> Table:
    """Return the table of a queue of runs: a row is there as long as its run is requested or under way."""
    return Table(
        name,
        metadata,
        Column("run_id", Uuid, primary_key=True),
        Column("due_at", DateTime(timezone=True), nullable=False, comment="real time"),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("leased_until", DateTime(timezone=True), comment="real time"),
        Column("lease", Uuid),
        Column("deaths", Integer, nullable=False, server_default="0", comment="of workers that held it"),
        Column("step", Text, comment="what the solver does; null: nothing yet"),
        Column("value", BigInteger, comment="of the best plan so far, in points"),
        Column("bound", BigInteger, comment="what no plan exceeds, as far as is known; null: not known yet"),
        Index(f"{name}_due", "due_at", "run_id", postgresql_where=text("leased_until IS NULL")),
        Index(f"{name}_leased", "leased_until", postgresql_where=text("leased_until IS NOT NULL")),
        Index(f"{name}_suspect", "run_id", postgresql_where=text("deaths > 0")),
    )
