"""How the work under a contract may end before its last day: who gives notice, from when on, and who agrees."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from events.words import Form, Party
from rules.dates import add_months

if TYPE_CHECKING:
    from common.policy import Policies

_YEAR = 12


class Way(StrEnum):
    """By what a contract ends before its last day."""

    NOTICE = "notice"
    """One party ends it, after a term."""
    AGREEMENT = "agreement"
    """All its parties want it."""
    CAUSE = "cause"
    """One party ends it at once, for a reason after which nobody can be asked to go on."""


class Obstacle(StrEnum):
    """A circumstance that keeps a party from ending it in a way."""

    NOT_BEGUN = "not_begun"
    """The work has not begun: until then only an agreement ends it."""
    NO_CLAUSE = "no_clause"
    """It has a last day, and no clause that allows notice before that day."""
    NOT_EARLIER = "not_earlier"
    """It ends by itself before the term of notice has gone by."""
    PERMIT = "permit"
    """An employer needs a permit, or the trainer's consent: an agreement is the other way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingFacts:
    """Facts of a contract and of the day that the rules ask."""

    day: date
    starts_on: date
    ends_on: date | None
    """None where it has no last day."""
    notice_months: int | None
    """What the parties agreed; None where they left it to the law."""
    begun: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Under what a party may give notice."""

    months: tuple[tuple[int, int], ...]
    """From so many years of work on, so many months; ascending."""
    end_of_month: bool
    """Whether it ends with the last day of a month."""
    clause_for_fixed_term: bool
    """Whether a contract with a last day can be ended by notice only where a clause says so."""
    permit: bool
    """Whether the party needs a permit to give notice."""

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Notice:
        """Read it from policy ``endings.<form>``."""
        return cls(
            months=tuple((each["fromYears"], each["months"]) for each in value["months"]),
            end_of_month=value["endOfMonth"],
            clause_for_fixed_term=value["clauseForFixedTerm"],
            permit=value["permit"],
        )

    def first_day(self, facts: EndingFacts) -> date:
        """Return the earliest last day of notice that is given today: the longer of the law's and the agreed term."""
        worked = [months for years, months in self.months if add_months(facts.starts_on, years * _YEAR) <= facts.day]
        months = max([*worked[-1:], facts.notice_months or 0])
        return self.rounded(add_months(facts.day, months))

    def rounded(self, day: date) -> date:
        """Return the first day from that one on with which it may end."""
        return day.replace(day=monthrange(day.year, day.month)[1]) if self.end_of_month else day

    def obstacles(self, facts: EndingFacts) -> tuple[Obstacle, ...]:
        """Return what stands in the way of notice today; a permit that is there does not."""
        checks = {
            Obstacle.NOT_BEGUN: not facts.begun,
            Obstacle.NO_CLAUSE: self.clause_for_fixed_term
            and facts.ends_on is not None
            and facts.notice_months is None,
            Obstacle.NOT_EARLIER: facts.ends_on is not None and self.first_day(facts) >= facts.ends_on,
            Obstacle.PERMIT: self.permit,
        }
        return tuple(obstacle for obstacle, there in checks.items() if there)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """Policy ``endings.<form>``: how the agreement under which the lessons are given ends early."""

    instrument: str
    """Only its parties end it."""
    notice: Mapping[Party, Notice]
    """A party that is not here cannot give notice."""
    answer_days: int
    reflection_days: int
    reflects: Party | None
    """Who may take back a consent, and for so many days after everybody agreed."""
    cause: frozenset[Party]
    policy_version: int

    @classmethod
    def of(cls, form: Form, policies: Policies, day: date) -> Endings:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on(f"endings.{form}", day).value
        agreement = value["agreement"]
        return cls(
            instrument=value["instrument"],
            notice={Party(party): Notice.of(each) for party, each in value["notice"].items()},
            answer_days=agreement["answerDays"],
            reflection_days=agreement["reflectionDays"],
            reflects=Party(agreement["reflects"]) if agreement["reflects"] else None,
            cause=frozenset(map(Party, value["cause"])),
            policy_version=policies.version,
        )

    def first_agreed_day(self, today: date) -> date:
        """Return the earliest last day that may be proposed today: nobody loses the days to think it over."""
        return today + timedelta(days=self.reflection_days)

    def answer_until(self, today: date, last_day: date) -> date:
        """Return the last day on which a proposal for ``last_day`` may be agreed to."""
        return min(today + timedelta(days=self.answer_days), last_day - timedelta(days=self.reflection_days))
