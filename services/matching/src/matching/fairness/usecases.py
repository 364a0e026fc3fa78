"""Count how people fare, of nobody in particular; gather and purge the counts; make the figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

import numpy as np

from common.persistence.terms import CHUNK, Purge, cutoff
from common.persistence.transaction import Tx
from matching.fairness import store
from matching.fairness.model import Classes, Fares, Stage, by_cell, figures, fitting, in_order, reached, region_of
from matching.ranking.model.ranking import Ranking
from matching.ranking.store import blind
from matching.vacancy.model.vacancy import Vacancy
from rules.rounding import Rounding

TERM: Final = "retention.fairness"


async def note_fitting(tx: Tx, ranking: Ranking) -> None:
    """Count those who fit, of a ranking by which matching asks.

    Raises:
        Missing: the policy has not arrived.
    """
    evidence = ranking.evidence
    people = (evidence.profiles[row] for row in np.flatnonzero(ranking.failed == 0))
    counts = fitting(evidence.opening, people, Classes.of(evidence.policies, evidence.day))
    await store.add(tx, region_of(evidence.opening), counts)


async def note(tx: Tx, stage: Stage, vacancy: Vacancy, classes: Mapping[str, str]) -> None:
    """Count that a trainer whom matching asked came to a stage."""
    region = vacancy.facts.region or ""
    await store.add(tx, region, reached(stage, region, vacancy.facts.school_type, classes))


async def fares(tx: Tx, regions: Collection[str] | None) -> tuple[date, tuple[Fares, ...]]:
    """Return since when is counted, and how each class fares in regions; None is all.

    Raises:
        Missing: a policy has not arrived.
    """
    policies = await tx.policies()
    first = Classes.of(policies, tx.today).first_month(tx.today)
    # The key of this installation: another one would give each cell another offset, and tell more.
    secret = (await blind.pseudonyms(tx)).key
    rounding = Rounding.of(policies.on("programme.figures", tx.today).value, secret)
    counted = by_cell(await store.since(tx, first, regions))
    return first, tuple(in_order(figures(counted, rounding)))


async def purge_counts(tx: Tx) -> int:
    """Remove counts past their term, and gather what was added since; return how many rows and groups.

    Raises:
        Missing: the policy has not arrived.
    """
    before = await cutoff(tx, TERM)
    gone = 0 if before is None else await store.purge(tx, before.date(), at_most=CHUNK)
    return gone or await store.gather(tx, at_most=CHUNK)


PURGE: Final = Purge(table="fairness_counts", policy=TERM, forget=purge_counts)
