"""Everything that is known when a contract is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.contract.model.contract import Contract
from contracts.fact.model import Organisation, Person, Vog
from contracts.legal_check.model.calendar import last_known_day
from contracts.standing.model import Standing
from rules.guest_cap import PilotOverride, TaughtLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The contract as it would be, the person, the employer, and all other work of that person we know of."""

    contract: Contract
    today: date
    person: Person
    employer: Organisation | None
    vog: Vog | None = None
    others: tuple[Contract, ...] = ()
    """That bind or may still come to bind, at whatever school, ended ones included."""
    taught: tuple[TaughtLine, ...] = ()
    """In the same role; only what was approved."""
    override: PilotOverride | None = None
    """For this person at this board."""
    standing: Standing | None = None
    """Declarations of the board about this person."""
    extends: date | None = None
    """The last day so far, where a later end is judged."""

    @property
    def begins(self) -> date:
        """The first day that is judged."""
        return max(self.contract.terms.starts_on, self.today)

    @property
    def declared(self) -> Standing:
        """Declarations of the board; an empty standing where there are none."""
        contract = self.contract
        return self.standing or Standing(trainer_id=contract.trainer_id, board_id=contract.board_id)

    @property
    def main_employer(self) -> UUID | None:
        """The company at which the trainer has the declared hours, also where it is no party; None without one."""
        return self.contract.company_id or self.person.company_id

    @property
    def last(self) -> date:
        """The last day that is judged."""
        return self.last_of(self.contract)

    def last_of(self, contract: Contract) -> date:
        """Return a contract's last day as far as it is known."""
        return contract.ended_on or last_known_day(contract.terms.starts_on, contract.last_day, self.today)
