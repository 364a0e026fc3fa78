"""May this person teach this, here, so long? Asked before there is a vacancy, a proposal or a contract."""

from __future__ import annotations

from common.caller import FOR_SCHOOLS, CallerRole
from common.errors import Invalid, InvalidParam, Message
from common.persistence.processing_log import record_processing
from common.web import Caller, InTx, Router, roles, scope
from registry.eligibility import usecases
from registry.eligibility.views import EligibilityAsked, EligibilityView
from registry.fields import SHOW_TRAINER

router = Router(tags=["Trainers"])
_ASK = [scope("trainers:read"), roles(*FOR_SCHOOLS, CallerRole.TRAINER, CallerRole.DESK)]


@router.post("/eligibility", response_model=EligibilityView, dependencies=_ASK)
async def ask(command: EligibilityAsked, caller: Caller, tx: InTx) -> EligibilityView:
    """Ask whether a trainer may do this work; if not, what is missing and which ways lead there.

    For the trainer, the desk of the region, and a school at which the trainer works. Nothing is kept but that it was
    asked. The verdict is that of the rules by which `matching` and `contracts` judge; what only they know, such as
    hours taught and contracts of before, counts as far as it is given here.
    """
    trainer = await usecases.visible(tx, caller, command.trainer_id)
    if command.ends_on is not None and command.ends_on < command.starts_on:
        raise Invalid(InvalidParam("endsOn", Message("must not be before startsOn"), "out-of-order"))
    await record_processing(tx, caller, SHOW_TRAINER, trainer.id)
    return EligibilityView.of(*await usecases.eligibility(tx, caller, trainer, command.organisation_id, command.work()))
