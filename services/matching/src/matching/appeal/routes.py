"""Appeals over HTTP: lodged by a trainer or a school, decided by a person of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from common.caller import FOR_SCHOOLS, CallerRole, ForeignOwner
from common.caller import Caller as Who
from common.errors import Invalid, InvalidParam, Message, NotFound
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import Caller, Command, FreeText, InTx, Page, Paging, Router, roles, scope
from events.matching import AppealDecision, AppealReason
from events.parties import Parties
from matching.appeal import usecases
from matching.appeal.model import Appeal, Status
from matching.appeal.store import own_appeal, own_appeals
from matching.appeal.views import AppealView, appeal_view
from matching.proposal.queries import own_proposal
from matching.ranking.store import blind
from matching.ranking.views import ACTIVITY
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies

router = Router(tags=["Appeals"])
_APPELLANTS = (CallerRole.TRAINER, *FOR_SCHOOLS)
_READ = [scope("appeals:read"), roles(*_APPELLANTS, CallerRole.DESK, CallerRole.PROGRAMME)]
_LODGE = [scope("appeals:write"), roles(*_APPELLANTS)]
_DECIDE = [scope("appeals:write"), roles(CallerRole.DESK, CallerRole.PROGRAMME)]


class AppealBody(Command):
    """An appeal to a person, against how a proposal ended or about a vacancy: give one of both ids."""

    proposal_id: UUID | None = None
    vacancy_id: UUID | None = None
    """For a trainer who was not proposed; for a school about its own vacancy."""
    reason: AppealReason
    words: FreeText | None = None
    """Name no people: the desk does not know who is behind a candidate."""


class AppealDecisionBody(Command):
    """The decision of a person, and why, for the appellant to read."""

    decision: AppealDecision
    motivation: FreeText


@router.post("/appeals", status_code=201, response_model=AppealView, dependencies=_LODGE)
async def lodge(command: AppealBody, caller: Caller, tx: InTx) -> AppealView:
    """Ask a person of the desk to look at how a proposal ended, or at why there was none."""
    complaint = usecases.Complaint(reason=command.reason, words=command.words)
    if command.proposal_id is not None and command.vacancy_id is None:
        proposal = await own_proposal(tx, caller, command.proposal_id)
        appellant = _appellant(caller, Parties.of(proposal))
        appeal = await usecases.lodge_about_proposal(tx, proposal, appellant, complaint)
    elif command.vacancy_id is not None and command.proposal_id is None:
        appellant = await _appellant_about(tx, caller, command.vacancy_id)
        appeal = await usecases.lodge_about_vacancy(tx, command.vacancy_id, appellant, complaint)
    else:
        raise Invalid(InvalidParam("proposalId", Message("Give the id of a proposal or of a vacancy"), "one-of-both"))
    return (await _shown(tx, caller, [appeal]))[0]


@router.get("/appeals", response_model=Page[AppealView], dependencies=_READ)
async def find(
    caller: Caller, tx: InTx, paging: Paging, status: Status | None = None, vacancy_id: UUID | None = None
) -> Paged[AppealView]:
    """Find the appeals that are yours, of your region, or all as the programme."""
    page = await own_appeals(tx, caller, paging, status=status, vacancy_id=vacancy_id)
    return Paged(await _shown(tx, caller, page.items), page.next_cursor)


@router.get("/appeals/{appeal_id}", response_model=AppealView, dependencies=_READ)
async def show(appeal_id: UUID, caller: Caller, tx: InTx) -> AppealView:
    """Show an appeal with its evidence and, once there is one, the decision."""
    return (await _shown(tx, caller, [await own_appeal(tx, caller, appeal_id)]))[0]


@router.post("/appeals/{appeal_id}/_decide", response_model=AppealView, dependencies=_DECIDE)
async def decide(appeal_id: UUID, command: AppealDecisionBody, caller: Caller, tx: InTx) -> AppealView:
    """Record what a person of the desk decides, and why; the appellant gets a letter."""
    await own_appeal(tx, caller, appeal_id)
    decided = await usecases.decide(tx, appeal_id, command.decision, command.motivation, by_trainer=caller.trainer)
    return (await _shown(tx, caller, [decided]))[0]


@router.post("/appeals/{appeal_id}/_withdraw", response_model=AppealView, dependencies=_LODGE)
async def withdraw(appeal_id: UUID, caller: Caller, tx: InTx) -> AppealView:
    """Take an appeal back that was not decided."""
    await own_appeal(tx, caller, appeal_id, all_for=())
    return (await _shown(tx, caller, [await usecases.withdraw(tx, appeal_id)]))[0]


def _appellant(caller: Who, parties: Parties) -> Parties:
    """Return the side for which the caller appeals; the employer of a proposal has no appeal.

    Raises:
        ForeignOwner: the caller acts for neither the trainer nor the school.
    """
    if caller.sees(trainers=parties.trainer):
        return parties.only("trainer")
    if caller.sees(boards=parties.board, schools=parties.school, locations=parties.location):
        return parties.only("board", "school", "location")
    raise ForeignOwner


async def _appellant_about(tx: InTx, caller: Who, vacancy_id: UUID) -> Parties:
    """Return the school of a vacancy, or the trainer who calls, to whom any vacancy that searches is known.

    Raises:
        NotFound: there is none, or the caller does not see it.
    """
    vacancy: Vacancy | None = await vacancies.find(tx, vacancy_id)
    if vacancy is not None:
        parties = vacancy.parties
        if caller.sees(boards=parties.board, schools=parties.school, locations=parties.location):
            return parties.only("board", "school", "location")
        if vacancy.searching and CallerRole.TRAINER in caller.roles and caller.trainer is not None:
            return Parties(trainer=caller.trainer)
    raise NotFound(what="vacancy", id=vacancy_id)


async def _shown(tx: InTx, caller: Who, found: Sequence[Appeal]) -> list[AppealView]:
    await record_processing(tx, caller, ACTIVITY, *(each.trainer_id for each in found if each.trainer_id))
    pseudonyms, ids = await blind.pseudonyms(tx), {each.vacancy_id for each in found}
    asked = await vacancies.where(tx, vacancies.table.c.id.in_(ids)) if ids else []
    rounds = {each.id: each.round for each in asked}
    return [appeal_view(each, caller, pseudonyms, rounds) for each in found]
