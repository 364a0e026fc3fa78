"""Every ranking that was made, with all that is needed to make it again."""

# A ranking holds everybody in the talent pool, so it could not be scrubbed of one person without opening each ranking
# there ever was. It therefore says nothing about anybody that would have to be: people stand in it as numbers of
# versions of their profiles, which lead nowhere once those are deleted; beside them the rules that kept them apart,
# as bits; and of the whole outcome, measures included, its fingerprint. Only the shortlist is kept in words, one row
# for each person, and is found by the trainer.

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, delete, exists, insert, select, text, update

from common.errors import Conflict, NotFound
from common.persistence.transaction import Tx
from common.policy import Policies
from matching.profile.store.profiles import profiles_at
from matching.ranking.model.assessment import Standing
from matching.ranking.model.packed import pack, pack_bits, unpack
from matching.ranking.model.ranking import Ranked
from matching.ranking.model.replay import Snapshot, canonical, outcome, ruleset
from matching.ranking.tables import rankings, shortlisted
from matching.vacancy.model.opening import Opening

_OPENING: Final = TypeAdapter(Opening)


class NotRepeatable(Conflict):
    """This ranking cannot be repeated: profiles in it have been erased."""


async def keep(tx: Tx, ranking_id: UUID, ranked: Ranked) -> int:
    """Keep a ranking, those that do not fit included; return how many no rule kept apart."""
    ranking = ranked.ranking
    evidence = ranking.evidence
    order = list(ranking.standings())
    # Sorted, since their differences are small then; the order of the outcome is computed anew.
    by_version = dict(sorted((ranked.versions[evidence.profiles[row].trainer_id], row) for row, _ in order))
    fitting = sum(standing is not Standing.REJECTED for _, standing in order)
    await tx.execute(
        insert(rankings).values(
            id=ranking_id,
            vacancy_id=evidence.opening.vacancy_id,
            made_at=tx.now,
            day=evidence.day,
            policy_version=evidence.policies.version,
            ruleset=ruleset(evidence.policies),
            complete=ranking.complete,
            open_counts=evidence.criteria.open_counts,
            candidates=len(evidence.profiles),
            fitting=fitting,
            opening=json.loads(canonical(evidence.opening)),
            seen=pack(by_version),
            failed=pack_bits(int(ranking.failed[row]) for row in by_version.values()),
            sha256=hashlib.sha256(outcome(ranking)).digest(),
        )
    )
    if ranking.shortlist:
        rows = [
            {
                "ranking_id": ranking_id,
                "place": place,
                "trainer_id": assessed.trainer_id,
                "assessment": json.loads(canonical(assessed)),
            }
            for place, assessed in enumerate(ranking.shortlist, start=1)
        ]
        await tx.execute(insert(shortlisted), rows)
    return fitting


async def erase(tx: Tx, trainer_id: UUID, *, ranking_id: UUID | None = None) -> int:
    """Erase why a trainer stood on shortlists, or on one; that and where stays. Return how many places."""
    theirs = (shortlisted.c.trainer_id == trainer_id) & shortlisted.c.assessment.is_not(None)
    if ranking_id is not None:
        theirs &= shortlisted.c.ranking_id == ranking_id
    return (await tx.execute(update(shortlisted).where(theirs).values(assessment=None))).rowcount


async def hold(tx: Tx, ranking_id: UUID, *, held: bool) -> None:
    """Keep a ranking past its term, or no longer: it is the evidence of an open appeal."""
    await tx.execute(update(rankings).where(rankings.c.id == ranking_id).values(held=held))


def is_held(ranking_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether the ranking that a column names is the evidence of an open appeal."""
    return exists().where(rankings.c.held, rankings.c.id == ranking_id)


async def purge(tx: Tx, before: datetime, *, at_most: int) -> int:
    """Remove rankings made before a moment, with their shortlists; return how many.

    The newest one of a vacancy that still searches stays: it is shown. So does the evidence of an open appeal.
    """
    gone = set((await tx.execute(_PURGE, {"before": before, "at_most": at_most})).scalars())
    await tx.execute(delete(shortlisted).where(shortlisted.c.ranking_id.in_(gone)))
    return len(gone)


_PURGE: Final = text("""
    DELETE FROM rankings WHERE id IN (
        SELECT id FROM rankings old WHERE made_at < :before AND NOT held AND NOT EXISTS (
            SELECT FROM vacancies v
            WHERE v.id = old.vacancy_id AND v.ranking_id = old.id AND v.status IN ('open', 'waiting')
        )
        ORDER BY made_at LIMIT :at_most
    ) RETURNING id
""")


async def fingerprint_of(tx: Tx, ranking_id: UUID) -> bytes:
    """Return the SHA-256 of a ranking's outcome as canonical JSON: see ``matching.model.replay.outcome``.

    Raises:
        NotFound: there is no such ranking.
    """
    kept = (await tx.execute(select(rankings.c.sha256).where(rankings.c.id == ranking_id))).scalar_one_or_none()
    if kept is None:
        raise NotFound(what="ranking", id=ranking_id)
    return bytes(kept)


async def fingerprint_again(tx: Tx, ranking_id: UUID) -> bytes:
    """Make a ranking again from its kept inputs, and return the SHA-256 of its outcome.

    Raises:
        NotFound: there is no such ranking.
        NotRepeatable: a trainer in it was erased.
        OtherRuleset: the code has changed in a way that can move an outcome.
    """
    return hashlib.sha256(outcome((await snapshot_of(tx, ranking_id)).replay())).digest()


async def snapshot_of(tx: Tx, ranking_id: UUID) -> Snapshot:
    """Return everything that a ranking depended on; ``replay`` makes it again.

    Raises:
        NotFound: there is no such ranking.
        NotRepeatable: a trainer in it was erased.
    """
    row = (await tx.execute(select(rankings).where(rankings.c.id == ranking_id))).one_or_none()
    if row is None:
        raise NotFound(what="ranking", id=ranking_id)
    profiles = await profiles_at(tx, unpack(row.seen), row.day)
    if len(profiles) < row.candidates:
        raise NotRepeatable
    known = (await tx.policies()).rows.values()
    then = Policies.of(each for group in known for each in group if each.version <= row.policy_version)
    return Snapshot(
        opening=_OPENING.validate_python(row.opening, strict=False),
        profiles=tuple(sorted(profiles, key=lambda profile: profile.trainer_id)),
        policies=tuple(
            sorted(
                (each for group in then.rows.values() for each in group),
                key=lambda each: (each.code, each.version, each.valid_from),
            )
        ),
        day=row.day,
        open_counts=row.open_counts,
        ruleset=row.ruleset,
    )
