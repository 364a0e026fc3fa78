"""A counter-proposal: other terms for an open proposal, from the trainer or from the school."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from common.decision import Outcome, Reason, Verdict
from common.errors import Conflict, InvalidParam, Message
from events.words import Form, Party, Slot
from matching.profile.model.published import week_of
from matching.profile.model.week import Week
from matching.proposal.model.still_lawful import still_lawful
from matching.ranking.model.criteria import Criteria
from matching.ranking.model.screening import HardRule
from rules.weekly import roster_faults

if TYPE_CHECKING:
    from datetime import date

    from common.policy import Policies
    from matching.profile.model.profile import Profile
    from matching.vacancy.model.opening import Opening

ACROSS: Final = {Party.TRAINER: Party.SCHOOL, Party.SCHOOL: Party.TRAINER}
"""Who may make a counter-proposal, and who answers it."""


class NotToCounter(Conflict):
    """Only the trainer and the school make counter-proposals; the {party} answers yes or no."""


class CounterOpen(Conflict):
    """This proposal waits for the answer to a counter-proposal."""


class NoCounter(Conflict):
    """There is no open counter-proposal with number {number} for you to answer."""


class TooManyCounters(Conflict):
    """No more than {most} counter-proposals can be made to one proposal."""


class SameTerms(Conflict):
    """These are the terms of the proposal already."""


class OtherTerms(Conflict):
    """The terms have changed: this proposal goes by terms {number} by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The terms of a proposal that a counter-proposal can change."""

    form: Form
    minutes_per_week: int
    roster: tuple[Slot, ...] | None
    """The weekly hours; None are those of the vacancy, or by agreement."""

    def faults(self, most: int) -> list[InvalidParam]:
        """Return what cannot be of these terms; ``most`` minutes a week are asked by the vacancy."""
        faults = [] if self.roster is None else roster_faults("roster", self.roster, at_least=self.minutes_per_week)
        if self.minutes_per_week > most:
            reason = Message("must not be above what the vacancy asks: {most}", most=most)
            faults.append(InvalidParam("minutesPerWeek", reason, "out-of-range"))
        return faults

    def opening(self, asked: Opening) -> Opening:
        """Return the opening as it would be under these terms."""
        roster = asked.roster if self.roster is None else week_of(self.roster)
        return replace(asked, forms=(self.form,), minutes_per_week=self.minutes_per_week, roster=roster)

    def known(self, profile: Profile) -> Profile:
        """Return the profile of a trainer who agrees to these hours: whatever else is offered, they are."""
        if self.roster is None:
            return profile
        hours = week_of(self.roster)
        return replace(profile, availability=Week((*profile.availability.slots, *hours.slots)))

    def verdict(self, asked: Opening, profile: Profile, policies: Policies, day: date) -> Verdict:
        """Judge the trainer under these terms: the form, all that was agreed elsewhere, and the law.

        Raises:
            Missing: a policy row is not known here yet.
        """
        criteria = Criteria.of(policies, day, max(asked.starts_on, day))
        possible = self.form in criteria.forms[profile.employer]
        form = Reason(
            rule=HardRule.COMPANY_CONSENT.code,
            outcome=Outcome.PASS if possible else Outcome.BLOCK,
            measured=self.form,
        )
        lawful = still_lawful(
            self.opening(asked), self.known(profile), self.form, policies, day, proposed=self.minutes_per_week
        )
        return Verdict.all_of((Verdict(policy_version=lawful.policy_version, reasons=(form,)), lawful))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter-proposal that waits for its answer."""

    number: int
    by: Party
    offer: Offer
    asks_employer: bool
    """Whether the trainer's employer is a party under these terms; for the trainer to know."""
    made_at: datetime

    @property
    def answered_by(self) -> Party:
        """The party on the other side."""
        return ACROSS[self.by]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRules:
    """Policy ``matching.counter``."""

    most: int
    """So many counter-proposals are made to one proposal, by both sides together."""
    answer: timedelta
    """For so long, at least, a counter-proposal and the terms that follow from it can be answered."""
    beyond: timedelta
    """By so much, at most, a proposal stays open longer than without any."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> CounterRules:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.counter", day).value
        return cls(
            most=value["mostPerProposal"],
            answer=timedelta(days=value["answerDays"]),
            beyond=timedelta(days=value["mostExtraDays"]),
        )

    def answer_before(self, made_at: datetime, answer_before: datetime, term: timedelta, now: datetime) -> datetime:
        """Return until when a proposal is open after a counter-proposal, or after one was accepted, ``now``."""
        return max(answer_before, min(now + self.answer, made_at + term + self.beyond))
