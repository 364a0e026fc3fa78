"""Events that nobody gets a letter about, and why: a new one is entered here or in the table of letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from events import Event
from events.catalogue import contracts, erasure, flow, matching, notifications, policies, registry

_OWN: Final = "whom it concerns did it just now"
_FOLLOWED: Final = "what follows at once is told"
_PLUMBING: Final = "between the services"
_FIGURES: Final = "a fact for whoever asks"

TOLD_TO_NOBODY: Final[Mapping[type[Event], str]] = {
    registry.TrainerConfirmed: _OWN,
    registry.TrainerIntakeStarted: _OWN,
    registry.TrainerDetailsChanged: _OWN,
    registry.TrainerProfileChanged: _OWN,
    registry.TrainerPaused: _OWN,
    registry.TrainerExpired: "nobody confirmed that the address is theirs",
    registry.TrainerAnonymised: "nobody is left to write to",
    registry.EmployerAgreed: _FOLLOWED,
    registry.ConsentGiven: _OWN,
    registry.ConsentWithdrawn: _OWN,
    registry.VogShown: _OWN,
    registry.QualificationClaimed: _OWN,
    registry.QualificationEvidenceSubmitted: _OWN,
    registry.QualificationInReview: "its outcome is told",
    registry.PolicyChangeProposed: "the programme sees that it waits",
    registry.PolicyChangeApproved: _FIGURES,
    registry.PolicyChangeRejected: "the programme decided it",
    registry.OrganisationApplied: "nobody has confirmed yet that it is what it says; its desk sees that it waits",
    registry.OrganisationRegistered: _OWN,
    registry.OrganisationChanged: _OWN,
    registry.OrganisationClosed: "the school or its board said so; what it ends is told",
    registry.OrganisationReopened: _OWN,
    registry.OrganisationMoveAgreed: "that all have agreed, or one has not, is told",
    registry.ContactState: _PLUMBING,
    registry.ProfileState: _PLUMBING,
    registry.VacancyDrafted: _OWN,
    registry.VacancyChanged: _OWN,
    registry.VacancyWithdrawn: "the school did it; what it ends is told to the others",
    registry.VacancyReopened: "the school did it, or was told of the contract that fell away",
    registry.VacancyClosed: "the end of its contracts was told",
    policies.PolicyPublished: _FIGURES,
    matching.VacancyRanked: _FOLLOWED,
    matching.VacancyPlaceTaken: "that everybody agreed is told",
    matching.VacancyPlaceFreed: "what fell away is told",
    matching.WaitlistPromoted: "the proposal is told",
    matching.ProposalConsented: "that everybody agreed is told, and who has not answered is reminded",
    matching.ProposalConverted: "the contract is told once it can be signed",
    contracts.ContractDrafted: "it is told once it was checked",
    contracts.ContractSubmitted: "the outcome of the checks is told",
    contracts.AssignmentStarted: "the contract's letter says so",
    contracts.AssignmentInterrupted: "the contract's letter says so",
    contracts.AssignmentResumed: "the contract's letter says so",
    contracts.AssignmentEnded: "the contract's letter says so",
    contracts.HoursRevised: "they are told once they are handed in again",
    notifications.MessageSent: "a letter about a letter",
    notifications.MessageBounced: "a letter about a letter",
    notifications.MessageDropped: "a letter about a letter",
    notifications.EndpointRegistered: _OWN,
    notifications.EndpointEnabled: _OWN,
    notifications.EndpointResumed: _OWN,
    notifications.EndpointSecretRotated: _OWN,
    notifications.EndpointRemoved: _OWN,
    erasure.ErasureConfirmed: _PLUMBING,
    flow.EventParked: _PLUMBING,
    flow.EventsRedriven: _PLUMBING,
    flow.EventDiscarded: _PLUMBING,
    flow.RedriveOrdered: _PLUMBING,
    flow.DiscardOrdered: _PLUMBING,
    flow.ClockMoved: _PLUMBING,
}
