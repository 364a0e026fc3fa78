"""From the last signature through the work to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Self

from common.decision import Verdict
from contracts.model.contract.standing import Standing, Told
from contracts.model.contract_status import (
    ACTIVE,
    AT_WORK,
    DISSOLVED,
    ENDED,
    ENDED_EARLY,
    SUSPENDED,
    DissolvedReason,
    EndedReason,
    NotPossible,
    NotYet,
    SuspendedReason,
)
from contracts.model.findings import notable
from events.contracts import (
    ActivationHeld,
    ContractActivated,
    ContractDissolved,
    ContractEnded,
    ContractResumed,
    ContractSuspended,
)


class Working(Standing):
    """A contract that binds."""

    __slots__ = ()

    def dissolve(self, reason: DissolvedReason) -> tuple[Self, Told]:
        """End what was signed before it starts."""
        if self.status is DISSOLVED:
            return self, []
        return self._become(DISSOLVED, self._tell(ContractDissolved, reason=reason), reason=reason)

    def activate(self, verdict: Verdict, on: date) -> tuple[Self, Told]:
        """Begin the work on a day, if nothing is missing; what is missing is told once, until it is something else."""
        if self.status in AT_WORK:
            return self, []
        self._check(ACTIVE)
        if on < self.terms.starts_on:
            raise NotYet(starts_on=self.terms.starts_on.isoformat())
        if verdict.ok:
            event = self._tell(ContractActivated, active_from=on)
            return self._become(ACTIVE, event, active_from=on, held=())
        missing = notable(verdict.reasons)
        if missing == self.held:
            return self, []
        told = self._tell(ActivationHeld, findings=list(missing), policy_version=verdict.policy_version)
        return replace(self, held=missing), [told]

    def suspend(self, reason: SuspendedReason, today: date) -> tuple[Self, Told]:
        """Stop the work for a while."""
        if self.status is SUSPENDED:
            return self, []
        event = self._tell(ContractSuspended, suspended_on=today, reason=reason)
        return self._become(SUSPENDED, event, reason=reason)

    def resume(self, today: date) -> tuple[Self, Told]:
        """Go on with the work."""
        if self.status is ACTIVE:
            return self, []
        if self.status is not SUSPENDED:
            raise NotPossible(status=self.status.value, wanted=ACTIVE.value)
        return self._become(ACTIVE, self._tell(ContractResumed, resumed_on=today), reason=None)

    def end(self, on: date, reason: EndedReason) -> tuple[Self, Told]:
        """End the work on a day; before the agreed last one is early."""
        if self.status in {ENDED, ENDED_EARLY}:
            return self, []
        early = reason != "term"
        event = self._tell(ContractEnded, ended_on=on, early=early, reason=reason)
        wanted = ENDED_EARLY if early else ENDED
        return self._become(wanted, event, ended_on=on, reason=reason, extension=None)
