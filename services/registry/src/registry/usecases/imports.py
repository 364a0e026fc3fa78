"""Files of others: compared, reported, and applied in one transaction or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final, TypeVar

from common.errors import Invalid
from common.transaction import Tx
from registry import store
from registry.model.imports import (
    Entry,
    ImportPlan,
    NothingImported,
    PostcodeArea,
    Summary,
    parse_institutions,
    parse_locations,
    parse_postcodes,
    plan,
    plan_institutions,
    plan_postcodes,
)
from registry.model.imports.plan import Keyed
from registry.model.listed import Listed, Outcome
from registry.model.report import Report
from registry.store.organisations import organisations
from registry.usecases import trainers

T = TypeVar("T")
E = TypeVar("E", bound=Keyed)
BATCH: Final = 250
"""So many organisations are made and written at a stretch; the event loop serves others in between."""


async def import_schools(tx: Tx, content: bytes, *, dry_run: bool, skip_bad_rows: bool) -> Report[Entry]:
    """Take in a list of locations, with their schools and boards."""
    parsed = await _aside(parse_locations, content)
    listed = Listed(await store.organisations.all_schools(tx))
    compared = plan(listed.known(), parsed, await store.reference.all_areas(tx))
    if not dry_run:
        await take_in(tx, listed, listed.outcome(_accepted(compared, skip_bad_rows=skip_bad_rows)))
    return _report(parsed.summary, compared, dry_run=dry_run)


async def import_institutions(tx: Tx, content: bytes, *, dry_run: bool, skip_bad_rows: bool) -> Report[Entry]:
    """Take in a list of institutions, such as those of mbo."""
    parsed = await _aside(parse_institutions, content)
    listed = Listed(await store.organisations.all_schools(tx))
    compared = plan_institutions(listed.known(), parsed)
    if not dry_run:
        await take_in(tx, listed, listed.outcome(_accepted(compared, skip_bad_rows=skip_bad_rows)))
    return _report(parsed.summary, compared, dry_run=dry_run)


async def import_postcodes(tx: Tx, content: bytes, *, dry_run: bool, skip_bad_rows: bool) -> Report[PostcodeArea]:
    """Take in a postcode reference; whoever lives or teaches in an area that is drawn anew moves with it."""
    parsed = await _aside(parse_postcodes, content)
    compared = plan_postcodes(await store.reference.all_areas(tx), parsed)
    if not dry_run:
        accepted = _accepted(compared, skip_bad_rows=skip_bad_rows)
        moved = {change.after.pc4: change.after for change in accepted.changes}
        await store.reference.keep_areas(tx, [*accepted.additions, *moved.values()])
        for organisation in await store.organisations.in_areas(tx, moved):
            await organisations.apply(tx, *organisation.settle(moved[str(organisation.postcode)[:4]]))
        await trainers.settle(tx, moved)
    return _report(parsed.summary, compared, dry_run=dry_run)


async def take_in(tx: Tx, listed: Listed, outcome: Outcome) -> None:
    """Write what is new and what changed, and tell of it: few statements, thousands of events."""
    for start in range(0, len(outcome.added), BATCH):
        for added in await organisations.add_many(tx, outcome.added[start : start + BATCH]):
            tx.publish(added.contact_state(listed.contact_of(added)), case=added.id)
    for change in outcome.changed:
        changed = await organisations.apply(tx, *change)
        tx.publish(changed.contact_state(listed.contact_of(changed)), case=changed.id)


def _accepted(compared: ImportPlan[E], *, skip_bad_rows: bool) -> ImportPlan[E]:
    try:
        return compared.accepted(all_or_nothing=not skip_bad_rows)
    except NothingImported as refusal:
        raise Invalid(*(problem.as_param() for problem in refusal.problems)) from None


def _report(summary: Summary, compared: ImportPlan[E], *, dry_run: bool) -> Report[E]:
    return Report(summary=summary, plan=compared, applied=not dry_run)


async def _aside(parse: Callable[[bytes], T], content: bytes) -> T:
    """Read a file in a process of its own: a large one would keep the event loop from its other work."""
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, parse, content)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
