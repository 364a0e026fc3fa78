"""Every ranking that was made, with all that is needed to make it again."""

from __future__ import annotations

import json
import zlib
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, select

from common.errors import Conflict, NotFound
from common.policy import Policies
from common.transaction import Tx
from matching.model.assessment import Standing
from matching.model.opening import Opening
from matching.model.replay import Snapshot, canonical, outcome, ruleset
from matching.store.tables import rankings
from matching.store.trainers import Ranked, profiles_at

_OPENING: Final = TypeAdapter(Opening)
_LEVEL: Final = 1
"""Of compression: the ids in it cannot be made smaller, and the rest is small at once."""


class NotRepeatable(Conflict):
    """This ranking cannot be repeated: {missing} of its {candidates} profiles have been erased."""


async def keep(tx: Tx, ranking_id: UUID, ranked: Ranked) -> int:
    """Keep a ranking, those that do not fit included; return how many no rule kept apart."""
    ranking = ranked.ranking
    evidence, text = ranking.evidence, outcome(ranking)
    order = list(ranking.standings())
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
            candidates=len(evidence.profiles),
            fitting=fitting,
            opening=json.loads(canonical(evidence.opening)),
            profile_versions=[ranked.versions[evidence.profiles[row].trainer_id] for row, _ in order],
            outcome=zlib.compress(text, _LEVEL),
        )
    )
    return fitting


async def outcome_of(tx: Tx, ranking_id: UUID) -> bytes:
    """Return a ranking's outcome as canonical JSON: see ``matching.model.replay.outcome``.

    Raises:
        NotFound: there is no such ranking.
    """
    kept = (await tx.execute(select(rankings.c.outcome).where(rankings.c.id == ranking_id))).scalar_one_or_none()
    if kept is None:
        raise NotFound(what="ranking", id=ranking_id)
    return zlib.decompress(kept)


async def outcome_again(tx: Tx, ranking_id: UUID) -> bytes:
    """Make a ranking again from its kept inputs, and return the outcome.

    Raises:
        NotFound: there is no such ranking.
        NotRepeatable: somebody in it was erased.
        OtherRuleset: the code has changed in a way that can move an outcome.
    """
    return outcome((await snapshot_of(tx, ranking_id)).replay())


async def snapshot_of(tx: Tx, ranking_id: UUID) -> Snapshot:
    """Return everything that a ranking depended on; ``replay`` makes it again.

    Raises:
        NotFound: there is no such ranking.
        NotRepeatable: somebody in it was erased.
    """
    row = (await tx.execute(select(rankings).where(rankings.c.id == ranking_id))).one_or_none()
    if row is None:
        raise NotFound(what="ranking", id=ranking_id)
    trainers = map(UUID, json.loads(zlib.decompress(row.outcome))["trainers"])
    profiles = await profiles_at(tx, dict(zip(trainers, row.profile_versions, strict=True)), row.day)
    if len(profiles) < row.candidates:
        raise NotRepeatable(missing=row.candidates - len(profiles), candidates=row.candidates)
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
        keep=(),
        ruleset=row.ruleset,
    )
