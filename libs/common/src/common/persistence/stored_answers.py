"""Answers to writes, stored in the write's own transaction: a write that is sent again gets the same one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text

from common.errors import StaleVersion
from common.persistence.terms import CHUNK
from common.persistence.transaction import Tx

KEPT: Final = timedelta(days=7)
# Not after a hexadecimal digit: what merely ends like one names nobody.
_ID: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])")


async def take(tx: Tx, key: str, *, lock: int, holder: str, client: str) -> Row[Any]:
    """Lock a key for this transaction, and return the answer that it has, or nulls.

    ``taken`` is false while another transaction holds the lock. An answer that was stored before answers had a
    holder is found by its client.
    """
    # One round trip for both. Where another transaction commits between this statement's snapshot and its lock,
    # the row is not seen; ``store`` then finds it and the request is run again.
    about = {"lock": lock, "holder": holder, "client": client, "key": key, "kept": KEPT}
    return (await tx.execute(_TAKE, about)).one()


async def store(tx: Tx, row: Mapping[str, Any]) -> None:
    """Store an answer: ``holder``, ``key``, ``fingerprint``, ``status``, ``headers`` (JSON), ``body``, ``names``.

    Raises:
        StaleVersion: another request stored one since ``take``.
    """
    if (await tx.execute(_STORE, {**row, "kept": KEPT})).rowcount != 1:
        raise StaleVersion("the same request was answered at this very moment")


async def erase_answers(tx: Tx, person_id: UUID) -> int:
    """Forget what was answered about somebody who is erased; return how many answers there were.

    The keys stay for their term: a write about them that is sent again must not happen again.
    """
    return (await tx.execute(_ERASE, {"id": person_id})).rowcount


def named_in(*texts: bytes) -> list[UUID]:
    """Return whoever and whatever these texts name by id, each once."""
    return [UUID(id_.decode()) for id_ in sorted({id_ for text in texts for id_ in _ID.findall(text)})]


async def forget_old_answers(tx: Tx) -> int:
    """Delete answers that are no longer promised, a chunk at a time; return how many."""
    return (await tx.execute(_FORGET, {"kept": KEPT, "chunk": CHUNK})).rowcount


_TAKE: Final = text("""
    SELECT taken, client AS holder, fingerprint, status, headers::text AS headers, body
    FROM (SELECT pg_try_advisory_xact_lock(:lock) AS taken) AS lock
    LEFT JOIN idempotency_keys
    ON client IN (:holder, :client) AND key = :key AND stored_at > now() - CAST(:kept AS interval)
    ORDER BY client = :holder DESC
    LIMIT 1
""")
_STORE: Final = text("""
    INSERT INTO idempotency_keys (client, key, fingerprint, status, headers, body, names)
    VALUES (:holder, :key, :fingerprint, :status, CAST(:headers AS jsonb), :body, CAST(:names AS uuid[]))
    ON CONFLICT (client, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
        body = excluded.body, names = excluded.names, stored_at = now()
    WHERE idempotency_keys.stored_at <= now() - CAST(:kept AS interval)
""")
_ERASE: Final = text("""
    UPDATE idempotency_keys SET body = NULL, headers = '{}', fingerprint = ''
    WHERE names @> ARRAY[CAST(:id AS uuid)] AND body IS NOT NULL
""")
_FORGET: Final = text("""
    DELETE FROM idempotency_keys WHERE (client, key) IN (
        SELECT client, key FROM idempotency_keys WHERE stored_at <= now() - CAST(:kept AS interval)
        ORDER BY stored_at LIMIT :chunk
    )
""")
