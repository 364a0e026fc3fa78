"""What has to happen next in a case, who owes it and until when: one open step per subject, moved by its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, TypeVar
from uuid import UUID

from common.clock import beginning_of, end_of
from events import Event
from events.catalogue import contracts, flow, matching, registry

SYSTEM: Final = "programme"
"""The owner where no party has to do anything: the system itself, watched by the programme."""

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """Something that somebody owes: a code with texts in both languages, its owners and its end, if there is one."""

    what: str
    owners: tuple[str, ...]
    due_at: datetime | None = None
    keeps_due: bool = False
    """Whether an earlier step's end stays in force."""
    waits: bool = False
    """Only shown where nothing else is open: a vacancy that looks for somebody, a trainer that is available."""


class Unmoved(Enum):
    """An event after which its subject owes what it owed before."""

    UNMOVED = "unmoved"


UNMOVED: Final = Unmoved.UNMOVED

Reaction = OpenStep | Unmoved | None
"""The subject's next step; None where nothing is owed any more."""

_REACTIONS: Final[dict[type[Event], Callable[[Any], Reaction]]] = {}


def _after(event: type[E], react: Callable[[E], Reaction]) -> None:
    _REACTIONS[event] = react


def next_step(event: Event) -> Reaction:
    """Return what its subject owes after the event; a type that nobody entered here moves nothing."""
    react = _REACTIONS.get(type(event))
    return UNMOVED if react is None else react(event)


def soonest(steps: Mapping[UUID, OpenStep]) -> OpenStep | None:
    """Return the step that a case shows: the one that ends first; one that merely waits only when it is alone."""
    at_work = [step for step in steps.values() if not step.waits] or list(steps.values())
    return min(
        at_work,
        key=lambda step: (step.due_at is None, step.due_at or datetime.max.replace(tzinfo=UTC), step.what),
        default=None,
    )


def _done(_: Event) -> Reaction:
    return None


def _to_sign(mandatory: Iterable[str], before: datetime) -> OpenStep:
    return OpenStep(what="sign_contract", owners=tuple(mandatory), due_at=before)


for _event in (
    registry.TrainerAnonymised,
    registry.TrainerExpired,
    registry.TrainerLeft,
    registry.OrganisationRegistered,
    registry.OrganisationMoveEnded,
    registry.PolicyChangeApproved,
    registry.PolicyChangeRejected,
    registry.BottleneckAnswered,
    registry.ConsentGiven,
    registry.ConsentWithdrawn,
    registry.ConsentExpired,
    registry.QualificationVerified,
    registry.QualificationRevoked,
    registry.VacancyExpired,
    registry.VacancyFilled,
    registry.VacancyWithdrawn,
    registry.VacancyClosed,
    matching.ProposalConverted,
    matching.ProposalDeclined,
    matching.ProposalExpired,
    matching.ProposalLapsed,
    matching.ProposalWithdrawn,
    contracts.ContractCancelled,
    contracts.ContractDissolved,
    contracts.ContractEnded,
    contracts.ContractExpired,
    contracts.ContractRefused,
    contracts.HoursApproved,
    contracts.HoursReversed,
    flow.EventDiscarded,
):
    _after(_event, _done)

_after(
    registry.OrganisationApplied,
    lambda event: OpenStep(what="confirm_organisation", owners=("desk" if event.region else SYSTEM,)),
)
_after(
    registry.OrganisationMoveAsked,
    lambda event: OpenStep(what="answer_move", owners=("school",), due_at=event.answer_before),
)
_after(registry.PolicyChangeProposed, lambda _: OpenStep(what="approve_policy_change", owners=(SYSTEM,)))
_after(
    registry.BottleneckReported,
    lambda event: OpenStep(what="answer_bottleneck", owners=(SYSTEM,), due_at=end_of(event.answer_before)),
)
_after(registry.TrainerApplied, lambda _: OpenStep(what="confirm_application", owners=("trainer",)))
_after(registry.TrainerConfirmed, lambda _: OpenStep(what="complete_intake", owners=("trainer",)))
_after(registry.TrainerIntakeStarted, lambda _: OpenStep(what="become_available", owners=("trainer", "company")))
_after(registry.TrainerAvailable, lambda _: OpenStep(what="wait_for_proposal", owners=(SYSTEM,), waits=True))
_after(registry.TrainerPaused, lambda _: OpenStep(what="resume", owners=("trainer",), waits=True))
_after(
    registry.ConsentExpiring,
    lambda event: OpenStep(what="renew_consent", owners=("trainer",), due_at=end_of(event.until)),
)
for _asked in (registry.QualificationClaimed, registry.QualificationRejected, registry.QualificationExpired):
    _after(_asked, lambda _: OpenStep(what="submit_evidence", owners=("trainer",), waits=True))
for _shown in (registry.QualificationEvidenceSubmitted, registry.QualificationInReview):
    _after(_shown, lambda _: OpenStep(what="check_evidence", owners=(SYSTEM,)))

_after(registry.VacancyDrafted, lambda _: OpenStep(what="post_vacancy", owners=("school",)))
for _posted in (registry.VacancyPosted, registry.VacancyReopened, matching.WaitlistPromoted):
    _after(_posted, lambda _: OpenStep(what="find_candidate", owners=(SYSTEM,), waits=True))
_after(
    matching.VacancyWaiting,
    lambda event: OpenStep(
        what="help_waiting_vacancy" if event.escalated else "find_candidate",
        owners=("desk",) if event.escalated else (SYSTEM,),
        waits=not event.escalated,
    ),
)

_after(
    matching.ProposalMade,
    lambda event: OpenStep(what="answer_proposal", owners=tuple(event.asked), due_at=event.answer_before),
)
_after(
    matching.ProposalConsented,
    lambda event: (
        OpenStep(what="answer_proposal", owners=tuple(event.left), keeps_due=True)
        if event.left
        else OpenStep(what="accept_proposal", owners=(SYSTEM,))
    ),
)
_after(
    matching.ProposalReminded,
    lambda event: OpenStep(what="answer_proposal", owners=tuple(event.left), due_at=event.answer_before),
)
_after(matching.ProposalAccepted, lambda _: OpenStep(what="draft_contract", owners=(SYSTEM,)))

for _handed_in in (contracts.ContractDrafted, contracts.ContractAmended, contracts.ContractSubmitted):
    _after(_handed_in, lambda _: OpenStep(what="check_contract", owners=(SYSTEM,)))
_after(contracts.ContractReturned, lambda _: OpenStep(what="complete_contract", owners=("school",)))
_after(contracts.ContractHeldForReview, lambda _: OpenStep(what="review_contract", owners=(SYSTEM,)))
_after(contracts.ContractOffered, lambda event: _to_sign(event.mandatory, event.sign_before))
_after(contracts.ContractExtensionOffered, lambda event: _to_sign(event.mandatory, event.sign_before))
_after(
    contracts.SignatureGiven,
    # After the last mandatory signature what it brings about says what is next; who was only invited owes nothing.
    lambda event: OpenStep(what="sign_contract", owners=tuple(event.left), keeps_due=True) if event.left else UNMOVED,
)
_after(
    contracts.ContractSigned,
    lambda event: OpenStep(what="start_contract", owners=(SYSTEM,), due_at=beginning_of(event.starts_on)),
)
_after(contracts.ActivationHeld, lambda _: OpenStep(what="complete_for_start", owners=("trainer", "school")))
for _at_work in (
    contracts.ContractActivated,
    contracts.ContractResumed,
    contracts.ContractExtended,
    contracts.ContractExtensionRefused,
    contracts.ContractExtensionExpired,
):
    _after(_at_work, lambda _: OpenStep(what="teach", owners=("trainer",), waits=True))
_after(contracts.ContractSuspended, lambda _: OpenStep(what="resume_work", owners=("school",), waits=True))

_after(contracts.HoursSubmitted, lambda _: OpenStep(what="approve_hours", owners=("school",)))
for _corrected in (contracts.HoursRejected, contracts.HoursRevised):
    _after(_corrected, lambda _: OpenStep(what="correct_hours", owners=("trainer",)))

_after(flow.EventParked, lambda _: OpenStep(what="redrive_event", owners=("operator",)))
_after(flow.EventsRedriven, lambda event: OpenStep(what="redrive_event", owners=("operator",)) if event.left else None)

ENDS_THE_CASE: Final = (registry.TrainerExpired, registry.TrainerLeft, registry.TrainerAnonymised)
"""After these nothing is owed about the person any more: no evidence, no consent."""
