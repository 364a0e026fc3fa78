"""Which event has which letter, and for which recipients: one table. An event that is not in it has no letter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from events import Event, name_of
from events.contracts import (
    ActivationHeld,
    ContractActivated,
    ContractAmended,
    ContractCancelled,
    ContractDissolved,
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
    ContractSuspended,
    HoursApproved,
    HoursRejected,
    HoursReversed,
    HoursSubmitted,
    SignatureGiven,
)
from events.matching import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalExpired,
    ProposalLapsed,
    ProposalMade,
    ProposalReminded,
    ProposalWithdrawn,
    VacancyPlaceFreed,
    VacancyWaiting,
    WaitlistPromoted,
)
from events.notifications import EndpointDisabled
from events.parties import REGION, SCHOOL_SIDE, Parties
from events.registry import (
    BottleneckAnswered,
    BottleneckReported,
    ConsentExpired,
    ConsentExpiring,
    OrganisationMoveAsked,
    OrganisationMoveEnded,
    QualificationExpired,
    QualificationRejected,
    QualificationRevoked,
    QualificationVerified,
    TrainerApplied,
    TrainerAvailable,
    TrainerLeft,
    VacancyClosed,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)
from events.sides import TELLING, cut
from events.words import Party

ALL: Final = (Party.TRAINER.value, Party.SCHOOL.value, Party.COMPANY.value)
PARTY_OF: Final[Mapping[str, str]] = {
    "trainer": "trainer",
    "school": "location",
    "company": "company",
    "owner": "organisation",
    "desk": REGION,
}
"""The role of the envelope's parties in which the recipient is found; a desk by its region."""
_CUT: Final[Mapping[str, frozenset[str]]] = {"school": SCHOOL_SIDE, "trainer": frozenset({"trainer"})} | {
    "company": frozenset({"company"})
}
Selection = Callable[[Any], Collection[str]]


class NoRecipient(TypeError):
    """A letter about an event goes to a role that the event's parties are never in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One letter about one event."""

    template: str
    roles: tuple[str, ...]
    """The roles that may get it."""
    link: str
    """Where the subject is found, under the programme's address; ``{…}`` are the event's fields."""
    reveals: bool = False
    """Whether the letter may name the other parties: only once everybody agreed."""
    to_stranger: bool = False
    """Whether the address may be unconfirmed: the letter then has no word that the applicant chose."""
    once_per_address: bool = False
    """Whether it is the same for everybody, so that an address at which several are reached gets it once."""
    only: Selection | None = None
    """Which of them this very event addresses; None: all of them."""

    def to(self, event: Event) -> list[str]:
        """Return the roles that get it."""
        if self.only is None:
            return list(self.roles)
        wanted = self.only(event)
        return [role for role in self.roles if role in wanted]


def recipients(role: str, parties: Parties, desks: Mapping[str, Sequence[UUID]]) -> Sequence[UUID]:
    """Return the recipients of a letter to a role; a school is addressed at the location, a desk by its region."""
    if role == "desk":
        return desks.get(parties.region or "", ())
    found = getattr(parties, PARTY_OF[role])
    return () if found is None else (found,)


def own_part(role: str, recipient: UUID, parties: Parties) -> Parties:
    """Return the parties of a letter itself: its recipient, at every level, and the region."""
    if role in _CUT:
        return parties.only(*_CUT[role], REGION)
    return replace(parties.only(REGION), organisation=recipient)


def names(parties: Parties) -> dict[str, UUID]:
    """Return the parties that a revealing letter may name, by role."""
    found = {role: getattr(parties, PARTY_OF[role]) for role in ALL}
    return {role: id_ for role, id_ in found.items() if id_ is not None}


def check(rules: Mapping[type[Event], Rule]) -> None:
    """Refuse a letter that could have no recipient.

    Raises:
        NoRecipient: its role does not exist, or its event has no party in that role.
    """
    for event, rule in rules.items():
        for role in rule.roles:
            if PARTY_OF.get(role) not in event.taking_part:
                raise NoRecipient(f"{rule.template}: {event.__name__} has no {role}")


def _asked(event: ProposalMade) -> Collection[str]:
    return [party.value for party in event.asked]


def _left(event: ProposalReminded) -> Collection[str]:
    return [party.value for party in event.left]


def _others(event: Any) -> Collection[str]:
    return [role for role in ALL if role != event.party.value]


def _signatories(event: ContractOffered | ContractExtensionOffered) -> Collection[str]:
    return list(dict.fromkeys(party.value for party in (*event.mandatory, *event.invited)))


def _without_contract(event: ProposalLapsed) -> Collection[str]:
    # Where a contract ended, the contract's own letter says so.
    return () if event.follows_contract else ALL


def _helpers(event: VacancyWaiting) -> Collection[str]:
    return ("school", "desk") if event.escalated else ("school",)


_BOTTLENECK: Final = "/registry/v1/bottleneck-reports/{report_id}"
_MOVE: Final = "/registry/v1/organisation-moves/{move_id}"
_TRAINER: Final = "/registry/v1/trainers/{trainer_id}"
_VACANCY: Final = "/registry/v1/vacancies/{vacancy_id}"
_PROPOSAL: Final = "/matching/v1/proposals/{proposal_id}"
_CONTRACT: Final = "/contracts/v1/contracts/{contract_id}"
_HOURS: Final = "/contracts/v1/hours/{hour_line_id}"

RULES: Final[Mapping[type[Event], Rule]] = {
    BottleneckReported: Rule("bottleneck-reported", ("owner", "trainer"), _BOTTLENECK),
    BottleneckAnswered: Rule("bottleneck-answered", ("owner", "trainer"), _BOTTLENECK),
    TrainerApplied: Rule("application-received", ("trainer",), _TRAINER, to_stranger=True),
    TrainerAvailable: Rule("available", ("trainer",), _TRAINER),
    TrainerLeft: Rule("left", ("trainer",), _TRAINER, to_stranger=True),
    ConsentExpiring: Rule("consent-expiring", ("trainer",), _TRAINER),
    ConsentExpired: Rule("consent-expired", ("trainer",), _TRAINER),
    QualificationVerified: Rule("qualification-verified", ("trainer",), _TRAINER),
    QualificationRejected: Rule("qualification-rejected", ("trainer",), _TRAINER),
    QualificationRevoked: Rule("qualification-revoked", ("trainer",), _TRAINER),
    QualificationExpired: Rule("qualification-expired", ("trainer",), _TRAINER),
    VacancyPosted: Rule("vacancy-posted", ("school",), _VACANCY),
    VacancyFilled: Rule("vacancy-filled", ("school",), _VACANCY),
    VacancyExpired: Rule("vacancy-expired", ("school",), _VACANCY),
    VacancyWaiting: Rule("vacancy-waiting", ("school", "desk"), _VACANCY, only=_helpers),
    ProposalMade: Rule("proposal-asked", ALL, _PROPOSAL, only=_asked),
    ProposalReminded: Rule("proposal-reminder", ALL, _PROPOSAL, only=_left),
    ProposalAccepted: Rule("proposal-accepted", ALL, _PROPOSAL, reveals=True),
    ProposalDeclined: Rule("proposal-declined", ALL, _PROPOSAL, only=_others),
    ProposalExpired: Rule("proposal-expired", ALL, _PROPOSAL),
    ProposalWithdrawn: Rule("proposal-withdrawn", ALL, _PROPOSAL),
    ProposalLapsed: Rule("proposal-lapsed", ALL, _PROPOSAL, only=_without_contract),
    ContractHeldForReview: Rule("contract-in-review", ALL, _CONTRACT, reveals=True),
    ContractReturned: Rule("contract-returned", ALL, _CONTRACT, reveals=True),
    ContractAmended: Rule("contract-amended", ALL, _CONTRACT, reveals=True),
    ContractRefused: Rule("contract-refused", ALL, _CONTRACT, reveals=True),
    ContractOffered: Rule("contract-offered", ALL, _CONTRACT, reveals=True, only=_signatories),
    SignatureGiven: Rule("signature-given", ALL, _CONTRACT, reveals=True, only=_others),
    ContractSigned: Rule("contract-signed", ALL, _CONTRACT, reveals=True),
    ContractExpired: Rule("contract-expired", ALL, _CONTRACT, reveals=True),
    ContractCancelled: Rule("contract-cancelled", ALL, _CONTRACT, reveals=True),
    ContractDissolved: Rule("contract-dissolved", ALL, _CONTRACT, reveals=True),
    ActivationHeld: Rule("activation-held", ("trainer", "school"), _CONTRACT, reveals=True),
    ContractActivated: Rule("contract-activated", ALL, _CONTRACT, reveals=True),
    ContractSuspended: Rule("contract-suspended", ALL, _CONTRACT, reveals=True),
    ContractResumed: Rule("contract-resumed", ALL, _CONTRACT, reveals=True),
    ContractExtensionOffered: Rule("extension-offered", ALL, _CONTRACT, reveals=True, only=_signatories),
    ContractExtensionRefused: Rule("extension-refused", ALL, _CONTRACT, reveals=True),
    ContractExtensionExpired: Rule("extension-expired", ALL, _CONTRACT, reveals=True),
    ContractExtended: Rule("contract-extended", ALL, _CONTRACT, reveals=True),
    ContractEnded: Rule("contract-ended", ALL, _CONTRACT, reveals=True),
    HoursSubmitted: Rule("hours-submitted", ("school",), _HOURS, reveals=True),
    HoursApproved: Rule("hours-approved", ("trainer",), _HOURS, reveals=True),
    HoursRejected: Rule("hours-rejected", ("trainer",), _HOURS, reveals=True),
    HoursReversed: Rule("hours-reversed", ("trainer", "school"), _HOURS, reveals=True),
    OrganisationMoveAsked: Rule("move-asked", ("owner",), _MOVE),
    OrganisationMoveEnded: Rule("move-ended", ("owner",), _MOVE, once_per_address=True),
    EndpointDisabled: Rule("endpoint-disabled", ("owner",), "/notifications/v1/webhook-endpoints/{endpoint_id}"),
}

check(RULES)
ADDRESS_CHANGED: Final = Rule("address-changed", (), "/", to_stranger=True)
"""The letter to a former address: no event has it, but a contact whose address changed."""
BY_TEMPLATE: Final[Mapping[str, Rule]] = {rule.template: rule for rule in (*RULES.values(), ADDRESS_CHANGED)}

_EVENT_OF: Final = {rule.template: name_of(event.type) for event, rule in RULES.items()}


def readable(template: str, role: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the facts that a recipient may read of an event, as in cases and the feed; the others are None."""
    event = _EVENT_OF.get(template)
    if event is None or role == "desk":
        return facts
    return cut(event, facts, {"organisation" if role == "owner" else role}, TELLING)


WHILE_OPEN: Final = ("vacancy-posted", "vacancy-waiting")
"""Letters that are true only while the vacancy is open."""
_ASKS: Final = ("proposal-asked", "proposal-reminder")
_OFFERS: Final = ("contract-offered", "signature-given", "contract-in-review", "contract-returned")
_EXTENSIONS: Final = ("extension-offered", "signature-given", "contract-in-review")
SUPERSEDES: Final[Mapping[type[Event], tuple[str, ...]]] = {
    OrganisationMoveEnded: ("move-asked",),
    VacancyWithdrawn: (*WHILE_OPEN, "vacancy-expired"),
    VacancyExpired: WHILE_OPEN,
    VacancyFilled: (*WHILE_OPEN, "vacancy-expired"),
    VacancyClosed: WHILE_OPEN,
    VacancyReopened: ("vacancy-filled", "vacancy-expired"),
    VacancyPlaceFreed: ("vacancy-filled",),
    VacancyWaiting: ("vacancy-waiting",),
    WaitlistPromoted: ("vacancy-waiting",),
    ProposalAccepted: _ASKS,
    ProposalDeclined: _ASKS,
    ProposalExpired: _ASKS,
    ProposalWithdrawn: _ASKS,
    ProposalLapsed: _ASKS,
    ContractOffered: ("contract-in-review", "contract-returned"),
    ContractAmended: _OFFERS,
    ContractReturned: _OFFERS,
    ContractSigned: _OFFERS,
    ContractRefused: _OFFERS,
    ContractExpired: _OFFERS,
    ContractCancelled: _OFFERS,
    ContractDissolved: _OFFERS,
    ContractExtended: _EXTENSIONS,
    ContractExtensionRefused: _EXTENSIONS,
    ContractExtensionExpired: _EXTENSIONS,
    ContractEnded: _EXTENSIONS,
}
"""The unsent letters about the same thing that an event makes pointless."""


def is_superseded(template: str, role: str, by: Event) -> bool:
    """Return whether an event supersedes an unsent letter; one with the same letter does so for its own recipients."""
    if template not in SUPERSEDES.get(type(by), ()):
        return False
    rule = RULES.get(type(by))
    return rule is None or rule.template != template or role in rule.to(by)
