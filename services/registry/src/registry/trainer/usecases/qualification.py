"""Use cases of a qualification, from the claim to its last day."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from common.clock import end_of
from common.errors import Conflict, Invalid, InvalidParam, Message, NotFound
from common.persistence.transaction import Tx
from events import Event
from registry.reference import store as reference_store
from registry.trainer.model.qualification import Qualification, RejectedReason
from registry.trainer.model.trainer import TAKING_PART, NotTakingPart
from registry.trainer.store import qualifications, trainers
from registry.trainer.usecases.trainer import requalify
from rules.qualification import Credential

EXPIRES: Final = "qualification.expires"


class ClaimedOtherwise(Conflict):
    """Another qualification, or other evidence, was handed in under this id."""


async def claim(
    tx: Tx, id_: UUID, trainer_id: UUID, code: Credential, *, subject: str | None, evidence: str | None
) -> Qualification:
    """Say that a trainer holds a qualification; with evidence it goes on to the check.

    Under an id that is there already nothing is said anew.

    Raises:
        NotFound: the id is of a qualification of another trainer.
        ClaimedOtherwise: it is of another claim of this one.
        NotTakingPart: the trainer has left, or has not confirmed yet.
    """
    known = await qualifications.find(tx, id_)
    if known is not None:
        if known.trainer_id != trainer_id:
            raise NotFound(what="qualification", id=id_)
        if (known.code, known.subject) != (code, subject) or evidence not in {None, known.evidence}:
            raise ClaimedOtherwise
        return known
    await _check_taking_part(tx, trainer_id)
    if subject is not None and subject not in await reference_store.trade_codes(tx):
        raise Invalid(InvalidParam("subject", Message("There is no such trade or subject"), "unknown"))
    claimed, events = Qualification(id=id_, trainer_id=trainer_id, code=code, subject=subject).claim()
    if evidence is not None:
        claimed, submitting = claimed.submit_evidence(evidence)
        events = [*events, *submitting]
    qualification = await qualifications.add(tx, claimed, events)
    await requalify(tx, trainer_id)
    return qualification


async def submit_evidence(tx: Tx, id_: UUID, evidence: str) -> Qualification:
    """Hand in evidence.

    Raises:
        NotTakingPart: the trainer has left: what is said of somebody who was erased would be forgotten by nobody.
    """
    qualification = await qualifications.get(tx, id_)
    await _check_taking_part(tx, qualification.trainer_id)
    return await _apply(tx, *qualification.submit_evidence(evidence))


async def review(tx: Tx, id_: UUID) -> Qualification:
    """Begin to check it."""
    return await _apply(tx, *(await qualifications.get(tx, id_)).review())


async def verify(tx: Tx, id_: UUID, *, valid_until: date | None) -> Qualification:
    """Find it right; whoever opened the transaction checked it."""
    qualification = await qualifications.get(tx, id_)
    verified = await _apply(tx, *qualification.verify(by=tx.actor, today=tx.today, valid_until=valid_until))
    if valid_until is not None:
        await tx.set_deadline(EXPIRES, id_, end_of(valid_until), case=verified.trainer_id)
    return verified


async def reject(tx: Tx, id_: UUID, reason: RejectedReason) -> Qualification:
    """Find that the evidence does not show it."""
    return await _apply(tx, *(await qualifications.get(tx, id_)).reject(reason))


async def revoke(tx: Tx, id_: UUID) -> Qualification:
    """Take it back."""
    await tx.cancel_deadline(EXPIRES, id_)
    return await _apply(tx, *(await qualifications.get(tx, id_)).revoke())


async def expire(tx: Tx, id_: UUID) -> None:
    """Let it end after its last day."""
    await _apply(tx, *(await qualifications.get(tx, id_)).expire(tx.today))


async def _check_taking_part(tx: Tx, trainer_id: UUID) -> None:
    # Locked: an erasure at this very moment forgets the evidence that it sees.
    trainer = await trainers.get(tx, trainer_id, lock=True)
    if trainer.status not in TAKING_PART:
        raise NotTakingPart(status=trainer.status.value)


async def _apply(tx: Tx, qualification: Qualification, events: list[Event]) -> Qualification:
    applied = await qualifications.apply(tx, qualification, events)
    if events:
        await requalify(tx, qualification.trainer_id)
    return applied
