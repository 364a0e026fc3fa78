"""Which of a letter's roles one event addresses: ``only = "…"`` in a file of letters names one of these."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from events.contracts import ContractExtensionOffered, ContractOffered
from events.matching import (
    ProposalCountered,
    ProposalLapsed,
    ProposalMade,
    ProposalReminded,
    ProposalTermsChanged,
    VacancyWaiting,
)
from events.words import Party

ALL: Final = (Party.TRAINER.value, Party.SCHOOL.value, Party.COMPANY.value)


def asked(event: ProposalMade) -> Collection[str]:
    """Return the parties that are asked."""
    return [party.value for party in event.asked]


def left(event: ProposalReminded | ProposalCountered) -> Collection[str]:
    """Return the parties that have not answered."""
    return [party.value for party in event.left]


def while_asked(event: ProposalTermsChanged) -> Collection[str]:
    """Return all parties, or none where nobody is asked any more: the letter of the acceptance follows at once."""
    return ALL if event.left else ()


def others(event: Any) -> Collection[str]:
    """Return the parties beside the one that acted."""
    return [role for role in ALL if role != event.party.value]


def signatories(event: ContractOffered | ContractExtensionOffered) -> Collection[str]:
    """Return the parties that must or may sign."""
    return list(dict.fromkeys(party.value for party in (*event.mandatory, *event.invited)))


def without_contract(event: ProposalLapsed) -> Collection[str]:
    """Return all parties, or none where a contract ended: the contract's own letter says so."""
    return () if event.follows_contract else ALL


def helpers(event: VacancyWaiting) -> Collection[str]:
    """Return the school, and the desk once it is asked to help."""
    return ("school", "desk") if event.escalated else ("school",)
