"""The words of the law: forms, roles, school types, parties; and who must sign what in which form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from events.words import Form, Party, SchoolType, TeachingRole

if TYPE_CHECKING:
    from common.policy import Policies

__all__ = [
    "Circumstance",
    "Form",
    "Instrument",
    "Party",
    "SchoolType",
    "Signatories",
    "SigningFacts",
    "TeachingRole",
    "signatories",
]


class Circumstance(StrEnum):
    """A circumstance that can make a further signature mandatory."""

    IN_COMPANY_TIME = "in_company_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningFacts:
    """Facts that decide who signs: the day the contract starts and its circumstances."""

    day: date
    circumstances: frozenset[Circumstance] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One document of a contract, with the parties it needs and those it merely asks."""

    code: str
    mandatory: frozenset[Party]
    invited: frozenset[Party]
    """These acknowledge or co-sign; the document binds without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatories:
    """Every instrument of a form. Dual employment has two bilateral contracts, so no single list says it."""

    instruments: tuple[Instrument, ...]
    policy_version: int

    @property
    def mandatory(self) -> frozenset[Party]:
        """Every party without whose signature the contract cannot become active."""
        return frozenset[Party]().union(*(instrument.mandatory for instrument in self.instruments))


def signatories(form: Form, facts: SigningFacts, policies: Policies) -> Signatories:
    """Return who must sign which document; policy ``forms.<form>``.

    Raises:
        Missing: the policy of that form is not known on that day.
    """
    instruments = tuple(
        Instrument(
            code=entry["code"],
            mandatory=frozenset(map(Party, entry["mandatory"]))
            | {
                Party(party)
                for circumstance, party in entry["mandatoryWhen"].items()
                if Circumstance(circumstance) in facts.circumstances
            },
            invited=frozenset(map(Party, entry["invited"])),
        )
        for entry in policies.on(f"forms.{form}", facts.day).value["instruments"]
    )
    return Signatories(instruments=instruments, policy_version=policies.version)


def feasible_forms(day: date, policies: Policies, *, employed: bool) -> tuple[Form, ...]:
    """Return the forms open to someone who is, or is not, employed elsewhere; in the order of ``Form``."""
    return tuple(form for form in Form if employed or not policies.on(f"forms.{form}", day).value["needsEmployer"])
