"""What can be looked up in matching, row by row the caller's own."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Select, Uuid, cast, column, func, select

from common.auth import Caller, Role
from common.errors import NotFound
from common.transaction import Tx
from matching.model.assessment import Standing
from matching.model.profile import Profile
from matching.model.proposal import Proposal
from matching.model.ranking import Ranking
from matching.model.vacancy import Status, Vacancy
from matching.store import proposals, rankings, vacancies
from matching.store.tables import rankings as ranking_rows

_PROPOSALS: Final = proposals.table.c
_VACANCIES: Final = vacancies.table.c
_ORDER: Final = {standing: number for number, standing in enumerate(Standing)}


def own_proposals(
    caller: Caller, *, vacancy_id: UUID | None, trainer_id: UUID | None, status: str | None
) -> Select[Any]:
    """Return the proposals that the caller is a party to, or whose region's desk it is."""
    query = select(proposals.table).where(_parties(caller))
    for condition in (
        _PROPOSALS.vacancy_id == vacancy_id if vacancy_id else None,
        _PROPOSALS.trainer_id == trainer_id if trainer_id else None,
        _PROPOSALS.status == status if status else None,
    ):
        query = query if condition is None else query.where(condition)
    return query


async def own_proposal(tx: Tx, caller: Caller, proposal_id: UUID) -> Proposal:
    """Return one.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    found = await proposals.where(tx, _PROPOSALS.id == proposal_id, _parties(caller))
    if not found:
        raise NotFound(what="proposal", id=proposal_id)
    return found[0]


async def own_vacancy(tx: Tx, caller: Caller, vacancy_id: UUID) -> Vacancy:
    """Return a vacancy to its school or its region's desk.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    found = await vacancies.where(tx, _VACANCIES.id == vacancy_id, _askers(caller))
    if not found:
        raise NotFound(what="vacancy", id=vacancy_id)
    return found[0]


async def own_ranking(tx: Tx, caller: Caller, ranking_id: UUID) -> Any:
    """Return how a ranking was made, without its outcome.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    columns = [each for each in ranking_rows.c if each.name not in {"profile_versions", "failed", "sha256", "opening"}]
    row = (await tx.execute(select(*columns).where(ranking_rows.c.id == ranking_id))).one_or_none()
    if row is None:
        raise NotFound(what="ranking", id=ranking_id)
    await own_vacancy(tx, caller, row.vacancy_id)
    return row


async def repeats(tx: Tx, ranking_id: UUID) -> tuple[bytes, bytes]:
    """Make a ranking again from what was kept; return the SHA-256 of its outcome then and now.

    Raises:
        NotFound: there is no such ranking.
        NotRepeatable: somebody in it was erased.
        OtherRuleset: the code has changed in a way that can move an outcome.
    """
    return await rankings.fingerprint_of(tx, ranking_id), await rankings.fingerprint_again(tx, ranking_id)


def waiting(caller: Caller, *, region: str | None, subject: str | None) -> Select[Any]:
    """Return the waiting list, who waits longest first; programme staff see all of it."""
    query = select(vacancies.table).where(
        _VACANCIES.status == Status.WAITING, _askers(caller, all_for={Role.PROGRAMME})
    )
    if region:
        query = query.where(_VACANCIES.facts["region"].astext == region)
    if subject:
        query = query.where(_VACANCIES.facts["subject"].astext == subject)
    return query


WAITING_ORDER: Final = (_VACANCIES.waiting_since, _VACANCIES.id)
PROPOSAL_ID: Final = _PROPOSALS.id
load_proposal: Final = proposals.load
load_vacancy: Final = vacancies.load


def in_order(ranking: Ranking) -> tuple[Select[Any], tuple[ColumnElement[Any], ...]]:
    """Return a ranking's candidates as rows, with the columns that order them.

    The database makes the page, so that its cursor is like any other: where a candidate stands, not a number that
    shifts under the reader when the next page is made of a newer ranking.
    """
    totals, profiles = ranking.evidence.scores.totals, ranking.evidence.profiles
    standings, costs, trainers = list[int](), list[int](), list[UUID]()
    for row, standing in ranking.standings():
        standings.append(_ORDER[standing])
        costs.append(0 if standing is Standing.REJECTED else -int(totals[row]))
        trainers.append(profiles[row].trainer_id)
    arrays = func.unnest(cast(standings, ARRAY(Integer)), cast(costs, ARRAY(BigInteger)), cast(trainers, ARRAY(Uuid)))
    columns = column("standing", Integer), column("cost", BigInteger), column("trainer_id", Uuid)
    rows = arrays.table_valued(*columns, name="candidates").render_derived()
    return select(rows), (rows.c.standing, rows.c.cost, rows.c.trainer_id)


def profile_in(ranking: Ranking, trainer_id: UUID) -> Profile:
    """Return the profile that a ranking saw.

    Raises:
        NotFound: it saw none of that trainer.
    """
    row = ranking.evidence.row_of(trainer_id)
    if row is None:
        raise NotFound(what="candidate", id=trainer_id)
    return ranking.evidence.profiles[row]


def _parties(caller: Caller) -> ColumnElement[bool]:
    return caller.visible(
        boards=_PROPOSALS.board_id,
        schools=_PROPOSALS.school_id,
        locations=_PROPOSALS.location_id,
        companies=_PROPOSALS.company_id,
        trainers=_PROPOSALS.trainer_id,
        regions=_PROPOSALS.region,
    )


def _askers(caller: Caller, **more: Any) -> ColumnElement[bool]:
    facts = _VACANCIES.facts
    return caller.visible(
        boards=cast(facts["boardId"].astext, Uuid),
        schools=cast(facts["schoolId"].astext, Uuid),
        locations=cast(facts["locationId"].astext, Uuid),
        regions=facts["region"].astext,
        **more,
    )
