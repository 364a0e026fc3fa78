"""Alembic's environment, once for all services; ``runner`` hands it the connection and the metadata."""

from __future__ import annotations

from typing import Any

from alembic import context

from common.persistence.migrations.plumbing import TABLES

attributes = context.config.attributes


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:  # noqa: FBT001 - Alembic's
    """Leave the plumbing's tables out of generated revisions: ``plumbing`` makes them."""
    return attributes.get("with_plumbing", False) or not (kind == "table" and name in TABLES)


context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    include_object=_ours,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
