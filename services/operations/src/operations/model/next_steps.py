"""What has to happen next in a case, who owes it and until when: one open step per subject, moved by its events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from events import Event
from events.contracts import (
    ActivationHeld,
    AssignmentEnded,
    ContractActivated,
    ContractCancelled,
    ContractDissolved,
    ContractDrafted,
    ContractEnded,
    ContractExpired,
    ContractHeldForReview,
    ContractOffered,
    ContractRefused,
    ContractSigned,
    HoursApproved,
    HoursRejected,
    HoursReversed,
    HoursSubmitted,
    SignatureGiven,
)
from events.flow import EventDiscarded, EventParked, EventsRedriven
from events.matching import (
    ProposalAccepted,
    ProposalConsented,
    ProposalConverted,
    ProposalDeclined,
    ProposalExpired,
    ProposalLapsed,
    ProposalMade,
    ProposalReminded,
    ProposalWithdrawn,
    VacancyWaiting,
    WaitlistPromoted,
)
from events.registry import (
    TrainerAnonymised,
    TrainerApplied,
    TrainerAvailable,
    TrainerConfirmed,
    TrainerExpired,
    TrainerIntakeStarted,
    TrainerLeft,
    TrainerPaused,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
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


Reaction = OpenStep | None
"""The subject's next step; None where nothing is owed any more."""

_REACTIONS: Final[dict[type[Event], Callable[[Any], Reaction]]] = {}


def _after(event: type[E], react: Callable[[E], Reaction]) -> None:
    _REACTIONS[event] = react


def knows(event: Event) -> bool:
    """Whether the event moves its subject's open step."""
    return type(event) in _REACTIONS


def next_step(event: Event) -> Reaction:
    """Return what its subject owes after the event."""
    return _REACTIONS[type(event)](event)


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


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


for _event in (
    TrainerAnonymised,
    TrainerExpired,
    TrainerLeft,
    VacancyExpired,
    VacancyFilled,
    VacancyWithdrawn,
    ProposalConverted,
    ProposalDeclined,
    ProposalExpired,
    ProposalLapsed,
    ProposalWithdrawn,
    ContractCancelled,
    ContractDissolved,
    ContractEnded,
    ContractExpired,
    ContractRefused,
    AssignmentEnded,
    HoursApproved,
    HoursReversed,
    EventDiscarded,
):
    _after(_event, _done)

_after(TrainerApplied, lambda _: OpenStep(what="confirm_application", owners=("trainer",)))
_after(TrainerConfirmed, lambda _: OpenStep(what="complete_intake", owners=("trainer",)))
_after(TrainerIntakeStarted, lambda _: OpenStep(what="become_available", owners=("trainer", "company")))
_after(TrainerAvailable, lambda _: OpenStep(what="wait_for_proposal", owners=(SYSTEM,), waits=True))
_after(TrainerPaused, lambda _: OpenStep(what="resume", owners=("trainer",), waits=True))

for _posted in (VacancyPosted, VacancyReopened, WaitlistPromoted):
    _after(_posted, lambda _: OpenStep(what="find_candidate", owners=(SYSTEM,), waits=True))
_after(
    VacancyWaiting,
    lambda event: OpenStep(
        what="help_waiting_vacancy" if event.escalated else "find_candidate",
        owners=("desk",) if event.escalated else (SYSTEM,),
        waits=not event.escalated,
    ),
)

_after(
    ProposalMade, lambda event: OpenStep(what="answer_proposal", owners=tuple(event.asked), due_at=event.answer_before)
)
_after(
    ProposalConsented,
    lambda event: (
        OpenStep(what="answer_proposal", owners=tuple(event.left), keeps_due=True)
        if event.left
        else OpenStep(what="accept_proposal", owners=(SYSTEM,))
    ),
)
_after(
    ProposalReminded,
    lambda event: OpenStep(what="answer_proposal", owners=tuple(event.left), due_at=event.answer_before),
)
_after(ProposalAccepted, lambda _: OpenStep(what="draft_contract", owners=(SYSTEM,)))

_after(ContractDrafted, lambda _: OpenStep(what="check_contract", owners=(SYSTEM,)))
_after(ContractHeldForReview, lambda _: OpenStep(what="review_contract", owners=(SYSTEM,)))
_after(
    ContractOffered,
    lambda event: OpenStep(what="sign_contract", owners=tuple(event.mandatory), due_at=event.sign_before),
)
_after(SignatureGiven, lambda event: OpenStep(what="sign_contract", owners=tuple(event.left), keeps_due=True))
_after(
    ContractSigned, lambda event: OpenStep(what="start_contract", owners=(SYSTEM,), due_at=_midnight(event.starts_on))
)
_after(ActivationHeld, lambda _: OpenStep(what="complete_for_start", owners=("trainer", "school")))
_after(ContractActivated, lambda _: OpenStep(what="teach", owners=("trainer",), waits=True))

_after(HoursSubmitted, lambda _: OpenStep(what="approve_hours", owners=("school",)))
_after(HoursRejected, lambda _: OpenStep(what="correct_hours", owners=("trainer",)))

_after(EventParked, lambda _: OpenStep(what="redrive_event", owners=("operator",)))
_after(EventsRedriven, lambda event: OpenStep(what="redrive_event", owners=("operator",)) if event.left else None)

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "confirm_application": ("Aanmelding bevestigen", "Confirm the application"),
    "complete_intake": ("Intake afronden", "Complete the intake"),
    "become_available": ("Beschikbaar worden", "Become available"),
    "wait_for_proposal": ("Wachten op een voorstel", "Wait for a proposal"),
    "resume": ("Weer beschikbaar worden", "Become available again"),
    "find_candidate": ("Kandidaat zoeken", "Find a candidate"),
    "help_waiting_vacancy": ("Wachtende vacature helpen", "Help a waiting vacancy"),
    "answer_proposal": ("Voorstel beantwoorden", "Answer the proposal"),
    "accept_proposal": ("Voorstel vaststellen", "Settle the proposal"),
    "draft_contract": ("Contract opstellen", "Draft the contract"),
    "check_contract": ("Contract toetsen", "Check the contract"),
    "review_contract": ("Contract beoordelen", "Review the contract"),
    "sign_contract": ("Contract ondertekenen", "Sign the contract"),
    "start_contract": ("Contract laten ingaan", "Start the contract"),
    "complete_for_start": ("Ontbrekende gegevens aanvullen", "Complete what the start needs"),
    "teach": ("Lesgeven en uren indienen", "Teach and submit hours"),
    "approve_hours": ("Uren goedkeuren", "Approve hours"),
    "correct_hours": ("Uren verbeteren", "Correct hours"),
    "redrive_event": ("Geparkeerde gebeurtenis oplossen", "Solve a parked event"),
}
"""Each step in Dutch and English."""
