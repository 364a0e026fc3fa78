"""What can be looked up in matching, row by row the caller's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    Uuid,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
)

from common.caller import Caller, CallerRole
from common.errors import NotFound
from common.persistence.listing import Owned
from common.persistence.transaction import Tx
from common.persistence.visibility import owned, visible
from matching.model.assessment import Standing
from matching.model.blindness import Bands
from matching.model.proposal import Proposal
from matching.model.proposal_status import SETTLED
from matching.model.ranking import Ranking
from matching.model.vacancy import Status, Vacancy
from matching.store import proposals, rankings, vacancies
from matching.store.tables import (
    VACANCY_BOARD,
    VACANCY_LOCATION,
    VACANCY_REGION,
    VACANCY_SCHOOL,
    WAITING_DAY,
)
from matching.store.tables import rankings as ranking_rows

_PROPOSALS: Final = proposals.table.c
_VACANCIES: Final = vacancies.table.c
_ORDER: Final = {standing: number for number, standing in enumerate(Standing)}


def own_proposals(
    caller: Caller, *, vacancy_id: UUID | None, trainer_id: UUID | None, status: str | None
) -> Select[Any]:
    """Return proposals, to be listed for whom ``parties`` names.

    ``trainer_id`` finds nothing of which the caller does not see the trainer.
    """
    query = select(proposals.table)
    for condition in (
        _PROPOSALS.vacancy_id == vacancy_id if vacancy_id else None,
        (_PROPOSALS.trainer_id == trainer_id) & _known_trainer(caller) if trainer_id else None,
        _PROPOSALS.status == status if status else None,
    ):
        query = query if condition is None else query.where(condition)
    return query


async def own_proposal(tx: Tx, caller: Caller, proposal_id: UUID) -> Proposal:
    """Return one.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    found = await proposals.where(tx, _PROPOSALS.id == proposal_id, parties(caller).condition())
    if not found:
        raise NotFound(what="proposal", id=proposal_id)
    return found[0]


async def own_vacancy(tx: Tx, caller: Caller, vacancy_id: UUID, *, all_for: Collection[CallerRole] = ()) -> Vacancy:
    """Return a vacancy to its school or its region's desk, and to the roles that see all of them.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    found = await vacancies.where(tx, _VACANCIES.id == vacancy_id, askers(caller, all_for=all_for).condition())
    if not found:
        raise NotFound(what="vacancy", id=vacancy_id)
    return found[0]


async def searching(tx: Tx, vacancy_id: UUID) -> Vacancy:
    """Return a vacancy that looks for somebody, to whoever asks about themselves.

    Raises:
        NotFound: there is none, or it looks for nobody.
    """
    found = await vacancies.find(tx, vacancy_id)
    if found is None or not found.searching:
        raise NotFound(what="vacancy", id=vacancy_id)
    return found


async def own_ranking(tx: Tx, caller: Caller, ranking_id: UUID) -> tuple[Any, Vacancy]:
    """Return how a ranking was made, without its outcome, and its vacancy.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    columns = [each for each in ranking_rows.c if each.name not in {"seen", "failed", "sha256", "opening"}]
    row = (await tx.execute(select(*columns).where(ranking_rows.c.id == ranking_id))).one_or_none()
    if row is None:
        raise NotFound(what="ranking", id=ranking_id)
    try:
        return row, await own_vacancy(tx, caller, row.vacancy_id, all_for={CallerRole.PROGRAMME})
    except NotFound:  # its vacancy is not named to a stranger
        raise NotFound(what="ranking", id=ranking_id) from None


async def repeats(tx: Tx, ranking_id: UUID) -> tuple[bytes, bytes]:
    """Make a ranking again from what was kept; return the SHA-256 of its outcome then and now.

    Raises:
        NotFound: there is no such ranking.
        NotRepeatable: somebody in it was erased.
        OtherRuleset: the code has changed in a way that can move an outcome.
    """
    return await rankings.fingerprint_of(tx, ranking_id), await rankings.fingerprint_again(tx, ranking_id)


def waiting(*, region: str | None, subject: str | None) -> Select[Any]:
    """Return the waiting list, who waits longest first, to be listed for whom ``askers`` names."""
    # The status is written out as well: the index holds the vacancies that wait.
    query = select(vacancies.table, _SINCE).where(_VACANCIES.status == literal_column(f"'{Status.WAITING}'"))
    if region:
        query = query.where(literal_column(VACANCY_REGION, Text) == region)
    if subject:
        query = query.where(_VACANCIES.facts["subject"].astext == subject)
    return query


_SINCE: Final = literal_column(WAITING_DAY, Date).label("since")
"""The day: a cursor that told the moment would show that one trainer's leaving made several vacancies wait."""
WAITING_ORDER: Final = (_SINCE, _VACANCIES.id)
PROPOSAL_ID: Final = _PROPOSALS.id
load_proposal: Final = proposals.load
load_vacancy: Final = vacancies.load


@dataclass(frozen=True, slots=True)
class Candidates:
    """A ranking's candidates as rows in the order in which one viewer sees them."""

    query: Select[Any]
    by: tuple[ColumnElement[Any], ...]
    """The columns that order them; none tells who it is, since a cursor is made of them."""
    rows: dict[UUID, int]
    """Row of the ranking by candidate id."""


def candidates(
    ranking: Ranking,
    ids: Callable[[UUID], UUID],
    *,
    bands: Mapping[int, Bands],
    all_of_them: bool,
    without: Container[UUID],
) -> Candidates:
    """Return who fits, in bands and then by candidate id; or all of them, best first.

    The database makes the page, so that its cursor is like any other: where a candidate stands, not a number that
    shifts under the reader when the next page is made of a newer ranking.
    """
    totals, profiles = ranking.evidence.scores.totals, ranking.evidence.profiles
    standings, costs, found = list[int](), list[int](), dict[UUID, int]()
    for row, standing in ranking.standings():
        trainer_id, rejected = profiles[row].trainer_id, standing is Standing.REJECTED
        if trainer_id in without or (rejected and not all_of_them):
            continue
        standings.append(_ORDER[standing] if all_of_them else 0)
        costs.append((0 if rejected else -int(totals[row])) if all_of_them else bands[row].order)
        found[ids(trainer_id)] = row
    arrays = func.unnest(cast(standings, ARRAY(Integer)), cast(costs, ARRAY(BigInteger)), cast([*found], ARRAY(Uuid)))
    columns = column("standing", Integer), column("cost", BigInteger), column("candidate_id", Uuid)
    rows = arrays.table_valued(*columns, name="candidates").render_derived()
    return Candidates(select(rows), (rows.c.standing, rows.c.cost, rows.c.candidate_id), found)


def _known_trainer(caller: Caller) -> ColumnElement[bool]:
    """Return where the view shows the caller who the trainer is; see ``routes.shown.proposal_view``."""
    as_employer = visible(caller, companies=_PROPOSALS.company_id) & _PROPOSALS.consents.has_key("trainer")
    return or_(_PROPOSALS.status.in_(SETTLED), visible(caller, trainers=_PROPOSALS.trainer_id), as_employer)


def parties(caller: Caller) -> Owned:
    """Return the proposals that the caller is a party to, whose region's desk it is, or all to the programme."""
    return owned(
        caller,
        all_for={CallerRole.PROGRAMME},
        boards=_PROPOSALS.board_id,
        schools=_PROPOSALS.school_id,
        locations=_PROPOSALS.location_id,
        companies=_PROPOSALS.company_id,
        trainers=_PROPOSALS.trainer_id,
        regions=_PROPOSALS.region,
    )


def askers(caller: Caller, **more: Any) -> Owned:
    """Return the vacancies that are the caller's school's or its region's, and all to the roles that see all."""
    return owned(
        caller,
        boards=literal_column(VACANCY_BOARD, Uuid),
        schools=literal_column(VACANCY_SCHOOL, Uuid),
        locations=literal_column(VACANCY_LOCATION, Uuid),
        regions=literal_column(VACANCY_REGION, Text),
        **more,
    )
