"""Trainers over HTTP. Answers to commands are without a name: they are kept with their idempotency key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from common.caller import FOR_COMPANIES, FOR_SCHOOLS, CallerRole
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import Caller, IfMatch, InTx, Now, Page, Paging, Router, creates_resource, roles, scope
from registry.fields import EXPORT_TRAINER, SHOW_TRAINER, check_chosen, new_id
from registry.given_word import queries as given_word_queries
from registry.given_word.model import Act
from registry.given_word.views import OnTheirWord, WordGivenView
from registry.if_match import IfMatchWhereItExists
from registry.rate_limit.model import Applicant
from registry.reference.usecases import the_area_of
from registry.trainer import queries
from registry.trainer.model.person import Vog
from registry.trainer.model.trainer import DeclaredOtherwise, Status, Trainer
from registry.trainer.routes.given_word import may_say, spoken_for
from registry.trainer.usecases import trainer as usecases
from registry.trainer.views.trainer import (
    ConsentBody,
    EmployerAgreementBody,
    EngagementView,
    ErasedView,
    ErasureView,
    ExportView,
    LeaveBody,
    MergeBody,
    ProcessingView,
    ProfileBody,
    TrainerBody,
    TrainerPersonView,
    TrainerView,
    VogBody,
    VogShownView,
    with_name,
    without_name,
)

router = Router(tags=["Trainers"])
_WRITE = scope("trainers:write")
_BY_WHO_SIGNS_UP = [_WRITE, roles(*FOR_COMPANIES, CallerRole.TRAINER, CallerRole.DESK)]
_BY_THE_PERSON = [_WRITE, roles(CallerRole.TRAINER, CallerRole.DESK)]
"""The person, or the desk that helps them; an employer cannot speak in their place."""
_BY_WHO_SAW_IT = [_WRITE, roles(*FOR_COMPANIES, *FOR_SCHOOLS, CallerRole.DESK)]
_BY_THE_EMPLOYER = [_WRITE, roles(*FOR_COMPANIES)]
_READ = scope("trainers:read")


@router.post("/trainers", status_code=201, response_model=TrainerView, dependencies=_BY_WHO_SIGNS_UP)
async def apply(command: TrainerBody, caller: Caller, tx: InTx) -> Trainer:
    """Apply as a trainer, for oneself or for somebody of one's company or region."""
    own = caller.trainer if CallerRole.TRAINER in caller.roles else None
    return await _applied(tx, caller, own or new_id(), command)


@router.put("/trainers/{trainer_id}", response_model=TrainerView, dependencies=[*_BY_WHO_SIGNS_UP, creates_resource()])
async def put(
    trainer_id: UUID, command: TrainerBody, caller: Caller, tx: InTx, expected: IfMatchWhereItExists
) -> Trainer:
    """Apply under an id of your own, or put personal details right (with If-Match): the person does, or a desk."""
    known = await queries.own(tx, caller, trainer_id)
    if known is None:
        return await _applied(tx, caller, check_chosen(trainer_id, "trainerId"), command)
    _must_speak_for(caller, known)
    await spoken_for(tx, caller, known, command, Act.CORRECT)
    if "was_trainer_before" in command.model_fields_set and command.was_trainer_before != known.was_trainer_before:
        raise DeclaredOtherwise
    corrected = await usecases.update_details(tx, known, command.person(), command.company_id)
    if corrected.version != known.version:
        expected.check(known.version)
    return corrected


@router.get("/trainers", response_model=Page[TrainerView], dependencies=[_READ])
async def find(
    caller: Caller, tx: InTx, paging: Paging, status: Status | None = None, company_id: UUID | None = None
) -> Paged[TrainerView]:
    """Find your trainers, without names; a desk is shown who may be the same person. Who looked is recorded."""
    page = await queries.page(tx, caller, paging, status=status, company_id=company_id)
    await record_processing(tx, caller, SHOW_TRAINER, *(trainer.id for trainer in page.items))
    alike = await queries.look_alikes(tx, caller, page.items)
    redacted = await queries.redact_for(tx, caller, page.items)
    shown = [without_name(trainer, alike[trainer.id]) for trainer in redacted]
    return Paged(shown, page.next_cursor)


@router.get("/trainers/{trainer_id}", response_model=TrainerPersonView, dependencies=[_READ])
async def show(trainer_id: UUID, caller: Caller, tx: InTx) -> TrainerPersonView:
    """Show a trainer, nothing personal to a company that is not confirmed yet. Who looked is recorded."""
    known = await queries.one(tx, caller, trainer_id)
    await record_processing(tx, caller, SHOW_TRAINER, trainer_id)
    [trainer] = await queries.redact_for(tx, caller, [known])
    if await queries.with_pending_employer(tx, caller, [known]):
        return with_name(trainer, [], missing=())
    alike = await queries.look_alikes(tx, caller, [trainer])
    shown = with_name(
        trainer, await queries.qualifications_of(tx, trainer_id), missing=await usecases.missing(tx, trainer)
    )
    return shown.model_copy(update={"possible_duplicates": alike[trainer_id]})


@router.post("/trainers/{trainer_id}/_confirm", response_model=TrainerView, dependencies=_BY_THE_PERSON)
async def confirm(trainer_id: UUID, caller: Caller, tx: InTx, command: OnTheirWord | None = None) -> Trainer:
    """Confirm one's own application; a desk may do so on somebody's word."""
    await _spoken_for(tx, caller, trainer_id, command, Act.CONFIRM)
    return await usecases.confirm(tx, trainer_id)


@router.put(
    "/trainers/{trainer_id}/consent", response_model=TrainerView, dependencies=[*_BY_THE_PERSON, creates_resource()]
)
async def give_consent(trainer_id: UUID, command: ConsentBody, caller: Caller, tx: InTx) -> Trainer:
    """Agree to be in the talent pool until a day."""
    await _spoken_for(tx, caller, trainer_id, command, Act.GIVE_CONSENT)
    return await usecases.give_consent(tx, trainer_id, command.until)


@router.delete(
    "/trainers/{trainer_id}/consent",
    response_model=TrainerView,
    dependencies=[_WRITE, roles(CallerRole.TRAINER), creates_resource()],
)
async def delete_consent(trainer_id: UUID, caller: Caller, tx: InTx) -> Trainer:
    """Take one's own consent back, at any time: no version is asked for. A desk asks ``_withdraw-consent``."""
    await _spoken_for(tx, caller, trainer_id, None, Act.WITHDRAW_CONSENT)
    return await usecases.withdraw_consent(tx, trainer_id)


@router.post("/trainers/{trainer_id}/_withdraw-consent", response_model=TrainerView, dependencies=_BY_THE_PERSON)
async def withdraw_consent(trainer_id: UUID, caller: Caller, tx: InTx, command: OnTheirWord | None = None) -> Trainer:
    """Take the consent back, at any time."""
    await _spoken_for(tx, caller, trainer_id, command, Act.WITHDRAW_CONSENT)
    return await usecases.withdraw_consent(tx, trainer_id)


@router.put("/trainers/{trainer_id}/profile", response_model=TrainerView, dependencies=_BY_THE_PERSON)
async def describe(trainer_id: UUID, command: ProfileBody, caller: Caller, tx: InTx, match: IfMatch) -> Trainer:
    """Say what a trainer offers; the first time begins the intake."""
    trainer = await _spoken_for(tx, caller, trainer_id, command, Act.DESCRIBE)
    match.check(trainer.version)
    return await usecases.update_profile(tx, trainer, command.profile())


@router.put(
    "/trainers/{trainer_id}/vog", response_model=VogShownView, dependencies=[*_BY_WHO_SAW_IT, creates_resource()]
)
async def show_vog(trainer_id: UUID, command: VogBody, caller: Caller, tx: InTx) -> VogShownView:
    """Note that a certificate of conduct was shown and seen; nobody sees their own.

    A school does so while a contract with it runs, and is answered nothing else of the trainer.
    """
    await queries.shown_to(tx, caller, trainer_id)
    vog = Vog(issued_on=command.issued_on, shown_on=command.shown_on, seen_by=command.seen_by)
    await usecases.show_vog(tx, trainer_id, vog)
    return VogShownView.model_validate({"id": trainer_id, "vog": vog})


@router.post("/trainers/{trainer_id}/_employer-agree", response_model=TrainerView, dependencies=_BY_THE_EMPLOYER)
async def employer_agree(
    trainer_id: UUID, caller: Caller, tx: InTx, command: EmployerAgreementBody | None = None
) -> Trainer:
    """Agree as the employer that an employee teaches, in principle, and for how many minutes a week at most.

    Agreed again with another number the limit is another one, with null there is none; without a body it stays.
    """
    trainer = await queries.one(tx, caller, trainer_id)
    if trainer.company_id is not None:
        caller.must_act_for(companies=trainer.employer_id)
    # Agreed again without a word on hours, the limit stays.
    limit = trainer.employer_minutes if command is None else command.minutes_per_week
    return await usecases.employer_agrees(tx, trainer_id, minutes_per_week=limit)


@router.post("/trainers/{trainer_id}/_available", response_model=TrainerView, dependencies=_BY_THE_PERSON)
async def available(trainer_id: UUID, caller: Caller, tx: InTx, command: OnTheirWord | None = None) -> Trainer:
    """Ask for proposals."""
    await _spoken_for(tx, caller, trainer_id, command, Act.BECOME_AVAILABLE)
    return await usecases.become_available(tx, trainer_id)


@router.post("/trainers/{trainer_id}/_pause", response_model=TrainerView, dependencies=_BY_THE_PERSON)
async def pause(trainer_id: UUID, caller: Caller, tx: InTx, command: OnTheirWord | None = None) -> Trainer:
    """Want no proposals for a while."""
    await _spoken_for(tx, caller, trainer_id, command, Act.PAUSE)
    return await usecases.pause(tx, trainer_id)


@router.post("/trainers/{trainer_id}/_leave", response_model=TrainerView, dependencies=_BY_THE_PERSON)
async def leave(trainer_id: UUID, command: LeaveBody, caller: Caller, tx: InTx) -> Trainer:
    """Leave the programme; whatever is open falls away."""
    await _spoken_for(tx, caller, trainer_id, command, Act.LEAVE)
    return await usecases.leave(tx, trainer_id, command.reason)


@router.post("/trainers/{trainer_id}/_merge", response_model=TrainerView, dependencies=[_WRITE, roles(CallerRole.DESK)])
async def merge(trainer_id: UUID, command: MergeBody, caller: Caller, tx: InTx) -> Trainer:
    """Have this record leave because another one of the same person stays, as the desk that has compared them."""
    trainer, into = await queries.one(tx, caller, trainer_id), await queries.one(tx, caller, command.into)
    caller.must_act_for(regions=trainer.region)
    caller.must_act_for(regions=into.region)
    return await usecases.merge(tx, trainer_id, into)


@router.post("/trainers/{trainer_id}/_erase", response_model=ErasureView, dependencies=_BY_THE_PERSON)
async def erase(trainer_id: UUID, caller: Caller, tx: InTx, command: OnTheirWord | None = None) -> ErasureView:
    """Forget a person, here and in every other service."""
    await _spoken_for(tx, caller, trainer_id, command, Act.ERASE)
    await usecases.erase(tx, trainer_id)
    return await _erasure(tx, trainer_id)


@router.get("/trainers/{trainer_id}/erasure", response_model=ErasureView, dependencies=[_READ])
async def erasure(trainer_id: UUID, caller: Caller, tx: InTx) -> ErasureView:
    """Show which services have forgotten a person."""
    return await _erasure(tx, (await queries.one(tx, caller, trainer_id)).id)


@router.get("/trainers/{trainer_id}/export", response_model=ExportView, dependencies=[_READ])
async def export(trainer_id: UUID, caller: Caller, tx: InTx, now: Now) -> ExportView:
    """Hand out everything that the registry keeps of a person, who looked at it last included.

    Everybody who looked at it is in `/trainers/{trainerId}/processings`, page by page.
    """
    trainer = await queries.one(tx, caller, trainer_id)
    _must_speak_for(caller, trainer)
    await record_processing(tx, caller, EXPORT_TRAINER, trainer_id)
    qualifications = await queries.qualifications_of(tx, trainer_id)
    return ExportView(
        exported_at=now,
        trainer=with_name(trainer, list(qualifications), missing=await usecases.missing(tx, trainer)),
        contracts=[EngagementView.model_validate(one) for one in await queries.contracts_of(tx, trainer_id)],
        words_given=[WordGivenView.model_validate(one) for one in await given_word_queries.of_trainer(tx, trainer_id)],
        processings=[ProcessingView.model_validate(one) for one in await queries.processings(tx, trainer_id)],
    )


@router.get("/trainers/{trainer_id}/processings", response_model=Page[ProcessingView], dependencies=[_READ])
async def processings(trainer_id: UUID, caller: Caller, tx: InTx, paging: Paging) -> Paged[Any]:
    """List who read a person's data, when and why, the newest first; to the person, or who speaks for them."""
    _must_speak_for(caller, await queries.one(tx, caller, trainer_id))
    await record_processing(tx, caller, EXPORT_TRAINER, trainer_id)
    return await queries.all_processings(tx, paging, trainer_id)


async def _applied(tx: InTx, caller: Caller, trainer_id: UUID, command: TrainerBody) -> Trainer:
    # First of all: a caller who may not apply in that name learns nothing about the address or the company.
    region = (await the_area_of(tx, command.postcode)).region
    caller.must_act_for(trainers=trainer_id, companies=command.company_id, regions=region)
    trainer = await usecases.apply(
        tx,
        trainer_id,
        command.person(),
        company_id=command.company_id,
        was_trainer_before=command.was_trainer_before,
        applicant=_applicant(caller, trainer_id),
    )
    await may_say(tx, caller, trainer, command)
    return trainer


def _applicant(caller: Caller, trainer_id: UUID) -> Applicant | None:
    """Return who applies for somebody else: the token of a person has one trainer id, and that one applies once."""
    if caller.sees(trainers=trainer_id):
        return None
    return Applicant(by=caller.actor, is_desk=CallerRole.DESK in caller.roles)


async def _spoken_for(tx: InTx, caller: Caller, trainer_id: UUID, said: OnTheirWord | None, act: Act) -> Trainer:
    """Return the trainer where the person asks, or the desk that helps them, on their word."""
    trainer = await queries.one(tx, caller, trainer_id)
    _must_speak_for(caller, trainer)
    await spoken_for(tx, caller, trainer, said, act)
    return trainer


def _must_speak_for(caller: Caller, trainer: Trainer) -> None:
    """Check that it is the person, or the desk that helps them; an employer cannot agree in their place."""
    caller.must_act_for(trainers=trainer.id, regions=trainer.region)


async def _erasure(tx: InTx, trainer_id: UUID) -> ErasureView:
    confirmed = await queries.erasure(tx, trainer_id)
    return ErasureView(
        trainer_id=trainer_id,
        complete=confirmed.keys() >= set(queries.SERVICES),
        services=[
            ErasedView.model_validate(confirmed[service])
            if service in confirmed
            else ErasedView(service=service, confirmed_at=None, rows=None)
            for service in queries.SERVICES
        ],
    )
