"""The table of counts: by month, region and one class at a time, and of nobody in particular."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Date, Index, Integer, Table, Text, Uuid, text

from matching.tables import metadata

fairness_counts: Final = Table(
    "fairness_counts",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()"), comment="drawn: links no two rows"),
    Column("month", Date, nullable=False, comment="its first day"),
    Column("region", Text, nullable=False, comment="of the vacancy; empty where it has none"),
    Column("dimension", Text, nullable=False),
    Column("class", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("people", Integer, nullable=False, comment="the most who fitted one vacancy: below it nothing is shown"),
    Index("fairness_counts_by_region", "region", "month"),
    Index("fairness_counts_by_month", "month"),
)
"""Added to a row at a time, so that no two transactions wait for each other; gathered hourly."""
