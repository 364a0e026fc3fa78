"""Rules are proposed, approved and published."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from uuid import UUID

from common.persistence.transaction import Tx
from common.policy import Policies, PolicyRow
from events.policies import PolicyPublished
from registry.policy import store
from registry.policy.model import publication
from registry.policy.model.policy_change import PROPOSED, PolicyChange
from registry.policy.store import changes
from registry.policy.tables import policy_changes as table
from rules.rows import rows_from_json


async def publish_policies(tx: Tx, wanted: Iterable[PolicyRow]) -> list[PolicyPublished]:
    """Publish the rows that say something new, as one new version of the set, and return them."""
    known = await store.all_rows(tx)
    changed = publication.changed(known, wanted)
    version = max((row.version for row in known), default=0) + 1
    rows = publication.published(changed, version=version, rows_in_set=len(known) + len(changed))
    await store.publish(tx, rows)
    await store.keep_readings(tx, changed, version)
    return rows


async def propose(tx: Tx, change: PolicyChange) -> PolicyChange:
    """Propose one row; the same proposal of the same person that is still open is that one.

    Raises:
        Invalid: the value does not have the shape that the rule's readers rely on.
        UnknownRule: there is no such rule.
        NothingNew: the rule says this already.
    """
    await _check_new(tx, change)
    open_ones = await changes.where(
        tx,
        table.c.status == PROPOSED,
        table.c.code == change.code,
        table.c.valid_from == change.valid_from,
        table.c.proposed_by == change.proposed_by,
    )
    same = (one for one in open_ones if one.row == change.row)
    return next(same, None) or await changes.add(tx, *change.propose())


async def approve(tx: Tx, change_id: UUID, by: str) -> PolicyChange:
    """Publish a proposed row, as another person than the one who proposed it.

    Raises:
        ApprovedByProposer: it is the same person.
        DecidedAlready: somebody has approved or rejected it.
        Invalid: the rule has had another shape since it was proposed.
        NothingNew: the rule says this already.
    """
    approved, events = (await changes.get(tx, change_id, lock=True)).approve(by, tx.now)
    await _check_new(tx, approved)
    applied = await changes.apply(tx, approved, events)
    await publish_policies(tx, [applied.row])
    return applied


async def reject(tx: Tx, change_id: UUID, by: str) -> PolicyChange:
    """Turn a proposed row down."""
    change = await changes.get(tx, change_id, lock=True)
    return await changes.apply(tx, *change.reject(by, tx.now))


async def _check_new(tx: Tx, change: PolicyChange) -> None:
    rows = await store.all_rows(tx)
    publication.check_shape(change.row, Policies.of(rows).rows)
    publication.check_reading(change.row, tx.today)
    if not publication.changed(rows, [change.row]):
        raise publication.NothingNew


def built_in_policies() -> list[PolicyRow]:
    """Return every row of the files, one file per subject."""
    folder = files("registry.policy").joinpath("policies")
    return [
        row
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
        for row in rows_from_json(json.loads(file.read_text(encoding="utf-8")), version=1)
    ]
