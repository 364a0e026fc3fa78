"""A person's capacity: what everything that is open and agreed leaves for one opening, of one person or of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from matching.profile.model.absence import merged
from matching.profile.model.columns import Number
from matching.profile.model.distance import chords, kilometres
from matching.profile.model.engaged import Entry, halves
from matching.profile.model.engagement import Engagement
from matching.profile.model.week import DAY, DAYS, WEEK, Slot, Week
from matching.vacancy.model.calendar import Away, Calendar

if TYPE_CHECKING:
    from uuid import UUID

    from numpy.typing import NDArray

    from matching.profile.model.columns import Columns
    from matching.profile.model.profile import Profile
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening
    from rules.forms import Form

_WORD: Final = 64
_ALL: Final = np.uint64(2**64 - 1)
_WEEKDAYS: Final = [Week.of([(weekday, 0, DAY)]).words() for weekday in range(1, DAYS + 1)]


@dataclass(frozen=True, slots=True)
class Capacity:
    """One opening against one person's weeks; ``usable_minutes`` answers the same for a whole pool."""

    opening: Opening
    criteria: Criteria

    def counting(self, profile: Profile) -> tuple[Engagement, ...]:
        """Return the engagements that count, whenever they run: the question about this very opening is none."""
        return tuple(
            each
            for each in profile.engagements
            if each.agreed or (self.criteria.open_counts and each.vacancy_id != self.opening.vacancy_id)
        )

    def meanwhile(self, profile: Profile) -> tuple[Engagement, ...]:
        """Return those of them that have a day in the period of the opening."""
        begins = self.criteria.begins
        ends = self.opening.last_day(begins)
        return tuple(each for each in self.counting(profile) if each.runs_within(begins, ends))

    def free(self, profile: Profile) -> Week:
        """Return the available minutes without lessons elsewhere, and without the way to and from them."""
        free = profile.availability
        for each in self.meanwhile(profile):
            free = free.without(each.slots.widened(self._way(each)))
        return free

    def lessons(self, profile: Profile) -> tuple[Slot, ...]:
        """Return when this person would teach: the first free minutes that both weeks share."""
        return lessons(self.opening, self.free(profile))

    def minutes(self, profile: Profile) -> int:
        """Return the usable minutes a week, absences counted: see ``usable_minutes``."""
        weekly = self.weekly(profile)
        if not profile.absences:
            return weekly
        free = self.free(profile)
        by_weekday = np.zeros((DAYS, 1), dtype=np.int64)
        for slot in (free if self.opening.roster is None else free.shared(self.opening.roster)).slots:
            by_weekday[slot.weekday - 1] += slot.minutes
        days = [(0, each.first_day.toordinal(), each.last_day.toordinal()) for each in merged(profile.absences)]
        away = Away(*np.array(days, dtype=np.int64).T)
        return int(self.calendar.left(np.array([weekly], dtype=np.int32), by_weekday, away)[0])

    @property
    def calendar(self) -> Calendar:
        """The days on which there are lessons."""
        return Calendar.of(self.opening, self.criteria.begins, self.criteria.school_year)

    def weekly(self, profile: Profile) -> int:
        """Return the usable minutes of a week without any absence."""
        free, others = self.free(profile), self.meanwhile(profile)
        shared = free.minutes if self.opening.roster is None else free.overlap(self.opening.roster)
        available = profile.availability.minutes - sum(each.minutes_of(profile.availability) for each in others)
        return max(min(shared, available, self.opening.minutes_needed), 0)

    def taken(self, profile: Profile) -> int:
        """Return the minutes a week that other work takes of those that the person wants in all."""
        return sum(each.minutes_per_week for each in self.meanwhile(profile))

    def room(self, profile: Profile) -> int:
        """Return the usable minutes a week that are within those that the person wants in all."""
        wanted = WEEK if profile.minutes_per_week is None else profile.minutes_per_week
        return max(min(self.minutes(profile), wanted - self.taken(profile)), 0)

    def engagement(self, profile: Profile, proposal_id: UUID, form: Form, *, agreed: bool) -> Engagement:
        """Return what the opening would take of this person; by agreement its lessons have no hours yet."""
        opening = self.opening
        return Engagement(
            proposal_id=proposal_id,
            agreed=agreed,
            minutes_per_week=opening.minutes_per_week,
            slots=Week() if opening.roster is None else Week(self.lessons(profile)),
            vacancy_id=opening.vacancy_id,
            board_id=opening.board_id,
            school_id=opening.school_id,
            place=opening.place,
            role=opening.role,
            form=form,
            first_day=opening.starts_on,
            last_day=opening.ends_on,
        )

    def _way(self, engagement: Engagement) -> int:
        if engagement.place is None:
            return 0
        distance = np.array([engagement.place.kilometres_to(self.opening.place)], dtype=np.int32)
        return int(self.criteria.travel.minutes(distance)[0])


def lessons(opening: Opening, availability: Week) -> tuple[Slot, ...]:
    """Return when somebody would teach: what both weeks share, the earliest first, up to the minutes needed."""
    left = opening.minutes_needed
    taught: list[Slot] = []
    for slot in (availability if opening.roster is None else availability.shared(opening.roster)).slots:
        if left:
            end = min(slot.end, slot.start + left)
            taught.append(Slot(weekday=slot.weekday, start=slot.start, end=end))
            left -= end - slot.start
    return tuple(taught)


class Usable(NamedTuple):
    """Per row the usable minutes a week, those of a week without any absence, and those that other work takes."""

    minutes: NDArray[np.int32]
    weekly: NDArray[np.int32]
    taken: NDArray[np.int32]


def usable_minutes(opening: Opening, columns: Columns, rows: int, criteria: Criteria) -> Usable:
    """Return per row the minutes a week that can be taught, at most the need.

    Both sides have them, no other lesson nor the way to it takes them, and they are within the availability. Where
    somebody is away they are the mean over all days with lessons: an absence while there are none costs nothing.
    """
    available = columns.numbers[Number.AVAILABLE, :rows]
    if opening.roster is None:
        needed, shared = np.full(len(columns.week), _ALL), available.copy()
    else:
        needed, shared = opening.roster.words(), np.zeros(rows, dtype=np.int32)
        for word in np.flatnonzero(needed):
            shared += np.bitwise_count(columns.week[word, :rows] & needed[word])
    entries = _meanwhile(opening, columns, rows, criteria)
    who = entries[Entry.ROW]
    taken = _sum(who, entries[Entry.MINUTES], rows)
    free = available - _sum(who, entries[Entry.AVAILABLE], rows)
    lost = _lost(opening, columns, entries[:, shared[who] > 0], needed, criteria)
    usable = np.minimum(np.minimum(shared - _sum(lost.who, lost.minutes, rows), free), np.int32(opening.minutes_needed))
    weekly = np.maximum(usable, 0).astype(np.int32)
    away = columns.absences.within(rows, criteria.begins, opening.last_day(criteria.begins))
    return Usable(
        _there(opening, columns, away, weekly, needed, lost, criteria) if away.size else weekly, weekly, taken
    )


class _Lost(NamedTuple):
    """Minutes that a lesson elsewhere takes, and of which weekday, Monday is 0."""

    who: NDArray[np.int32]
    minutes: NDArray[np.int32]
    weekday: NDArray[np.int64]


def _there(
    opening: Opening,
    columns: Columns,
    away: NDArray[np.int32],
    weekly: NDArray[np.int32],
    needed: NDArray[np.uint64],
    lost: _Lost,
    criteria: Criteria,
) -> NDArray[np.int32]:
    """Return the minutes a week of ``Capacity.minutes``, of all rows; only those who are away cost anything."""
    calendar = Calendar.of(opening, criteria.begins, criteria.school_year)
    who, which = np.unique(away[0], return_inverse=True)
    by_weekday = np.zeros((DAYS, len(who)), dtype=np.int64)
    for weekday, words in enumerate(_WEEKDAYS):
        mask = words & needed
        for word in np.flatnonzero(mask):
            by_weekday[weekday] += np.bitwise_count(columns.week[word, who] & mask[word])
    theirs = np.isin(lost.who, who)
    at = lost.weekday[theirs], np.searchsorted(who, lost.who[theirs])
    np.subtract.at(by_weekday, at, lost.minutes[theirs])
    minutes = weekly.copy()
    days = away[1:].astype(np.int64)
    minutes[who] = calendar.left(weekly[who], by_weekday, Away(which, *days))
    return minutes


def _meanwhile(opening: Opening, columns: Columns, rows: int, criteria: Criteria) -> NDArray[np.int32]:
    """Return the entries of ``Capacity.meanwhile``, of all rows."""
    entries, vacancies = columns.engaged.entries()
    first, last = criteria.begins.toordinal(), opening.last_day(criteria.begins).toordinal()
    counts = (entries[Entry.ROW] >= 0) & (entries[Entry.ROW] < rows)
    counts &= (entries[Entry.FIRST] <= last) & (entries[Entry.LAST] >= first)
    if criteria.open_counts:
        high, low = halves(opening.vacancy_id)
        same = (vacancies[0] == np.uint64(high)) & (vacancies[1] == np.uint64(low))
        counts &= (entries[Entry.AGREED] > 0) | ~same
    else:
        counts &= entries[Entry.AGREED] > 0
    return entries[:, counts]


def _lost(
    opening: Opening,
    columns: Columns,
    entries: NDArray[np.int32],
    needed: NDArray[np.uint64],
    criteria: Criteria,
) -> _Lost:
    """Return rows, and how many of their shared minutes a lesson elsewhere takes, with the way to and from it."""
    entries = entries[:, entries[Entry.END] > entries[Entry.START]]
    who, start, end = entries[Entry.ROW], entries[Entry.START], entries[Entry.END]
    way = criteria.travel.minutes(kilometres(chords(entries[Entry.X : Entry.Z + 1], opening.place)))
    midnight = start // DAY * DAY
    start, end = np.maximum(start - way, midnight), np.minimum(end + way, midnight + DAY)
    if opening.roster is not None:
        near = np.zeros(len(who), dtype=np.bool_)
        for slot in opening.roster.slots:
            day = (slot.weekday - 1) * DAY
            near |= (start < day + slot.end) & (end > day + slot.start)
        who, start, end = who[near], start[near], end[near]
    order = np.lexsort((start, who))
    who, start, end = who[order], start[order], end[order]
    # What two of them take of one person counts once: each begins where those before it have ended.
    reached = np.maximum.accumulate(who.astype(np.int64) * (2 * WEEK) + end)
    start[1:] = np.maximum(start[1:], reached[:-1] - who[1:].astype(np.int64) * (2 * WEEK))
    return _Lost(who, _minutes_between(columns.week, needed, who, start, end), start // DAY)


def _minutes_between(
    week: NDArray[np.uint64],
    needed: NDArray[np.uint64],
    who: NDArray[np.int32],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Count, for each row in ``who``, the needed minutes of its week from ``start`` up to ``end``."""
    found = np.zeros(len(who), dtype=np.int32)
    at = np.flatnonzero(end > start)
    word = start[at] // _WORD
    while len(at):
        low = np.maximum(start[at] - word * _WORD, 0).astype(np.uint64)
        beyond = np.maximum((word + 1) * _WORD - end[at], 0).astype(np.uint64)
        mask = (_ALL << low) & (_ALL >> beyond)
        found[at] += np.bitwise_count(week[word, who[at]] & needed[word] & mask)
        word += 1
        goes_on = word * _WORD < end[at]
        at, word = at[goes_on], word[goes_on]
    return found


def _sum(who: NDArray[np.int32], minutes: NDArray[np.int32], rows: int) -> NDArray[np.int32]:
    return np.bincount(who, weights=minutes, minlength=rows).astype(np.int32)
