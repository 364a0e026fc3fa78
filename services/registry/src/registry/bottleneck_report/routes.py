"""Bottleneck reports over HTTP: by schools, companies, trainers and desks, answered by the programme."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from common.caller import PARTIES, CallerRole, ForeignOwner
from common.errors import InvalidParam, Message
from common.persistence.paging import Paged
from common.web import (
    Caller,
    Command,
    FreeText,
    InTx,
    Moment,
    Page,
    Paging,
    PlannedDay,
    Router,
    View,
    creates_resource,
    roles,
    scope,
)
from events.parties import Parties
from events.registry import BottleneckOutcome
from registry.bottleneck_report import store, usecases
from registry.bottleneck_report.model import BottleneckReport, Status
from registry.fields import Region, check_chosen, new_id
from registry.organisation.model import NotConfirmed, sees
from registry.organisation.store import organisations

router = Router(tags=["Bottlenecks"])
_READ = [scope("bottlenecks:read"), roles(*PARTIES, CallerRole.DESK, CallerRole.PROGRAMME)]
_REPORT = [scope("bottlenecks:write"), roles(*PARTIES, CallerRole.DESK, CallerRole.PROGRAMME)]
_ANSWER = [scope("bottlenecks:write"), roles(CallerRole.PROGRAMME)]

RuleCode = Annotated[
    str, StringConstraints(max_length=100, pattern=r"^[a-z0-9_]+(\.[A-Za-z0-9_]+)*$"), Field(examples=["vat.V5"])
]
Item = Annotated[
    str, StringConstraints(max_length=20, pattern=r"^[A-Z][A-Z0-9]*(\.[0-9]+)*$"), Field(examples=["K2.2"])
]


class BottleneckBody(Command):
    """A bottleneck. Name no people: the ministry that owns the rule reads it."""

    policy_code: RuleCode
    """The rule that it is about, as in `/policies`."""
    item: Item
    """Of the policy conversation, such as `K2.1`: what it is evidence for."""
    summary: FreeText
    """What could not be done, and what it cost."""
    organisation_id: UUID | None = None
    """The school, board, location or company that reports; left out by a trainer, a desk or the programme."""
    region: Region | None = None
    """Of an organisation it follows from its place; left out it is about the whole country."""

    def bottleneck(self) -> usecases.Bottleneck:
        """Return it."""
        return usecases.Bottleneck(policy_code=self.policy_code, item=self.item, summary=self.summary)


class BottleneckAnswerBody(Command):
    """The answer of the ministry."""

    outcome: BottleneckOutcome
    answer: FreeText
    settled_before: PlannedDay | None = None
    """The day before which the ministry promises that it is settled."""


class BottleneckReportView(View):
    """A bottleneck with the ministry that answers it, the last day for that, and the answer."""

    id: UUID
    version: int
    status: Status
    reported_at: Moment
    policy_code: str
    item: str
    ministry: str
    """The ministry that owns the rule."""
    answer_before: date
    region: str | None
    board_id: UUID | None
    school_id: UUID | None
    location_id: UUID | None
    company_id: UUID | None
    trainer_id: UUID | None
    summary: str | None
    """Null past its term, or once the trainer who wrote it is erased."""
    outcome: BottleneckOutcome | None
    answer: str | None
    answered_on: date | None
    settled_before: date | None


class RegionCountView(View):
    """How many bottlenecks were reported in one region; null is the whole country."""

    region: str | None
    reported: int
    answered: int


class BottleneckCountView(View):
    """The evidence for one item of the policy conversation, by region."""

    item: str
    reported: int
    answered: int
    regions: list[RegionCountView]


@router.post("/bottleneck-reports", status_code=201, response_model=BottleneckReportView, dependencies=_REPORT)
async def report(command: BottleneckBody, caller: Caller, tx: InTx) -> BottleneckReport:
    """Report what stands in the way; it goes to the ministry that owns the rule."""
    return await _report(tx, caller, new_id(), command)


@router.put(
    "/bottleneck-reports/{report_id}", response_model=BottleneckReportView, dependencies=[*_REPORT, creates_resource()]
)
async def put(report_id: UUID, command: BottleneckBody, caller: Caller, tx: InTx) -> BottleneckReport:
    """Report it under an id of your own; what was reported stays as it was."""
    await store.must_not_be_of_another(tx, caller, report_id)
    return await _report(tx, caller, check_chosen(report_id, "reportId"), command)


@router.get("/bottleneck-reports", response_model=Page[BottleneckReportView], dependencies=_READ)
async def find(
    caller: Caller, tx: InTx, paging: Paging, status: Status | None = None, item: Item | None = None
) -> Paged[BottleneckReport]:
    """Find the reports that are yours, of your region, or all as the programme."""
    return await store.page(tx, caller, paging, status=status, item=item)


@router.get("/bottleneck-reports/{report_id}", response_model=BottleneckReportView, dependencies=_READ)
async def show(report_id: UUID, caller: Caller, tx: InTx) -> BottleneckReport:
    """Show a report."""
    return await store.one(tx, caller, report_id)


@router.post("/bottleneck-reports/{report_id}/_answer", response_model=BottleneckReportView, dependencies=_ANSWER)
async def answer(report_id: UUID, command: BottleneckAnswerBody, tx: InTx) -> BottleneckReport:
    """Record what the ministry answers; the reporter gets a letter."""
    return await usecases.answer(tx, report_id, command.outcome, command.answer, command.settled_before)


@router.get("/bottleneck-counts", response_model=Page[BottleneckCountView], dependencies=_READ)
async def count(caller: Caller, tx: InTx, paging: Paging) -> Paged[Any]:
    """Count the reports that you may see, by item of the policy conversation and region."""
    return await store.counts(tx, caller, paging)


async def _report(tx: InTx, caller: Caller, id_: UUID, command: BottleneckBody) -> BottleneckReport:
    faults: list[InvalidParam] = []
    reporter = await _reporter(tx, caller, command, faults)
    return await usecases.report(tx, id_, command.bottleneck(), reporter, faults)


async def _reporter(tx: InTx, caller: Caller, command: BottleneckBody, faults: list[InvalidParam]) -> Parties:
    """Return in whose name the caller reports; add to the faults where that is not well named.

    Raises:
        ForeignOwner: the caller does not act for the organisation or the region.
        NotConfirmed: the organisation does not take part yet.
    """
    if command.organisation_id is not None:
        return await _organisation(tx, caller, command.organisation_id, faults)
    if CallerRole.TRAINER in caller.roles and caller.trainer is not None:
        return Parties(trainer=caller.trainer, region=command.region)
    if CallerRole.PROGRAMME not in caller.roles:
        if CallerRole.DESK not in caller.roles:
            faults.append(InvalidParam("organisationId", Message("Say for which organisation you report"), "missing"))
        elif command.region is None:
            faults.append(InvalidParam("region", Message("A desk says for which of its regions it reports"), "missing"))
        else:
            caller.must_act_for(regions=command.region)
    return Parties(region=command.region)


async def _organisation(tx: InTx, caller: Caller, id_: UUID, faults: list[InvalidParam]) -> Parties:
    organisation = await organisations.find(tx, id_)
    if organisation is None:
        faults.append(InvalidParam("organisationId", Message("There is no organisation with this id"), "unknown"))
        return Parties()
    if not sees(caller, organisation):
        raise ForeignOwner
    if not organisation.confirmed:
        raise NotConfirmed
    return replace(organisation.parties, organisation=organisation.id)
