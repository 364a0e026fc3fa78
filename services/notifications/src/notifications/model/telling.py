"""Who is told what when something happens: one table from events to letters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from events import Event
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
    VacancyWaiting,
)
from events.notifications import EndpointDisabled
from events.registry import (
    ConsentExpired,
    ConsentExpiring,
    QualificationExpired,
    QualificationRejected,
    QualificationRevoked,
    QualificationVerified,
    TrainerApplied,
    TrainerAvailable,
    TrainerLeft,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
)
from events.words import Party

ALL: Final = (Party.TRAINER.value, Party.SCHOOL.value, Party.COMPANY.value)
Who = Callable[[Any], Collection[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One letter about one event."""

    template: str
    to: Who
    link: str
    """Where the subject is found, under the programme's address; ``{…}`` are the event's fields."""
    reveals: bool = False
    """Whether the letter may name the other parties: only once everybody agreed."""


def _to(*roles: str) -> Who:
    return lambda _: roles


def _asked(event: ProposalMade) -> Collection[str]:
    return [party.value for party in event.asked]


def _left(event: ProposalReminded) -> Collection[str]:
    return [party.value for party in event.left]


def _others(event: Any) -> Collection[str]:
    return [role for role in ALL if role != event.party.value]


def _signatories(event: ContractOffered | ContractExtensionOffered) -> Collection[str]:
    return list(dict.fromkeys(party.value for party in (*event.mandatory, *event.invited)))


def _not_yet_told(event: ProposalLapsed) -> Collection[str]:
    # Where a contract fell away, the contract's own letter has said so.
    return () if event.follows_contract else ALL


def _helpers(event: VacancyWaiting) -> Collection[str]:
    return ("school", "desk") if event.escalated else ("school",)


_TRAINER: Final = "/registry/v1/trainers/{trainer_id}"
_VACANCY: Final = "/registry/v1/vacancies/{vacancy_id}"
_PROPOSAL: Final = "/matching/v1/proposals/{proposal_id}"
_CONTRACT: Final = "/contracts/v1/contracts/{contract_id}"
_HOURS: Final = "/contracts/v1/hours/{hour_line_id}"

RULES: Final[Mapping[type[Event], Rule]] = {
    TrainerApplied: Rule("application-received", _to("trainer"), _TRAINER),
    TrainerAvailable: Rule("available", _to("trainer"), _TRAINER),
    TrainerLeft: Rule("left", _to("trainer"), _TRAINER),
    ConsentExpiring: Rule("consent-expiring", _to("trainer"), _TRAINER),
    ConsentExpired: Rule("consent-expired", _to("trainer"), _TRAINER),
    QualificationVerified: Rule("qualification-verified", _to("trainer"), _TRAINER),
    QualificationRejected: Rule("qualification-rejected", _to("trainer"), _TRAINER),
    QualificationRevoked: Rule("qualification-revoked", _to("trainer"), _TRAINER),
    QualificationExpired: Rule("qualification-expired", _to("trainer"), _TRAINER),
    VacancyPosted: Rule("vacancy-posted", _to("school"), _VACANCY),
    VacancyFilled: Rule("vacancy-filled", _to("school"), _VACANCY),
    VacancyExpired: Rule("vacancy-expired", _to("school"), _VACANCY),
    VacancyWaiting: Rule("vacancy-waiting", _helpers, _VACANCY),
    ProposalMade: Rule("proposal-asked", _asked, _PROPOSAL),
    ProposalReminded: Rule("proposal-reminder", _left, _PROPOSAL),
    ProposalAccepted: Rule("proposal-accepted", _to(*ALL), _PROPOSAL, reveals=True),
    ProposalDeclined: Rule("proposal-declined", _others, _PROPOSAL),
    ProposalExpired: Rule("proposal-expired", _to(*ALL), _PROPOSAL),
    ProposalWithdrawn: Rule("proposal-withdrawn", _to(*ALL), _PROPOSAL),
    ProposalLapsed: Rule("proposal-lapsed", _not_yet_told, _PROPOSAL),
    ContractHeldForReview: Rule("contract-in-review", _to(*ALL), _CONTRACT, reveals=True),
    ContractReturned: Rule("contract-returned", _to(*ALL), _CONTRACT, reveals=True),
    ContractAmended: Rule("contract-amended", _to(*ALL), _CONTRACT, reveals=True),
    ContractRefused: Rule("contract-refused", _to(*ALL), _CONTRACT, reveals=True),
    ContractOffered: Rule("contract-offered", _signatories, _CONTRACT, reveals=True),
    SignatureGiven: Rule("signature-given", _others, _CONTRACT, reveals=True),
    ContractSigned: Rule("contract-signed", _to(*ALL), _CONTRACT, reveals=True),
    ContractExpired: Rule("contract-expired", _to(*ALL), _CONTRACT, reveals=True),
    ContractCancelled: Rule("contract-cancelled", _to(*ALL), _CONTRACT, reveals=True),
    ContractDissolved: Rule("contract-dissolved", _to(*ALL), _CONTRACT, reveals=True),
    ActivationHeld: Rule("activation-held", _to("trainer", "school"), _CONTRACT, reveals=True),
    ContractActivated: Rule("contract-activated", _to(*ALL), _CONTRACT, reveals=True),
    ContractSuspended: Rule("contract-suspended", _to(*ALL), _CONTRACT, reveals=True),
    ContractResumed: Rule("contract-resumed", _to(*ALL), _CONTRACT, reveals=True),
    ContractExtensionOffered: Rule("extension-offered", _signatories, _CONTRACT, reveals=True),
    ContractExtensionRefused: Rule("extension-refused", _to(*ALL), _CONTRACT, reveals=True),
    ContractExtensionExpired: Rule("extension-expired", _to(*ALL), _CONTRACT, reveals=True),
    ContractExtended: Rule("contract-extended", _to(*ALL), _CONTRACT, reveals=True),
    ContractEnded: Rule("contract-ended", _to(*ALL), _CONTRACT, reveals=True),
    HoursSubmitted: Rule("hours-submitted", _to("school"), _HOURS, reveals=True),
    HoursApproved: Rule("hours-approved", _to("trainer"), _HOURS, reveals=True),
    HoursRejected: Rule("hours-rejected", _to("trainer"), _HOURS, reveals=True),
    HoursReversed: Rule("hours-reversed", _to("trainer", "school"), _HOURS, reveals=True),
    EndpointDisabled: Rule("endpoint-disabled", _to("owner"), "/notifications/v1/webhook-endpoints/{endpoint_id}"),
}

BY_TEMPLATE: Final[Mapping[str, Rule]] = {rule.template: rule for rule in RULES.values()}

_ASKS: Final = ("proposal-asked", "proposal-reminder")
_OFFERS: Final = ("contract-offered", "signature-given", "contract-in-review", "contract-returned")
_EXTENSIONS: Final = ("extension-offered", "signature-given", "contract-in-review")
OVERTAKES: Final[Mapping[type[Event], tuple[str, ...]]] = {
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
"""Letters that no longer make sense after an event about the same thing, where they have not gone out yet."""
