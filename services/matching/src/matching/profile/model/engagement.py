"""An engagement: what one proposal takes of a trainer's weeks, as long as it is open and after it was agreed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from matching.profile.model.distance import Place
from matching.profile.model.week import WEEK, Week
from rules.forms import Form, TeachingRole

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNKNOWN: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """Work that a trainer is asked for or agreed to; of one that was stored before 2027 only the minutes are known.

    Raises:
        Invalid: more minutes than a week has.
    """

    proposal_id: UUID
    agreed: bool
    """False: an open proposal."""
    minutes_per_week: int
    slots: Week = field(default_factory=Week)
    """When the lessons are; empty where that is by agreement, or not known."""
    vacancy_id: UUID | None = None
    board_id: UUID | None = None
    school_id: UUID | None = None
    place: Place | None = None
    role: TeachingRole | None = None
    form: Form | None = None
    first_day: date | None = None
    """None: it runs already."""
    last_day: date | None = None
    """None: no end is known."""

    def __post_init__(self) -> None:
        if not 0 <= self.minutes_per_week <= WEEK:
            raise Invalid(InvalidParam("minutesTaken", Message("must be 0 to {highest}", highest=WEEK), "out-of-range"))

    def runs_within(self, first: date, last: date) -> bool:
        """Whether it has a day in that period, both days included."""
        return (self.first_day or first) <= last and first <= (self.last_day or last)

    def minutes_of(self, availability: Week) -> int:
        """Return how many available minutes it takes; without slots they can be any."""
        return availability.overlap(self.slots) if self.slots.slots else self.minutes_per_week

    def to_json(self) -> dict[str, Any]:
        """Return what ``of_json`` reads; what is not known is left out."""
        known = {
            "proposal": self.proposal_id,
            "vacancy": self.vacancy_id,
            "board": self.board_id,
            "school": self.school_id,
            "role": self.role,
            "form": self.form,
            "first": self.first_day,
            "last": self.last_day,
        }
        plain: dict[str, Any] = {name: str(value) for name, value in known.items() if value is not None}
        if self.place is not None:
            plain["place"] = [self.place.latitude, self.place.longitude]
        if self.slots.slots:
            plain["slots"] = [[slot.weekday, slot.start, slot.end] for slot in self.slots.slots]
        return plain | {"agreed": self.agreed, "minutes": self.minutes_per_week}

    @classmethod
    def of_json(cls, plain: dict[str, Any]) -> Engagement:
        """Read what ``to_json`` wrote."""

        def known(name: str, read: Any) -> Any:
            return read(plain[name]) if name in plain else None

        return cls(
            proposal_id=UUID(plain["proposal"]),
            agreed=plain["agreed"],
            minutes_per_week=plain["minutes"],
            slots=Week.of(plain.get("slots", ())),
            vacancy_id=known("vacancy", UUID),
            board_id=known("board", UUID),
            school_id=known("school", UUID),
            place=known("place", lambda at: Place(latitude=at[0], longitude=at[1])),
            role=known("role", TeachingRole),
            form=known("form", Form),
            first_day=known("first", date.fromisoformat),
            last_day=known("last", date.fromisoformat),
        )


def engagements_of(stored: Sequence[dict[str, Any]] | None, minutes_taken: int) -> tuple[Engagement, ...]:
    """Return what a stored profile is engaged in; one stored before there were engagements has only minutes."""
    if stored is not None:
        return tuple(Engagement.of_json(each) for each in stored)
    if not minutes_taken:
        return ()
    return (Engagement(proposal_id=_UNKNOWN, agreed=True, minutes_per_week=min(minutes_taken, WEEK)),)
