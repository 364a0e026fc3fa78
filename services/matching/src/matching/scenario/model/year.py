"""A year of arrivals, questions and answers, drawn from a seed: the same seed is the same year."""

# The search of ADR 0039 over time: whom it asks at once, whom it asks next, and with the last place nobody any more.
# Every die is thrown by name (seed, vacancy, trainer), never in turn: under another rule the same trainer answers the
# same question in the same way, so two years of one seed differ by the rule alone. Time is in whole hours.

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from functools import partial
from hashlib import blake2b
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from matching.proposal.model.asking import CERTAIN, Asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from common.policy import Policies
    from matching.plan.model.snapshot import Judged, Vacant

HOURS: Final = 24
"""Of a day: after so many a vacancy that waits is looked at again."""
_YEAR: Final = 365
"""The days of a vacancy without an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Policy ``matching.simulation``, with ``matching.asking`` and ``matching.terms``: how a year goes."""

    asking: Asking
    term: int
    """The days that a question is open."""
    reminders: tuple[int, ...]
    """The days after which an open question is reminded of."""
    seeds: int
    """How many years are drawn."""
    arrival_days: int
    """During so many days vacancies and people arrive."""
    follow_days: int
    """So many days more the search goes on, so that a late vacancy has its time."""
    times: int
    """How often a vacancy like each of the open ones arrives in that time."""
    present: int
    """Which part of the people is there at the beginning, in ten-thousandths."""
    answer_days: tuple[int, ...]
    """Days after which all have answered, each as likely as the others."""
    silent: int
    """Which part of those who do not consent never answers, in ten-thousandths."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Assumptions:
        """Read the rows that hold on ``day``.

        Raises:
            MissingDependency: one is not known here yet.
        """
        own, terms = (policies.on(code, day).value for code in ("matching.simulation", "matching.terms"))
        return cls(
            asking=Asking.of(policies, day),
            term=int(terms["proposalDays"]),
            reminders=tuple(map(int, terms["reminderDays"])),
            seeds=int(own["seeds"]),
            arrival_days=int(own["arrivalDays"]),
            follow_days=int(own["followDays"]),
            times=int(own["timesPerYear"]),
            present=int(own["presentShare"]),
            answer_days=tuple(map(int, own["answerDays"])),
            silent=int(own["silentShare"]),
        )


class Candidate(NamedTuple):
    """A trainer who fits a vacancy: how well, how probably all consent, and what it takes of the week."""

    person: UUID
    score: int
    chance: int
    minutes: int
    lessons: int
    """The minutes of the week, one bit each."""


class Sought(NamedTuple):
    """A vacancy, and who fits it."""

    id: UUID
    board: UUID
    places: int
    lead: int
    """Days until its first lesson."""
    lasts: int
    """Days from its first lesson to its last."""
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The vacancies that arrive and the people who fit them."""

    vacancies: tuple[Sought, ...]
    people: Mapping[UUID, int]
    """The minutes a week that each has left."""
    caps: Mapping[tuple[UUID, UUID], int] = field(default_factory=dict)
    """The most minutes of a person at a board, where there is a limit."""

    @classmethod
    def of(cls, judged: Judged, vacancies: Iterable[Vacant], day: date) -> World:
        """Take those who fit as the rules judged them."""
        fitting: dict[UUID, list[Candidate]] = defaultdict(list)
        for pair in judged.market.pairs:
            bits = pair.slots.bits
            fitting[pair.opening].append(Candidate(pair.person, pair.score, pair.chance, pair.minutes, bits))
        return cls(
            vacancies=tuple(
                Sought(
                    id=opening.vacancy_id,
                    board=opening.board_id,
                    places=free,
                    lead=max((opening.starts_on - day).days, 0),
                    lasts=_YEAR if opening.ends_on is None else (opening.ends_on - opening.starts_on).days + 1,
                    candidates=tuple(fitting[opening.vacancy_id]),
                )
                for opening, free in sorted(vacancies, key=lambda each: each.opening.vacancy_id)
            ),
            people={each.id: each.free for each in judged.market.people},
            caps={(each.person, each.board): each.minutes for each in judged.market.caps},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The outcome of one year, in questions, letters and places.

    Each question ends in one way: asked = consented + declined + expired + withdrawn + open.
    """

    places: int
    asked: int
    consented: int
    """With the consent of all: so many places are filled."""
    declined: int
    expired: int
    withdrawn: int
    """Asked in vain: the last place was given to somebody else."""
    open: int
    """At the end."""
    letters: int
    """To trainers: each question, its reminders, and that it is withdrawn."""
    hours: tuple[int, ...]
    """From the arrival of a vacancy to the consent of all, per place that is filled; sorted."""

    def after(self, share: int) -> int:
        """Return the hours after which this part of the filled places was filled, in ten-thousandths; 0 of none."""
        return self.hours[(len(self.hours) - 1) * share // CERTAIN] if self.hours else 0


def simulate(world: World, assumptions: Assumptions, seed: int) -> Year:
    """Draw one year; the same world, assumptions and seed are the same year."""
    return _Run(world, assumptions, seed).year()


class _End(Enum):
    CONSENTED = auto()
    DECLINED = auto()
    EXPIRED = auto()
    WITHDRAWN = auto()


class _Held(NamedTuple):
    """The part of a person's time that a question or an agreed place takes."""

    search: _Search
    minutes: int
    lessons: int


@dataclass(slots=True, eq=False)
class _Search:
    """A vacancy that arrived."""

    of: Sought
    name: bytes
    arrived: int
    left: dict[UUID, Candidate]
    """Those who had no turn, the best first."""
    asked: dict[UUID, tuple[Candidate, int]] = field(default_factory=dict)
    """Those who are asked, with the hour of the question."""
    filled: int = 0
    waits: bool = False
    again: bool = False
    """Whether it is looked at again already."""

    @property
    def begins(self) -> int:
        return self.arrived + self.of.lead * HOURS

    @property
    def ends(self) -> int:
        return self.begins + self.of.lasts * HOURS

    def meets(self, other: _Search) -> bool:
        return self.begins < other.ends and other.begins < self.ends


class _Run:
    """One year as it goes."""

    def __init__(self, world: World, assumptions: Assumptions, seed: int) -> None:
        self._world, self._by, self._seed = world, assumptions, seed.to_bytes(8)
        self._now = self._noted = 0
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._known: dict[UUID, list[_Search]] = defaultdict(list)
        """By person the vacancies that they fit."""
        self._held: dict[UUID, list[_Held]] = defaultdict(list)
        self._there: dict[UUID, int] = {}
        self._count = dict.fromkeys(_End, 0)
        self._asked = self._letters = 0
        self._hours: list[int] = []

    def year(self) -> Year:
        until = (self._by.arrival_days + self._by.follow_days) * HOURS
        self._arrivals()
        while self._agenda and self._agenda[0][0] <= until:
            self._now, _, happens = heappop(self._agenda)
            happens()
        return Year(
            places=sum(each.places for each in self._world.vacancies) * self._by.times,
            asked=self._asked,
            consented=self._count[_End.CONSENTED],
            declined=self._count[_End.DECLINED],
            expired=self._count[_End.EXPIRED],
            withdrawn=self._count[_End.WITHDRAWN],
            open=self._asked - sum(self._count.values()),
            letters=self._letters,
            hours=tuple(sorted(self._hours)),
        )

    def _arrivals(self) -> None:
        """Have vacancies and people arrive, each at an hour that is drawn."""
        span = self._by.arrival_days * HOURS
        for person in sorted(self._world.people):
            there, when, _ = self._dice(person.bytes)
            self._there[person] = 0 if _share(there) < self._by.present else when * span >> 32
            if self._there[person]:
                self._at(self._there[person], partial(self._free, person))
        for vacancy in self._world.vacancies:
            for number in range(self._by.times):
                name = vacancy.id.bytes + number.to_bytes(2)
                arrives = self._dice(name)[0] * span >> 32
                self._at(arrives, partial(self._post, vacancy, name))

    def _post(self, vacancy: Sought, name: bytes) -> None:
        def place(candidate: Candidate) -> tuple[int, tuple[int, int, int]]:
            return -candidate.score, self._dice(b"lot", name, candidate.person.bytes)

        in_order = sorted(vacancy.candidates, key=place)
        search = _Search(vacancy, name, self._now, {each.person: each for each in in_order})
        for person in search.left:
            self._known[person].append(search)
        self._fill(search)

    def _fill(self, search: _Search) -> None:
        """Ask as many at once as the search would, the best first."""
        free, chances = search.of.places - search.filled, [each.chance for each, _ in search.asked.values()]
        search.again = False
        if free and not self._by.asking.enough(free, chances):
            found: list[Candidate] = []
            room = self._by.asking.room(free, len(chances))
            for candidate in search.left.values():
                if len(found) == room:
                    break
                if self._may_be_asked(search, candidate):
                    found.append(candidate)
            number = self._by.asking.how_many(free, chances, [each.chance for each in found])
            for candidate in found[:number]:
                self._ask(search, candidate)
        search.waits = len(search.asked) < free

    def _may_be_asked(self, search: _Search, candidate: Candidate) -> bool:
        """Whether a trainer is there, has room beside what is open and agreed, and is not asked by this board."""
        person, taken, here = candidate.person, 0, 0
        if self._there[person] > self._now:
            return False
        for held in self._held[person]:
            same_board = held.search.of.board == search.of.board
            if same_board and person in held.search.asked:
                return False
            if held.search.meets(search):
                if held.lessons & candidate.lessons:
                    return False
                taken += held.minutes
                here += held.minutes * same_board
        cap = self._world.caps.get((person, search.of.board))
        return taken + candidate.minutes <= self._world.people[person] and (
            cap is None or here + candidate.minutes <= cap
        )

    def _ask(self, search: _Search, candidate: Candidate) -> None:
        del search.left[candidate.person]
        search.asked[candidate.person] = candidate, self._now
        self._held[candidate.person].append(_Held(search, candidate.minutes, candidate.lessons))
        self._asked += 1
        self._letters += 1
        consents, silent, when = self._dice(search.name, candidate.person.bytes)
        days = self._by.answer_days[when % len(self._by.answer_days)]
        hours, term = days * HOURS - (when >> 16) % HOURS, self._by.term * HOURS
        how = _End.CONSENTED if _share(consents) < candidate.chance else _End.DECLINED
        if hours > term or (how is _End.DECLINED and _share(silent) < self._by.silent):
            how, hours = _End.EXPIRED, term
        self._at(self._now + hours, partial(self._answer, search, candidate.person, how))

    def _answer(self, search: _Search, person: UUID, how: _End) -> None:
        if person not in search.asked:
            return  # it was withdrawn
        self._end(search, person, how)
        if how is _End.CONSENTED:
            search.filled += 1
            self._hours.append(self._now - search.arrived)
            if search.filled == search.of.places:
                for other in list(search.asked):
                    self._end(search, other, _End.WITHDRAWN)
                    self._free(other)
        else:
            self._free(person)
        self._fill(search)

    def _end(self, search: _Search, person: UUID, how: _End) -> None:
        _, since = search.asked.pop(person)
        self._count[how] += 1
        reminded = sum(since + days * HOURS < self._now for days in self._by.reminders)
        self._letters += reminded + (how is _End.WITHDRAWN)
        if how is not _End.CONSENTED:
            self._held[person] = [each for each in self._held[person] if each.search is not search]

    def _free(self, person: UUID) -> None:
        """Have the vacancies that wait for a trainer looked at again within a day."""
        for search in self._known[person]:
            if search.waits and not search.again and person in search.left:
                search.again = True
                self._at(self._now + HOURS, partial(self._fill, search))

    def _at(self, hour: int, happens: Callable[[], None]) -> None:
        # What happens in the same hour happens in the order in which it was noted.
        self._noted += 1
        heappush(self._agenda, (hour, self._noted, happens))

    def _dice(self, *name: bytes) -> tuple[int, int, int]:
        thrown = blake2b(b"".join(name), key=self._seed, digest_size=12).digest()
        return int.from_bytes(thrown[:4]), int.from_bytes(thrown[4:8]), int.from_bytes(thrown[8:])


def _share(die: int) -> int:
    return die * CERTAIN >> 32
