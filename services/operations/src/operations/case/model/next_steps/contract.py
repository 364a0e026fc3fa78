"""A contract: checked, signed, worked under and ended."""

from __future__ import annotations

from typing import Final

from common.clock import beginning_of
from events.contracts import (
    ActivationHeld,
    ContractActivated,
    ContractAmended,
    ContractCancelled,
    ContractDissolved,
    ContractDrafted,
    ContractEnded,
    ContractExpired,
    ContractExtended,
    ContractExtensionExpired,
    ContractExtensionOffered,
    ContractExtensionRefused,
    ContractHeldForReview,
    ContractOffered,
    ContractRefused,
    ContractResumed,
    ContractReturned,
    ContractSigned,
    ContractSubmitted,
    ContractSuspended,
    EndedForCause,
    EndingAgreed,
    EndingConsented,
    EndingDropped,
    EndingEvent,
    EndingProposed,
    NoticeGiven,
    SignatureGiven,
)
from operations.case.model.open_step import DONE, SYSTEM, UNMOVED, After, Reaction, Step

CHECK: Final = Step("check_contract", nl="Contract toetsen", en="Check the contract")
REVIEW: Final = Step("review_contract", nl="Contract beoordelen", en="Review the contract")
COMPLETE: Final = Step(
    "complete_contract",
    nl="Contract aanvullen en opnieuw indienen",
    en="Complete the contract and hand it in again",
)
SIGN: Final = Step("sign_contract", nl="Contract ondertekenen", en="Sign the contract")
START: Final = Step("start_contract", nl="Contract laten ingaan", en="Start the contract")
COMPLETE_FOR_START: Final = Step(
    "complete_for_start", nl="Ontbrekende gegevens aanvullen", en="Complete what the start needs"
)
TEACH: Final = Step("teach", nl="Lesgeven en uren indienen", en="Teach and submit hours", waits=True)
RESUME: Final = Step("resume_work", nl="Werk hervatten", en="Resume the work", waits=True)

ANSWER_ENDING: Final = Step(
    "answer_ending", nl="Voorstel om eerder te eindigen beantwoorden", en="Answer the proposal to end earlier"
)


def _as_it_stands(event: EndingEvent) -> Reaction:
    """Return the step that was open before an earlier end was proposed: it goes on until the last day."""
    if event.standing == "signed":
        return START.by(SYSTEM, due_at=beginning_of(event.starts_on))
    return RESUME.by("school") if event.standing == "suspended" else TEACH.by("trainer")


after: Final = After()
after(ContractDrafted, ContractAmended, ContractSubmitted, then=CHECK.by(SYSTEM))
after(ContractReturned, then=COMPLETE.by("school"))
after(ContractHeldForReview, then=REVIEW.by(SYSTEM))
after(ContractOffered, then=lambda event: SIGN.by(*event.mandatory, due_at=event.sign_before))
after(ContractExtensionOffered, then=lambda event: SIGN.by(*event.mandatory, due_at=event.sign_before))
# What the last mandatory signature brings about says what is next; a party that was only invited owes nothing.
after(SignatureGiven, then=lambda event: SIGN.by(*event.left, keeps_due=True) if event.left else UNMOVED)
after(ContractSigned, then=lambda event: START.by(SYSTEM, due_at=beginning_of(event.starts_on)))
after(ActivationHeld, then=COMPLETE_FOR_START.by("trainer", "school"))
after(
    ContractActivated,
    ContractResumed,
    ContractExtended,
    ContractExtensionRefused,
    ContractExtensionExpired,
    then=TEACH.by("trainer"),
)
after(EndingProposed, then=lambda event: ANSWER_ENDING.by(*event.asked, due_at=event.answer_before))
after(EndingConsented, then=lambda event: ANSWER_ENDING.by(*event.left, due_at=event.answer_before))
after(EndingAgreed, EndingDropped, NoticeGiven, then=_as_it_stands)
after(EndedForCause, then=UNMOVED)
after(ContractSuspended, then=RESUME.by("school"))
after(ContractCancelled, ContractDissolved, ContractEnded, ContractExpired, ContractRefused, then=DONE)
