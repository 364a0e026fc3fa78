"""Reference data and rules: seeded once, published whenever they change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from importlib.resources import files

from common.policy import Policies, PolicyRow
from common.transaction import Tx
from events.policies import PolicyPublished
from registry import reference, store
from registry.model import policy
from rules.rows import rows_from_json


async def seed_reference(tx: Tx) -> int:
    """Have the built-in regions, trades, towns and rules known; return how many policy rows were published.

    Doing it again changes and tells nothing.
    """
    built_in = reference.load()
    await store.reference.keep_regions(tx, [asdict(region) for region in built_in.regions])
    await store.reference.keep_trades(tx, [asdict(trade) for trade in built_in.trades])
    await store.reference.add_areas(tx, built_in.postcodes.values())
    return len(await publish_policies(tx, built_in_policies()))


async def publish_policies(tx: Tx, wanted: Iterable[PolicyRow]) -> list[PolicyPublished]:
    """Publish the rows that say something new, as one new version of the set, and return them."""
    known = await store.policies.all_rows(tx)
    changed = policy.changed(known, wanted)
    version = max((row.version for row in known), default=0) + 1
    rows = policy.published(changed, version=version, rows_in_set=len(known) + len(changed))
    await store.policies.publish(tx, rows)
    return rows


async def put_policy(tx: Tx, row: PolicyRow) -> PolicyRow:
    """Publish one row; those that read its rule rely on its shape. What is known already is not published again."""
    known = Policies.of(await store.policies.all_rows(tx))
    policy.check_shape(row, known.rows)
    published = await publish_policies(tx, [row])
    before = (one for one in known.rows.get(row.code, ()) if one.valid_from == row.valid_from)
    return replace(row, version=published[0].set_version if published else next(before).version)


def built_in_policies() -> list[PolicyRow]:
    """Return every row of the files, one file per subject."""
    folder = files(reference).joinpath("policies")
    return [
        row
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
        for row in rows_from_json(json.loads(file.read_text(encoding="utf-8")), version=1)
    ]
