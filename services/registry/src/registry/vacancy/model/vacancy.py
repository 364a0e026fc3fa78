"""A vacancy: what a school asks, until every place has a signed contract and every contract is over."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from common.errors import Conflict, Refused
from common.lifecycle import LifeCycle
from events import Event
from events.parties import Parties
from events.registry import (
    VacancyChanged,
    VacancyClosed,
    VacancyDrafted,
    VacancyExpired,
    VacancyFacts,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)
from events.words import Fee, Form, SchoolType, Slot, TeachingRole
from registry.vacancy.model.terms import TERMS, Site, Terms

WithdrawnReason: TypeAlias = Literal["no_longer_needed", "filled_elsewhere", "budget", "other"]


class Status(StrEnum):
    """``partly_filled`` is derived: open, and some places have a contract."""

    DRAFT = "draft"
    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


DRAFT, OPEN, FILLED, CLOSED, WITHDRAWN, EXPIRED = Status


class NotPossible(Conflict):
    """A vacancy that is {status} cannot become {wanted}."""


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        DRAFT: {OPEN, WITHDRAWN},
        OPEN: {FILLED, WITHDRAWN, EXPIRED},
        FILLED: {OPEN, CLOSED},
        EXPIRED: {OPEN, FILLED, WITHDRAWN},
    },
)


class NotChangeable(Conflict):
    """A vacancy that is {status} cannot be changed: what was agreed stands in its contracts."""


class FewerPlacesThanSigned(Conflict):
    """{signed} places have a signed contract already, so there cannot be {places}."""


class StartsInThePast(Refused):
    """A vacancy is posted before the work begins; {starts_on} has passed."""


class LocationCloses(Refused):
    """Nothing new begins at a location from the day on which it closes, {closed_on}."""


class NobodyToAddress(Refused):
    """A school asks for trainers once somebody is named there who can be written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """A school's question; how many places have a contract is counted from the engagements, not here."""

    id: UUID
    version: int = 0
    status: Status = DRAFT
    board_id: UUID
    school_id: UUID
    location_id: UUID
    region: str | None
    municipality: str | None = None
    latitude: float | None
    longitude: float | None
    school_type: SchoolType
    role: TeachingRole
    subject: str
    minutes_per_week: int
    preparation_minutes_per_week: int
    roster: tuple[Slot, ...] | None
    starts_on: date
    ends_on: date | None
    places: int
    supervisor_id: UUID | None
    forms: tuple[Form, ...]
    fee: Fee
    language: str
    structural: bool
    statutory_lessons: bool
    group_size: int
    upper_years: bool
    days_without_lessons: tuple[date, ...] = ()
    withdrawn_reason: WithdrawnReason | None = None

    @property
    def case(self) -> UUID:
        """A vacancy is a case of its own until it meets a trainer, and then it is theirs together."""
        return self.id

    @property
    def parties(self) -> Parties:
        """The school that asks."""
        return Parties.of(self)

    @property
    def terms(self) -> Terms:
        """The terms of the vacancy."""
        return Terms(**{name: getattr(self, name) for name in TERMS})

    @classmethod
    def draft(cls, id_: UUID, site: Site, terms: Terms) -> tuple[Vacancy, list[Event]]:
        """Prepare it; nobody is asked yet."""
        vacancy = cls(id=id_, **_placed(site), **_asked(terms))
        return vacancy, [_facts(VacancyDrafted, vacancy)]

    @classmethod
    def post(cls, id_: UUID, site: Site, terms: Terms, *, today: date) -> tuple[Vacancy, list[Event]]:
        """Ask at once."""
        draft, _ = cls.draft(id_, site, terms)
        return draft.publish(today)

    def publish(self, today: date) -> tuple[Vacancy, list[Event]]:
        """Ask: a draft for the first time, an expired one again."""
        if self.status is OPEN:
            return self, []
        LIFE_CYCLE.must_be(self, DRAFT, EXPIRED, wanted=OPEN)  # a filled one is open again where a place is free again
        if self.starts_on < today:
            raise StartsInThePast(starts_on=self.starts_on.isoformat())
        event = _facts(VacancyPosted, self) if self.status is DRAFT else VacancyReopened(vacancy_id=self.id)
        return LIFE_CYCLE.become(self, OPEN, event)

    def change(self, site: Site, terms: Terms, *, signed: int, today: date) -> tuple[Vacancy, list[Event]]:
        """Ask something else; ``signed`` places have a contract. An expired one with a new date asks again."""
        changed = replace(self, **_placed(site), **_asked(terms))
        if changed == self:
            return self, []
        if self.status not in {DRAFT, OPEN, EXPIRED}:
            raise NotChangeable(status=self.status.value)
        if terms.places < signed:
            raise FewerPlacesThanSigned(signed=signed, places=terms.places)
        if self.status is DRAFT:
            return changed, [_facts(VacancyDrafted, changed)]
        if terms.starts_on != self.starts_on and terms.starts_on < today:
            raise StartsInThePast(starts_on=terms.starts_on.isoformat())
        again, reopening = changed.publish(today) if terms.starts_on >= today else (changed, [])
        counted, filling = again.count(signed)
        return counted, [_facts(VacancyChanged, changed), *reopening, *filling]

    def follow(self, site: Site) -> tuple[Vacancy, list[Event]]:
        """Follow its location to another place, region or board; what is over stays where it was."""
        if not LIFE_CYCLE.next[self.status]:
            return self, []
        moved = replace(self, **_placed(site))
        if moved == self:
            return self, []
        return moved, [_facts(VacancyDrafted if self.status is DRAFT else VacancyChanged, moved)]

    def withdraw(self, reason: WithdrawnReason) -> tuple[Vacancy, list[Event]]:
        """Take it back."""
        if self.status is WITHDRAWN:
            return self, []
        event = VacancyWithdrawn(vacancy_id=self.id, reason=reason)
        return LIFE_CYCLE.become(self, WITHDRAWN, event, withdrawn_reason=reason)

    def count(self, signed: int) -> tuple[Vacancy, list[Event]]:
        """Take note of how many places have a signed contract now: filled, or free again."""
        if self.status in {OPEN, EXPIRED} and signed >= self.places:
            return LIFE_CYCLE.become(self, FILLED, VacancyFilled(vacancy_id=self.id))
        if self.status is FILLED and signed < self.places:
            return LIFE_CYCLE.become(self, OPEN, VacancyReopened(vacancy_id=self.id))
        return self, []

    def close(self) -> tuple[Vacancy, list[Event]]:
        """End it: every contract is over."""
        if self.status is CLOSED:
            return self, []
        return LIFE_CYCLE.become(self, CLOSED, VacancyClosed(vacancy_id=self.id))

    def expire(self) -> tuple[Vacancy, list[Event]]:
        """Stop asking, long after the start; one that is not open has nothing to stop."""
        if self.status is not OPEN:
            return self, []
        return LIFE_CYCLE.become(self, EXPIRED, VacancyExpired(vacancy_id=self.id))


def _facts(event: type[VacancyFacts], vacancy: Vacancy) -> VacancyFacts:
    known = {name: _listed(getattr(vacancy, name)) for name in event.model_fields.keys() - {"vacancy_id"}}
    return event(vacancy_id=vacancy.id, **known)


def _asked(terms: Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in TERMS}


_NOT_KEPT: Final = frozenset({"school_types", "closed_on", "somebody_to_tell"})
"""What of a site is only looked at."""


def _placed(site: Site) -> dict[str, Any]:
    return {field.name: getattr(site, field.name) for field in fields(site) if field.name not in _NOT_KEPT}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
