"""An appeal: what matching decided, why the appellant asks a person to look at it, and what that person decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from common.clock import business_day
from common.decision import Reason
from common.errors import Conflict
from common.lifecycle import LifeCycle
from events import Event
from events.matching import AppealDecided, AppealDecision, AppealLodged, AppealOverdue, AppealReason, AppealWithdrawn
from events.parties import Parties
from matching.proposal.model.status import SETTLED

if TYPE_CHECKING:
    from common.policy import Policies
    from matching.proposal.model.proposal import Proposal


class NotPossible(Conflict):
    """An appeal that is {status} cannot become {wanted}."""


class NothingDecided(Conflict):
    """This proposal has not ended: there is no decision to appeal against."""


class TooLate(Conflict):
    """An appeal is lodged within {days} days after a proposal ended."""


class Status(StrEnum):
    """How far an appeal is."""

    LODGED = "lodged"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """By the appellant, or because the appellant was erased."""


LIFE_CYCLE: Final = LifeCycle(NotPossible, {Status.LODGED: {Status.UPHELD, Status.REJECTED, Status.WITHDRAWN}})


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealTerms:
    """Policy ``matching.appeal``."""

    lodge_within_days: int
    """After a proposal ended."""
    decide_within_days: int
    version: int

    @classmethod
    def of(cls, policies: Policies, day: date) -> AppealTerms:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.appeal", day).value
        return cls(
            lodge_within_days=value["lodgeWithinDays"],
            decide_within_days=value["decideWithinDays"],
            version=policies.version,
        )

    def check(self, proposal: Proposal, today: date, *, by_trainer: bool) -> None:
        """Check that a proposal ended, and not too long ago.

        Raises:
            NothingDecided: it is open, agreed on, or became a contract.
            TooLate: its end is longer ago than the policy allows.
        """
        over = by_trainer and proposal.held is not None  # the trainer reads it as withdrawn
        if (proposal.open and not over) or proposal.status in SETTLED:
            raise NothingDecided
        ended = today if proposal.ended_at is None else business_day(proposal.ended_at)
        if today > ended + timedelta(days=self.lodge_within_days):
            raise TooLate(days=self.lodge_within_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """One appeal of a trainer, or of a school. It names a trainer or a school side, never both."""

    id: UUID
    version: int = 0
    status: Status = Status.LODGED
    lodged_at: datetime
    decide_before: date
    overdue: bool = False
    """Whether the last day for a decision passed without one."""
    vacancy_id: UUID
    round: int
    """Of the vacancy, or of the proposal: what is asked anew later is decided anew."""
    proposal_id: UUID | None = None
    """None where the trainer was not proposed."""
    region: str | None
    """Of the vacancy: whose desk decides."""
    board_id: UUID | None = None
    school_id: UUID | None = None
    location_id: UUID | None = None
    trainer_id: UUID | None = None
    reason: AppealReason
    words: str | None = None
    """Of the appellant; None past the term, or once the trainer who wrote them is erased."""
    ranking_id: UUID | None = None
    """The evidence: stays as long as the appeal is open."""
    policy_version: int
    """Of the rules under which matching decided."""
    findings: tuple[Reason, ...] = ()
    """Of a trainer's appeal: every rule as it was found when the proposal was made or settled, or at lodging."""
    motivation: str | None = None
    """Why it was decided so, in the words of the person who did."""
    ended_on: date | None = None

    @property
    def case(self) -> UUID:
        """A case of its own: the school of a vacancy does not see that a trainer appeals."""
        return self.id

    @property
    def parties(self) -> Parties:
        """The appellant and the region."""
        return Parties.of(self)

    @property
    def open(self) -> bool:
        """Whether a decision is awaited."""
        return self.status is Status.LODGED

    def lodge(self) -> tuple[Appeal, list[Event]]:
        """Bring it to the desk."""
        event = AppealLodged(
            **self._about(), reason=self.reason, decide_before=self.decide_before, policy_version=self.policy_version
        )
        return self, [event]

    def decide(self, decision: AppealDecision, motivation: str, today: date) -> tuple[Appeal, list[Event]]:
        """Record what a person decided; the same decision again changes nothing.

        Raises:
            NotPossible: it was decided otherwise, or withdrawn.
        """
        wanted = Status(decision)
        if (self.status, self.motivation) == (wanted, motivation):
            return self, []
        event = AppealDecided(**self._about(), decision=decision)
        return LIFE_CYCLE.become(self, wanted, event, motivation=motivation, ended_on=today)

    def withdraw(self, today: date) -> tuple[Appeal, list[Event]]:
        """Take it back.

        Raises:
            NotPossible: it was decided.
        """
        if self.status is Status.WITHDRAWN:
            return self, []
        return LIFE_CYCLE.become(self, Status.WITHDRAWN, AppealWithdrawn(**self._about()), ended_on=today)

    def pass_deadline(self) -> tuple[Appeal, list[Event]]:
        """Note, once, that the last day for a decision passed."""
        if not self.open or self.overdue:
            return self, []
        event = AppealOverdue(**self._about(), decide_before=self.decide_before)
        return replace(self, overdue=True), [event]

    def _about(self) -> dict[str, Any]:
        return {"appeal_id": self.id, "vacancy_id": self.vacancy_id, "proposal_id": self.proposal_id}
