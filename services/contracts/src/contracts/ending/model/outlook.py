"""Ways in which each party can end a contract early, and the consequences of an end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from common.errors import Conflict, Invalid, InvalidParam, Message
from contracts.contract.model.contract import AT_WORK, SIGNED, Contract
from events.words import Party
from rules.ending import EndingFacts, Endings, Obstacle, Way


class NoNotice(Conflict):
    """The {party} cannot give notice of this contract: {obstacles}. An agreement between its parties can end it."""


class NoCause(Conflict):
    """The {party} cannot end a contract of this form for cause."""


class Follow(StrEnum):
    """Something that follows when a contract ends early."""

    OPEN_HOURS = "open_hours"
    """Hours that were handed in and nobody approved yet."""
    OTHER_AGREEMENTS = "other_agreements"
    """Agreements of the same contract that end with it."""
    PLACE = "place"
    """Places of the vacancy that are free again."""
    DATA = "data"
    """What is kept, and how long, begins to count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Possibility:
    """One way in which one party could end it today."""

    way: Way
    by: Party
    obstacles: tuple[Obstacle, ...]
    first_day: date | None
    """The earliest last day; None where the obstacles leave none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All that a party needs to know before it ends anything."""

    instrument: str
    parties: tuple[Party, ...]
    possibilities: tuple[Possibility, ...]
    follows: Mapping[Follow, int]
    """How many of each; what there is none of is left out."""


def facts_of(contract: Contract, today: date) -> EndingFacts:
    """Return what the rules ask."""
    return EndingFacts(
        day=today,
        starts_on=contract.terms.starts_on,
        ends_on=contract.terms.ends_on,
        notice_months=contract.terms.notice_months,
        begun=contract.status in AT_WORK,
    )


def must_allow_day(contract: Contract, day: date, earliest: date) -> None:
    """Check that a proposed last day leaves time to think, and comes before the one that is agreed already.

    Raises:
        Invalid: it does not.
    """
    last = contract.terms.ends_on
    if day < earliest:
        raise Invalid(InvalidParam("lastDay", Message("must be {earliest} or later", earliest=earliest), "too-early"))
    if last is not None and day >= last:
        raise Invalid(InvalidParam("lastDay", Message("the contract ends on {last} anyway", last=last), "not-earlier"))


def last_day_of_notice(contract: Contract, rules: Endings, by: Party, today: date, wanted: date | None) -> date:
    """Return the last day of a notice that a party gives today; it holds the permit, where it needs one.

    Raises:
        NoNotice: it may not give one.
        Invalid: the wanted day is too early, or no day with which it may end.
    """
    notice, facts = rules.notice.get(by), facts_of(contract, today)
    obstacles = _but_the_permit(notice.obstacles(facts)) if notice else (Obstacle.NO_CLAUSE,)
    if notice is None or obstacles:
        raise NoNotice(party=by.value, obstacles=", ".join(obstacles))
    earliest = notice.first_day(facts)
    if wanted is None:
        return earliest
    must_allow_day(contract, wanted, earliest)
    if wanted != notice.rounded(wanted):
        reason = Message("notice ends with the last day of a month: {day}", day=notice.rounded(wanted))
        raise Invalid(InvalidParam("lastDay", reason, "not-at-the-end"))
    return wanted


def must_hold_permit(rules: Endings, by: Party, *, permit: bool) -> None:
    """Check that a party that needs a permit to give notice says that it has one.

    Raises:
        NoNotice: it needs one.
    """
    notice = rules.notice.get(by)
    if notice is not None and notice.permit and not permit:
        raise NoNotice(party=by.value, obstacles=Obstacle.PERMIT.value)


def outlook(contract: Contract, rules: Endings, parties: tuple[Party, ...], today: date, *, open_hours: int) -> Outlook:
    """Return what each party could do today, and what would follow."""
    open_ = contract.status in AT_WORK | {SIGNED} and not (contract.ending and contract.ending.certain)
    found = [each for party in parties for each in _of(contract, rules, party, today)] if open_ else []
    others = len(contract.signing.instruments) - 1 if contract.signing else 0
    counts = {Follow.OPEN_HOURS: open_hours, Follow.OTHER_AGREEMENTS: others, Follow.PLACE: 1, Follow.DATA: 1}
    return Outlook(
        instrument=rules.instrument,
        parties=parties,
        possibilities=tuple(found),
        follows={each: count for each, count in counts.items() if count and found},
    )


def _of(contract: Contract, rules: Endings, party: Party, today: date) -> list[Possibility]:
    facts = facts_of(contract, today)
    first = rules.first_agreed_day(today)
    late = facts.ends_on is not None and first >= facts.ends_on
    not_earlier = (Obstacle.NOT_EARLIER,) if late else ()
    found = [
        Possibility(way=Way.AGREEMENT, by=party, obstacles=not_earlier, first_day=None if late else first),
    ]
    if notice := rules.notice.get(party):
        obstacles = notice.obstacles(facts)
        day = None if _but_the_permit(obstacles) else notice.first_day(facts)
        found.append(Possibility(way=Way.NOTICE, by=party, obstacles=obstacles, first_day=day))
    if party in rules.cause:
        obstacles = () if facts.begun else (Obstacle.NOT_BEGUN,)
        found.append(
            Possibility(way=Way.CAUSE, by=party, obstacles=obstacles, first_day=today if facts.begun else None)
        )
    return found


def _but_the_permit(obstacles: tuple[Obstacle, ...]) -> tuple[Obstacle, ...]:
    return tuple(each for each in obstacles if each is not Obstacle.PERMIT)
