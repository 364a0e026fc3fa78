"""Proposals over HTTP: look at them, consent, decline."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from common.caller import PARTIES
from common.caller import Caller as Who
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import Caller, Command, InTx, Page, Paging, Router, creates_resource, roles, scope
from common.web.fields import SlotBody
from events.matching import DeclineReason
from events.words import Form, Party
from matching.proposal import queries
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.usecases import answers, countering
from matching.proposal.views import ProposalView, proposal_view, viewpoint_on
from matching.ranking.store import blind
from matching.ranking.views import ACTIVITY

router = Router(tags=["Proposals"])
_WRITE = [scope("proposals:write"), roles(*PARTIES)]


class CounterBody(Command):
    """Other terms for an open proposal, from the trainer or the school; what is left out stays as it is."""

    party: Party
    form: Form | None = None
    minutes_per_week: Annotated[int, Field(gt=0, le=10_080)] | None = None
    """At most what the vacancy asks."""
    roster: Annotated[tuple[SlotBody, ...], Field(min_length=1, max_length=50)] | None = None
    """Other weekly hours: at least as many minutes as are agreed. The other side reads them before it knows you."""

    def wanted(self) -> countering.Wanted:
        """Return it as the use case takes it."""
        roster = None if self.roster is None else tuple(slot.slot() for slot in self.roster)
        return countering.Wanted(form=self.form, minutes_per_week=self.minutes_per_week, roster=roster)


class CounterAnswer(Command):
    """An answer to the counter-proposal with this number, from the side that it was made to."""

    party: Party
    counter_number: Annotated[int, Field(ge=1, le=1_000)]


class Decline(Command):
    """Say no, with a reason."""

    party: Party
    reason: DeclineReason


@router.get("/proposals", response_model=Page[ProposalView], dependencies=[scope("proposals:read")])
async def find(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    vacancy_id: Annotated[UUID | None, Query(description="Only those for this vacancy.")] = None,
    trainer_id: Annotated[
        UUID | None, Query(description="Only those of this trainer, as far as the caller knows whom they are of.")
    ] = None,
    status: Annotated[Status | None, Query(description="Only those that stand there.")] = None,
) -> Paged[ProposalView]:
    """Find the proposals that the caller is a party to, those of the newest day first."""
    page = await queries.own_proposals(tx, caller, paging, vacancy_id=vacancy_id, trainer_id=trainer_id, status=status)
    await record_processing(tx, caller, ACTIVITY, *(proposal.trainer_id for proposal in page.items))
    pseudonyms = await blind.pseudonyms(tx)
    shown = [proposal_view(proposal, viewpoint_on(caller, proposal, pseudonyms)) for proposal in page.items]
    return Paged(shown, page.next_cursor)


@router.get("/proposals/{proposal_id}", response_model=ProposalView, dependencies=[scope("proposals:read")])
async def show(proposal_id: UUID, caller: Caller, tx: InTx) -> ProposalView:
    """Show a proposal, with why it was made."""
    proposal = await queries.own_proposal(tx, caller, proposal_id)
    await record_processing(tx, caller, ACTIVITY, proposal.trainer_id)
    return await _shown(tx, caller, proposal)


@router.put(
    "/proposals/{proposal_id}/consents/{party}",
    response_model=ProposalView,
    dependencies=[*_WRITE, creates_resource()],
)
async def consent(
    proposal_id: UUID,
    party: Party,
    caller: Caller,
    tx: InTx,
    terms: Annotated[
        int, Query(ge=1, le=1_000, description="The number of the terms that are agreed to; the first ones are 1.")
    ] = 1,
) -> ProposalView:
    """Consent on behalf of one party; the last consent settles it: accepted, or lapsed with a reason."""
    await _must_act_for(tx, caller, proposal_id, party)
    return await _shown(tx, caller, await answers.consent(tx, proposal_id, party, terms=terms))


@router.post("/proposals/{proposal_id}/_decline", response_model=ProposalView, dependencies=_WRITE)
async def decline(proposal_id: UUID, command: Decline, caller: Caller, tx: InTx) -> ProposalView:
    """Decline on behalf of one party; the next candidate is asked."""
    await _must_act_for(tx, caller, proposal_id, command.party)
    return await _shown(tx, caller, await answers.decline(tx, proposal_id, command.party, command.reason))


@router.post("/proposals/{proposal_id}/_counter", response_model=ProposalView, dependencies=_WRITE)
async def counter(proposal_id: UUID, command: CounterBody, caller: Caller, tx: InTx) -> ProposalView:
    """Offer other terms as the trainer or the school; the proposal stays open, and the other side answers."""
    await _must_act_for(tx, caller, proposal_id, command.party)
    return await _shown(tx, caller, await countering.counter(tx, proposal_id, command.party, command.wanted()))


@router.post("/proposals/{proposal_id}/_accept-counter", response_model=ProposalView, dependencies=_WRITE)
async def accept_counter(proposal_id: UUID, command: CounterAnswer, caller: Caller, tx: InTx) -> ProposalView:
    """Accept the other side's counter-proposal: trainer and school agree to its terms, the employer is asked anew."""
    await _must_act_for(tx, caller, proposal_id, command.party)
    return await _shown(tx, caller, await countering.accept(tx, proposal_id, command.party, command.counter_number))


@router.post("/proposals/{proposal_id}/_decline-counter", response_model=ProposalView, dependencies=_WRITE)
async def decline_counter(proposal_id: UUID, command: CounterAnswer, caller: Caller, tx: InTx) -> ProposalView:
    """Decline the other side's counter-proposal; the proposal is open as it was."""
    await _must_act_for(tx, caller, proposal_id, command.party)
    return await _shown(tx, caller, await countering.decline(tx, proposal_id, command.party, command.counter_number))


async def _shown(tx: InTx, caller: Who, proposal: Proposal) -> ProposalView:
    return proposal_view(proposal, viewpoint_on(caller, proposal, await blind.pseudonyms(tx)))


async def _must_act_for(tx: InTx, caller: Who, proposal_id: UUID, party: Party) -> None:
    """Check that the caller sees the proposal, and acts for that party of it."""
    proposal = await queries.own_proposal(tx, caller, proposal_id)
    if party is Party.TRAINER:
        caller.must_act_for(trainers=proposal.trainer_id)
    elif party is Party.COMPANY:
        caller.must_act_for(companies=proposal.company_id)
    else:
        caller.must_act_for(boards=proposal.board_id, schools=proposal.school_id, locations=proposal.location_id)
