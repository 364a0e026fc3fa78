"""Logboek Dataverwerkingen: who read whose data and why, in the transaction of the very read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from opentelemetry import trace
from sqlalchemy import Column, DateTime, Index, MetaData, Table, Text, Uuid, insert
from uuid_utils.compat import uuid7

from common.caller import Caller
from common.persistence.transaction import Tx

TABLE: Final = "processing_log"
SUBJECT_ID_TYPE: Final = "urn:nl.hybride-techniekopleiders:trainer"
"""A pseudonym: the trainer's id, which means nothing outside ``registry``."""


def processing_log(metadata: MetaData) -> Table:
    """Declare the table, in every service that holds personal data. Columns are the standard's fields."""
    return Table(
        TABLE,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("trace_id", Text),
        Column("operation_id", Text, comment="the span"),
        Column("operation_name", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("resource", Text, nullable=False),
        Column("start_time", DateTime(timezone=True), nullable=False, comment="real time"),
        Column("end_time", DateTime(timezone=True), nullable=False, comment="real time"),
        Column("actor", Text, nullable=False),
        Column("processing_activity_id", Text, nullable=False, comment="dpl.core.processing_activity_id"),
        Column("data_subject_id", Text, nullable=False, comment="dpl.core.data_subject_id"),
        Column("data_subject_id_type", Text, nullable=False, comment="dpl.core.data_subject_id_type"),
        Column("foreign_operation_processor", Text, comment="foreign_operation.processor"),
        Index("processing_log_by_subject", "data_subject_id", "start_time"),
    )


async def record_processing(
    tx: Tx,
    caller: Caller,
    activity: str,
    *data_subjects: UUID,
    operation: str = "read",
    id_type: str = SUBJECT_ID_TYPE,
) -> None:
    """Record one row per person; it commits before the answer leaves, or there is no answer.

    ``activity`` is the address of the activity in the register of processing activities. The processor of a
    foreign operation is the client that asked.
    """
    if not data_subjects:
        return
    span, now = trace.get_current_span().get_span_context(), datetime.now(UTC)
    common: dict[str, object] = {
        "trace_id": f"{span.trace_id:032x}" if span.is_valid else None,
        "operation_id": f"{span.span_id:016x}" if span.is_valid else None,
        "operation_name": operation,
        "status": "OK",
        "resource": f"hto-{tx.database.service}",
        "start_time": now,
        "end_time": now,
        "actor": caller.actor,
        "processing_activity_id": activity,
        "data_subject_id_type": id_type,
        "foreign_operation_processor": caller.client,
    }
    rows = [{**common, "id": uuid7(), "data_subject_id": str(subject)} for subject in dict.fromkeys(data_subjects)]
    await tx.execute(insert(tx.database.metadata.tables[TABLE]), rows)
