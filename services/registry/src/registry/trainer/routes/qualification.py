"""Qualifications over HTTP: claimed by the trainer's side, checked by the desk."""

from __future__ import annotations

from uuid import UUID

from common.caller import FOR_COMPANIES, CallerRole
from common.persistence.processing_log import record_processing
from common.web import Caller, InTx, Router, creates_resource, roles, scope
from registry.fields import SHOW_TRAINER, check_chosen, new_id
from registry.trainer import queries
from registry.trainer.model.qualification import Qualification
from registry.trainer.usecases import qualification as usecases
from registry.trainer.views.qualification import ClaimBody, EvidenceBody, QualificationView, RejectBody, VerifyBody

router = Router(tags=["Qualifications"])
_CLAIM = [scope("qualifications:write"), roles(*FOR_COMPANIES, CallerRole.TRAINER, CallerRole.DESK)]
_CHECK = [scope("qualifications:write"), roles(CallerRole.DESK)]
"""Nobody verifies a qualification that they claim themselves."""


@router.post(
    "/trainers/{trainer_id}/qualifications", status_code=201, response_model=QualificationView, dependencies=_CLAIM
)
async def claim(trainer_id: UUID, command: ClaimBody, caller: Caller, tx: InTx) -> Qualification:
    """Say that a trainer holds a qualification."""
    trainer = await queries.must_be_confirmed(tx, caller, await queries.one(tx, caller, trainer_id))
    return await _claimed(tx, new_id(), trainer.id, command)


@router.put(
    "/trainers/{trainer_id}/qualifications/{qualification_id}",
    response_model=QualificationView,
    dependencies=[*_CLAIM, creates_resource()],
)
async def put_claim(
    trainer_id: UUID, qualification_id: UUID, command: ClaimBody, caller: Caller, tx: InTx
) -> Qualification:
    """Say so under an id of your own; what was claimed stays as it was."""
    await queries.must_be_confirmed(tx, caller, await queries.one(tx, caller, trainer_id))
    return await _claimed(tx, check_chosen(qualification_id, "qualificationId"), trainer_id, command)


@router.get(
    "/qualifications/{qualification_id}",
    response_model=QualificationView,
    dependencies=[scope("qualifications:read")],
)
async def show(qualification_id: UUID, caller: Caller, tx: InTx) -> Qualification:
    """Show a qualification. Who looked is recorded with the trainer."""
    qualification = await queries.qualification(tx, caller, qualification_id)
    await record_processing(tx, caller, SHOW_TRAINER, qualification.trainer_id)
    return qualification


@router.post(
    "/qualifications/{qualification_id}/_submit-evidence", response_model=QualificationView, dependencies=_CLAIM
)
async def submit_evidence(qualification_id: UUID, command: EvidenceBody, caller: Caller, tx: InTx) -> Qualification:
    """Hand in evidence, in words."""
    return await usecases.submit_evidence(tx, await _own(tx, caller, qualification_id), command.evidence)


@router.post("/qualifications/{qualification_id}/_review", response_model=QualificationView, dependencies=_CHECK)
async def review(qualification_id: UUID, caller: Caller, tx: InTx) -> Qualification:
    """Begin to check the evidence."""
    return await usecases.review(tx, await _own(tx, caller, qualification_id))


@router.post("/qualifications/{qualification_id}/_verify", response_model=QualificationView, dependencies=_CHECK)
async def verify(qualification_id: UUID, command: VerifyBody, caller: Caller, tx: InTx) -> Qualification:
    """Find the evidence right."""
    return await usecases.verify(tx, await _own(tx, caller, qualification_id), valid_until=command.valid_until)


@router.post("/qualifications/{qualification_id}/_reject", response_model=QualificationView, dependencies=_CHECK)
async def reject(qualification_id: UUID, command: RejectBody, caller: Caller, tx: InTx) -> Qualification:
    """Find that the evidence does not do; other evidence may."""
    return await usecases.reject(tx, await _own(tx, caller, qualification_id), command.reason)


@router.post("/qualifications/{qualification_id}/_revoke", response_model=QualificationView, dependencies=_CHECK)
async def revoke(qualification_id: UUID, caller: Caller, tx: InTx) -> Qualification:
    """Take a verified qualification back."""
    return await usecases.revoke(tx, await _own(tx, caller, qualification_id))


async def _claimed(tx: InTx, id_: UUID, trainer_id: UUID, command: ClaimBody) -> Qualification:
    return await usecases.claim(tx, id_, trainer_id, command.code, subject=command.subject, evidence=command.evidence)


async def _own(tx: InTx, caller: Caller, qualification_id: UUID) -> UUID:
    return (await queries.qualification(tx, caller, qualification_id)).id
