"""A proposal: one trainer for one vacancy, and what trainer, school and employer answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from common.decision import Reason, Verdict
from events import Event
from events.matching import (
    DeclineReason,
    LapseReason,
    ProlongReason,
    ProposalAccepted,
    ProposalConsented,
    ProposalConverted,
    ProposalCounterDeclined,
    ProposalCountered,
    ProposalDeclined,
    ProposalExpired,
    ProposalLapsed,
    ProposalMade,
    ProposalProlonged,
    ProposalReminded,
    ProposalTermsChanged,
    ProposalUnreached,
    ProposalWithdrawn,
    Proposer,
    SideWorkAgreed,
    WithdrawReason,
)
from events.parties import Parties
from events.words import Form, Party, Slot
from matching.proposal.model.counter import (
    ACROSS,
    Counter,
    CounterOpen,
    NoCounter,
    NotToCounter,
    Offer,
    OtherTerms,
    SameTerms,
    TooManyCounters,
)
from matching.proposal.model.grounds import Candidate, Grounds
from matching.proposal.model.status import LIFE_CYCLE, SETTLED, NotAsked, Status, StillAsked

if TYPE_CHECKING:
    from matching.profile.model.profile import Profile
    from matching.proposal.model.still_fits import Broken
    from matching.vacancy.model.vacancy import Vacancy

Events = list[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One trainer for one vacancy. Ids only: who they are stands in ``registry``, and is known after acceptance."""

    id: UUID
    version: int = 0
    vacancy_id: UUID
    trainer_id: UUID
    board_id: UUID
    school_id: UUID
    location_id: UUID
    region: str | None
    company_id: UUID | None
    """The employer that was asked; None where there is none, or where it is no party."""
    round: int
    by: Proposer
    form: Form
    minutes_per_week: int
    roster: tuple[Slot, ...] | None = None
    """The weekly hours of a counter-proposal that was accepted; None are those of the vacancy, or by agreement."""
    starts_on: date
    ends_on: date | None
    asked: tuple[Party, ...]
    terms: int = 1
    """The number of the terms that the parties agree to; it goes up with each counter-proposal that is accepted."""
    consents: dict[Party, datetime] = field(default_factory=dict)
    """To the present terms."""
    status: Status = Status.PROPOSED
    made_at: datetime
    answer_before: datetime
    ended_at: datetime | None = None
    reason: str | None = None
    """Why it was declined or withdrawn, or lapsed."""
    declined_by: Party | None = None
    reminders: int = 0
    counters: int = 0
    """How many counter-proposals were made to it."""
    countered: Counter | None = None
    """The one that waits for its answer."""
    reached_at: datetime | None = None
    """When the first letter that asks the trainer was delivered to the mail server; None as long as none was."""
    unreached: bool = False
    """Whether the desk was asked to reach the trainer otherwise."""
    contract_id: UUID | None = None
    grounds: Grounds
    findings: tuple[Reason, ...] = ()
    """What was found when the last party consented, or when it no longer fitted, on the facts of that moment."""

    @property
    def case(self) -> UUID:
        """From the proposal on, the vacancy is the case."""
        return self.vacancy_id

    @property
    def parties(self) -> Parties:
        """Trainer, school and, where it is asked, the employer."""
        return Parties.of(self)

    @property
    def left(self) -> tuple[Party, ...]:
        """The parties that have not consented yet, in the order in which they were asked."""
        return tuple(party for party in self.asked if party not in self.consents)

    @property
    def offer(self) -> Offer:
        """The terms that a counter-proposal can change."""
        return Offer(form=self.form, minutes_per_week=self.minutes_per_week, roster=self.roster)

    @property
    def revealed(self) -> bool:
        """Whether the parties know each other: everybody agreed, and it has not fallen away since."""
        return self.status in SETTLED

    @property
    def held(self) -> WithdrawReason | None:
        """Why it is as good as withdrawn, though it was not published yet; None where it is not."""
        return cast("WithdrawReason", self.reason) if self.open and self.reason else None

    @property
    def trainer_gone(self) -> bool:
        """Whether its trainer left or paused, which is published some time later."""
        return self.held not in {None, "vacancy_filled"}

    @property
    def consented(self) -> bool | None:
        """Whether every party agreed, once they answered or the time passed; None where it ended otherwise."""
        if self.status is Status.ACCEPTED or (self.status is Status.LAPSED and self.reason == "last_place_gone"):
            return True
        if self.status is Status.EXPIRED and Party.TRAINER in self.left and self.reached_at is None:
            return None
        return False if self.status in {Status.DECLINED, Status.EXPIRED} else None

    @property
    def open(self) -> bool:
        """Whether answers are still awaited."""
        return self.status is Status.PROPOSED

    @classmethod
    def make(
        cls,
        proposal_id: UUID,
        vacancy: Vacancy,
        candidate: Candidate,
        *,
        by: Proposer,
        at: datetime,
        answer_before: datetime,
    ) -> tuple[Proposal, Events]:
        """Ask trainer, school and, where it is a party, the employer at once."""
        facts, grounds = vacancy.facts, candidate.grounds
        made = cls(
            id=proposal_id,
            vacancy_id=vacancy.id,
            trainer_id=candidate.trainer_id,
            board_id=facts.board_id,
            school_id=facts.school_id,
            location_id=facts.location_id,
            region=facts.region,
            company_id=candidate.company_id,
            round=vacancy.round,
            by=by,
            form=candidate.form,
            minutes_per_week=facts.minutes_per_week,
            starts_on=facts.starts_on,
            ends_on=facts.ends_on,
            asked=(Party.TRAINER, Party.SCHOOL, *([Party.COMPANY] if candidate.company_id else ())),
            made_at=at,
            answer_before=answer_before,
            grounds=grounds,
        )
        event = ProposalMade(
            **made._about(),
            board_id=made.board_id,
            school_id=made.school_id,
            location_id=made.location_id,
            company_id=made.company_id,
            asked=list(made.asked),
            form=made.form,
            score=grounds.score,
            rank=grounds.rank,
            by=by,
            answer_before=answer_before,
            policy_version=grounds.policy_version,
        )
        return made, [event]

    def consent(self, by: Party, at: datetime, *, terms: int = 1) -> tuple[Proposal, Events]:
        """Take one party's consent to the terms with this number; after the last one it is accepted, or lapses.

        Raises:
            NotAsked: it is not for this party to say.
            NotPossible: it is over.
            CounterOpen: a counter-proposal is to be answered first.
            OtherTerms: the terms are others by now.
        """
        self._must_be_asked(by)
        if by in self.consents:
            return self, []
        LIFE_CYCLE.must_be(self, Status.PROPOSED, wanted="consented")
        if self.countered is not None:
            raise CounterOpen
        if terms != self.terms:
            raise OtherTerms(number=self.terms)
        consented = replace(self, consents={**self.consents, by: at})
        return consented, [ProposalConsented(**self._about(), party=by, left=list(consented.left))]

    def accept(self, verdict: Verdict) -> tuple[Proposal, Events]:
        """Settle it: everybody agreed, the facts still hold and a place was taken.

        Raises:
            StillAsked: a party has not answered.
            NotPossible: it is over.
        """
        if self.status in {Status.ACCEPTED, Status.CONVERTED}:
            return self, []
        LIFE_CYCLE.check(self, Status.ACCEPTED)
        if self.left:
            raise StillAsked(left=", ".join(self.left))
        event = ProposalAccepted(
            **self._about(),
            board_id=self.board_id,
            school_id=self.school_id,
            location_id=self.location_id,
            company_id=self.company_id,
            form=self.form,
            minutes_per_week=self.minutes_per_week,
            roster=_listed(self.roster),
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            policy_version=verdict.policy_version,
        )
        return LIFE_CYCLE.become(self, Status.ACCEPTED, event, findings=verdict.reasons)

    # -- counter-proposals --------------------------------------------------------------------------------------

    def counter(
        self, by: Party, offer: Offer, *, most: int, asks_employer: bool, at: datetime, answer_before: datetime
    ) -> tuple[Proposal, Events]:
        """Offer other terms to the other side; the own consent to the present ones is taken back.

        Raises:
            NotAsked, NotToCounter: it is not for this party to do.
            NotPossible: it is over.
            CounterOpen: there is one already.
            TooManyCounters: ``most`` were made.
            SameTerms: nothing would change.
        """
        self._must_be_asked(by)
        if by not in ACROSS:
            raise NotToCounter(party=by)
        LIFE_CYCLE.must_be(self, Status.PROPOSED, wanted="countered")
        if self.countered is not None:
            raise CounterOpen
        if self.counters >= most:
            raise TooManyCounters(most=most)
        if offer == self.offer:
            raise SameTerms
        number = self.counters + 1
        made = Counter(number=number, by=by, offer=offer, asks_employer=asks_employer, made_at=at)
        event = ProposalCountered(
            **self._about(),
            party=by,
            number=number,
            form=offer.form,
            minutes_per_week=offer.minutes_per_week,
            roster=_listed(offer.roster),
            left=[made.answered_by],
            answer_before=answer_before,
        )
        consents = {party: given for party, given in self.consents.items() if party is not by}
        return replace(self, counters=number, countered=made, consents=consents, answer_before=answer_before), [event]

    def accept_counter(
        self,
        by: Party,
        number: int,
        *,
        employer_id: UUID | None,
        at: datetime,
        answer_before: datetime,
        policy_version: int,
    ) -> tuple[Proposal, Events]:
        """Go on under the terms of a counter-proposal: trainer and school agree to them, the employer is asked.

        ``employer_id`` is the employer where these terms make it a party; one that was asked before stays a party.

        Raises:
            NotPossible: the proposal is over.
            NoCounter: there is none with this number that is for this party to answer.
        """
        counter = self._counter(by, number)
        company_id = self.company_id or employer_id
        changed = replace(
            self,
            form=counter.offer.form,
            minutes_per_week=counter.offer.minutes_per_week,
            roster=counter.offer.roster,
            company_id=company_id,
            asked=(Party.TRAINER, Party.SCHOOL, *([Party.COMPANY] if company_id else ())),
            terms=self.terms + 1,
            consents={counter.by: counter.made_at, by: at},
            countered=None,
            answer_before=answer_before,
        )
        event = ProposalTermsChanged(
            **self._about(),
            terms=changed.terms,
            asked=list(changed.asked),
            left=list(changed.left),
            form=changed.form,
            minutes_per_week=changed.minutes_per_week,
            roster=_listed(changed.roster),
            answer_before=answer_before,
            policy_version=policy_version,
        )
        return changed, [event]

    def decline_counter(self, by: Party, number: int) -> tuple[Proposal, Events]:
        """Say no to a counter-proposal; the proposal is open as it was.

        Raises:
            NotPossible: the proposal is over.
            NoCounter: there is none with this number that is for this party to answer.
        """
        self._counter(by, number)
        event = ProposalCounterDeclined(
            **self._about(), party=by, number=number, left=list(self.left), answer_before=self.answer_before
        )
        return replace(self, countered=None), [event]

    def _counter(self, by: Party, number: int) -> Counter:
        LIFE_CYCLE.must_be(self, Status.PROPOSED, wanted="counter_answered")
        if self.countered is None or (self.countered.number, self.countered.answered_by) != (number, by):
            raise NoCounter(number=number)
        return self.countered

    # -- its end ------------------------------------------------------------------------------------------------

    def decline(self, by: Party, reason: DeclineReason, at: datetime) -> tuple[Proposal, Events]:
        """Say no; a party that consented may still do so until every party has.

        Raises:
            NotAsked: it is not for this party to say.
            NotPossible: it is settled.
        """
        self._must_be_asked(by)
        if self.status is Status.DECLINED and self.declined_by is by:
            return self, []
        event = ProposalDeclined(**self._about(), party=by, reason=reason)
        return LIFE_CYCLE.become(self, Status.DECLINED, event, ended_at=at, reason=reason, declined_by=by)

    def remind(self) -> tuple[Proposal, Events]:
        """Remind the parties that have not answered: of a counter-proposal the other side alone.

        Raises:
            NotPossible: no party is asked any more.
        """
        LIFE_CYCLE.must_be(self, Status.PROPOSED, wanted="reminded")
        left = self.left if self.countered is None else (self.countered.answered_by,)
        event = ProposalReminded(**self._about(), left=list(left), answer_before=self.answer_before)
        return replace(self, reminders=self.reminders + 1), [event]

    def miss(self) -> tuple[Proposal, Events]:
        """Note that no letter reached the trainer so far: the desk is asked for help, once."""
        if self.unreached or self.reached_at or self.held or not self.open or Party.TRAINER not in self.left:
            return self, []
        return replace(self, unreached=True), [ProposalUnreached(**self._about(), answer_before=self.answer_before)]

    def prolong(self, reason: ProlongReason, until: datetime) -> tuple[Proposal, Events]:
        """Let the parties answer longer.

        Raises:
            NotPossible: no party is asked any more.
        """
        LIFE_CYCLE.must_be(self, Status.PROPOSED, wanted="prolonged")
        event = ProposalProlonged(**self._about(), reason=reason, left=list(self.left), answer_before=until)
        return replace(self, answer_before=until), [event]

    def expire(self, at: datetime) -> tuple[Proposal, Events]:
        """Give up waiting for answers."""
        if self.status is Status.EXPIRED:
            return self, []
        event = ProposalExpired(**self._about(), left=list(self.left))
        return LIFE_CYCLE.become(self, Status.EXPIRED, event, ended_at=at, reason=None)

    def withdraw(self, reason: WithdrawReason, at: datetime, found: Broken | None = None) -> tuple[Proposal, Events]:
        """End it because the vacancy or the trainer is no longer there, or because rules are found broken by now."""
        if self.status is Status.WITHDRAWN:
            return self, []
        rules, findings = (found.rules, found.verdict.reasons) if found else ((), self.findings)
        event = ProposalWithdrawn(**self._about(), reason=reason, rules=list(rules))
        return LIFE_CYCLE.become(self, Status.WITHDRAWN, event, ended_at=at, reason=reason, findings=findings)

    def lapse(self, reason: LapseReason, at: datetime, verdict: Verdict | None = None) -> tuple[Proposal, Events]:
        """Let it fall away after everybody agreed; ``verdict`` says why where a rule does."""
        if self.status is Status.LAPSED:
            return self, []
        event, found = ProposalLapsed(**self._about(), reason=reason), verdict.reasons if verdict else self.findings
        return LIFE_CYCLE.become(self, Status.LAPSED, event, ended_at=at, reason=reason, findings=found)

    def convert(self, contract_id: UUID) -> tuple[Proposal, Events]:
        """Note the contract that was drafted from it."""
        if self.status is Status.CONVERTED and self.contract_id == contract_id:
            return self, []
        event = ProposalConverted(**self._about(), contract_id=contract_id)
        return LIFE_CYCLE.become(self, Status.CONVERTED, event, contract_id=contract_id)

    def is_side_work(self, profile: Profile) -> bool:
        """Whether it was agreed beside a job whose employer was not asked."""
        return self.revealed and self.company_id is None and profile.company_id is not None

    def side_work(self, law: str, policy_version: int) -> SideWorkAgreed:
        """Return what the trainer informs the employer of, by ``law``."""
        return SideWorkAgreed(
            **self._about(),
            form=self.form,
            minutes_per_week=self.minutes_per_week,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            law=law,
            policy_version=policy_version,
        )

    def _must_be_asked(self, party: Party) -> None:
        if party not in self.asked:
            raise NotAsked(party=party)

    def _about(self) -> dict[str, Any]:
        return {"proposal_id": self.id, "vacancy_id": self.vacancy_id, "trainer_id": self.trainer_id}


def _listed(roster: tuple[Slot, ...] | None) -> list[Slot] | None:
    return None if roster is None else list(roster)
