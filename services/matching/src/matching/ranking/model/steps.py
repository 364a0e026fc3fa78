"""How far a change has to go: minutes in whole half hours, mornings, absences, a later start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from matching.profile.model.absence import Absence, merged
from matching.profile.model.week import DAY, DAYS, Slot, Week
from matching.ranking.model.capacity import Capacity
from matching.ranking.model.criteria import least

if TYPE_CHECKING:
    from collections.abc import Callable

    from matching.profile.model.profile import Profile
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening

STEP: Final = 30
"""Minutes: a school asks whole half hours."""
_MORNING: Final = 8 * 60 + 30


def most_minutes(at_most: int, passes: Callable[[int], bool]) -> int:
    """Return the most minutes, in whole half hours up to ``at_most``, that pass; 0 where none do.

    Fewer minutes pass wherever more do.
    """
    low, high = 0, at_most // STEP
    while low < high:
        middle = (low + high + 1) // 2
        if passes(middle * STEP):
            low = middle
        else:
            high = middle - 1
    return low * STEP


def mornings(minutes: int, available: Week) -> Week:
    """Return mornings and afternoons, from the first day with nothing yet, that hold so many minutes."""
    busy = {slot.weekday for slot in available.slots}
    slots, left = [], minutes
    for weekday in sorted(range(1, DAYS + 1), key=lambda day: (day in busy, day)):
        length = min(left, DAY - _MORNING)
        if length:
            slots.append(Slot(weekday=weekday, start=_MORNING, end=_MORNING + length))
        left -= length
    return Week(tuple(slots))


def fewest_absences(opening: Opening, criteria: Criteria, profile: Profile) -> tuple[Absence, ...]:
    """Return the absences without those that cost most, of which as few as it takes fall away."""
    capacity = Capacity(opening, criteria)
    enough = least(opening.minutes_needed, criteria.overlap_share)

    def minutes(*absences: Absence) -> int:
        return capacity.minutes(replace(profile, absences=absences))

    left = sorted(merged(profile.absences), key=minutes)
    while left and minutes(*left) < enough:
        del left[0]
    return tuple(sorted(left))


def after_absence(opening: Opening, criteria: Criteria, profile: Profile) -> date | None:
    """Return the Monday after the absence in which the lessons would begin; None where they begin before any."""
    calendar, begins = Capacity(opening, criteria).calendar, criteria.begins
    for each in merged(profile.absences):
        if each.last_day >= begins and calendar.begins_after(each.first_day):
            return each.last_day + timedelta(days=DAYS - each.last_day.weekday())
    return None
