"""Files of others: compared, reported, and applied in one transaction or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from resource import RLIMIT_DATA, setrlimit
from typing import Final, TypeVar

from common.errors import Invalid, InvalidParam, Message
from common.persistence.transaction import Tx
from registry.file_import.model.institutions import parse_institutions
from registry.file_import.model.known import Entry, latest_first
from registry.file_import.model.locations import parse_locations
from registry.file_import.model.plan import ImportPlan, Keyed, plan, plan_institutions, plan_postcodes
from registry.file_import.model.postcodes import parse_postcodes
from registry.file_import.model.problems import NothingImported
from registry.file_import.model.report import Report
from registry.file_import.model.table import Summary
from registry.file_import.model.translator import ImportTranslator, Outcome, closings
from registry.organisation import store as organisation_store
from registry.organisation.model import Organisation
from registry.organisation.store import organisations
from registry.organisation_change.usecases import closing as organisation_change_closing
from registry.reference import store as reference_store
from registry.reference.model import PC4, PostcodeArea
from registry.trainer.usecases import trainer as trainer_usecases
from registry.vacancy import usecases as vacancy_usecases

T = TypeVar("T")
E = TypeVar("E", bound=Keyed)
Compared = tuple[Summary, ImportPlan[Entry], ImportTranslator, Outcome]
BATCH: Final = 250
"""So many organisations are made and written at a stretch; the event loop serves others in between."""
LONGEST: Final = 120.0
"""Seconds that a file may take to be read and compared; the largest real one takes five."""
MEMORY: Final = 2 * 1024**3
"""Bytes that this may take; the largest real file takes a tenth."""
QUICK: Final = 20_000
"""Bytes that are read and compared in less than 50 ms, whatever they are; one known organisation counts as 100."""


async def import_schools(tx: Tx, content: bytes, *, dry_run: bool, skip_bad_rows: bool) -> Report[Entry]:
    """Take in a list of locations, with their schools and boards."""
    known, areas = await organisation_store.all_schools(tx), await reference_store.all_areas(tx)
    compared = await _aside(partial(_compare_locations, content, known, areas), size=len(content) + 100 * len(known))
    return await _take_in_if(tx, compared, dry_run=dry_run, skip_bad_rows=skip_bad_rows)


async def import_institutions(tx: Tx, content: bytes, *, dry_run: bool, skip_bad_rows: bool) -> Report[Entry]:
    """Take in a list of institutions, such as those of mbo."""
    known = await organisation_store.all_schools(tx)
    compared = await _aside(partial(_compare_institutions, content, known), size=len(content) + 100 * len(known))
    return await _take_in_if(tx, compared, dry_run=dry_run, skip_bad_rows=skip_bad_rows)


async def import_postcodes(tx: Tx, content: bytes, *, dry_run: bool, skip_bad_rows: bool) -> Report[PostcodeArea]:
    """Take in a postcode reference; whoever lives or teaches in an area that is drawn anew moves with it."""
    regions = await reference_store.region_codes(tx, "labour_market")
    parsed = await _aside(partial(parse_postcodes, content, regions), size=len(content))
    compared = plan_postcodes(await reference_store.all_areas(tx), parsed)
    if not dry_run:
        accepted = _accepted(compared, skip_bad_rows=skip_bad_rows)
        moved = {change.after.pc4: change.after for change in accepted.changes}
        await reference_store.keep_areas(tx, [*accepted.additions, *moved.values()])
        there = [
            await organisations.apply(tx, *organisation.relocate(moved[str(organisation.postcode)[PC4]]))
            for organisation in await organisation_store.in_areas(tx, moved)
        ]
        await vacancy_usecases.follow(tx, there)
        await trainer_usecases.relocate(tx, moved)
    return Report(summary=parsed.summary, plan=compared, applied=not dry_run)


async def take_in(tx: Tx, listed: ImportTranslator, outcome: Outcome) -> None:
    """Write what is new and what changed, and tell of it: few statements, thousands of events."""
    for start in range(0, len(outcome.added), BATCH):
        for added in await organisations.add_many(tx, outcome.added[start : start + BATCH]):
            tx.publish(added.contact_state(listed.contact_of(added)), case=added.id)
    for change in outcome.changed:
        changed = await organisations.apply(tx, *change)
        tx.publish(changed.contact_state(listed.contact_of(changed)), case=changed.id)
    await vacancy_usecases.follow(tx, [after for after, _ in outcome.changed])
    # What ends first hands on first: its locations go along where its successor goes up in a third.
    closed = sorted((latest_first(after.closed_on), after.id) for after, events in outcome.changed if closings(events))
    await organisation_change_closing.settle(tx, [await organisations.get(tx, each) for _, each in reversed(closed)])


async def _take_in_if(tx: Tx, compared: Compared, *, dry_run: bool, skip_bad_rows: bool) -> Report[Entry]:
    summary, planned, listed, outcome = compared
    if not dry_run:
        _accepted(planned, skip_bad_rows=skip_bad_rows)
        await take_in(tx, listed, outcome)
    named = [*planned.additions, *(change.after for change in planned.changes), *planned.unchanged]
    waiting = await organisation_store.pending_codes(tx)
    pending = sorted(entry.key for entry in named if (entry.kind, entry.key) in waiting)
    return Report(summary=summary, plan=planned, applied=not dry_run, pending=tuple(pending))


def _accepted(compared: ImportPlan[E], *, skip_bad_rows: bool) -> ImportPlan[E]:
    try:
        return compared.accepted(all_or_nothing=not skip_bad_rows)
    except NothingImported as refusal:
        raise Invalid(*(problem.as_param() for problem in refusal.problems)) from None


def _compare_locations(content: bytes, known: list[Organisation], areas: Mapping[str, PostcodeArea]) -> Compared:
    parsed, listed = parse_locations(content), ImportTranslator(known)
    planned = plan(listed.known(), parsed, areas)
    return parsed.summary, planned, listed, listed.outcome(planned)


def _compare_institutions(content: bytes, known: list[Organisation]) -> Compared:
    parsed, listed = parse_institutions(content), ImportTranslator(known)
    planned = plan_institutions(listed.known(), parsed)
    return parsed.summary, planned, listed, listed.outcome(planned)


async def _aside(work: Callable[[], T], *, size: int) -> T:
    """Do what takes long in a process of its own: the event loop has other work, and what that does harms none.

    Raises:
        Invalid: a file made its reader run out of memory or time, or ended it.
    """
    if size <= QUICK:
        return work()
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_bound, initargs=(MEMORY,))
    try:
        async with asyncio.timeout(LONGEST):
            return await asyncio.get_running_loop().run_in_executor(pool, work)
    except (TimeoutError, MemoryError, BrokenProcessPool) as error:
        reason = Message(
            "This file could not be read within {seconds} seconds and the memory that there is for it.",
            seconds=round(LONGEST),
        )
        raise Invalid(InvalidParam("file", reason, "not-readable-here")) from error
    finally:
        for process in (pool._processes or {}).values():  # noqa: SLF001 - a pool has no other way to end what hangs
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def _bound(memory: int) -> None:
    """Let this process have so much memory and no more."""
    setrlimit(RLIMIT_DATA, (memory, memory))
