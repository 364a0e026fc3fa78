"""Between the words of a list and ours: what an import knows of an organisation, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from events import Event
from events.registry import OrganisationClosed
from registry.file_import.model.known import Board, Entry, Known, Location, School, latest_first
from registry.file_import.model.plan import ImportPlan
from registry.organisation.model import BOARD, LOCATION, SCHOOL, Contact, Organisation

Change = tuple[Organisation, list[Event]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The organisations of a plan: new ones, and those that it changes."""

    added: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)


class ImportTranslator:
    """The boards, schools and locations that have a public code. Whoever has none is on no list."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        """Take all that are known, parents included."""
        self._by_id: dict[UUID | None, Organisation] = {organisation.id: organisation for organisation in organisations}
        self._by_code = {
            (organisation.kind.value, code): organisation
            for organisation in self._by_id.values()
            if (code := _code(organisation)) is not None
        }

    def know(self, organisations: Iterable[Organisation]) -> None:
        """Take organisations that are known otherwise by now."""
        self._by_id.update({organisation.id: organisation for organisation in organisations})

    def contact_of(self, organisation: Organisation) -> Contact | None:
        """Return its own contact, else its school's, else its board's."""
        line = (organisation, self._by_id.get(organisation.school_id), self._by_id.get(organisation.board_id))
        return next((one.contact for one in line if one and one.contact), None)

    def known(self) -> Known:
        """Return them as an import compares them."""
        return Known.of(*(entry for organisation in self._by_code.values() for entry in self._entry(organisation)))

    def outcome(self, plan: ImportPlan[Entry]) -> Outcome:
        """Return what applying the plan means, parents before children.

        What a list says nothing new about is looked at as well: a location follows its school to another board.
        """
        entries: list[Entry] = [*plan.additions, *(change.after for change in plan.changes), *plan.unchanged]
        outcome = Outcome()
        for kind in (Board, School, Location):
            # What goes up in another one comes after it, and ends before it.
            for entry in sorted(entries, key=lambda entry: latest_first(getattr(entry, "closed_on", None))):
                if isinstance(entry, kind):
                    self._take(entry, outcome)
        return outcome

    def _take(self, entry: Entry, outcome: Outcome) -> None:
        code = (entry.kind, entry.key)
        known = self._by_code.get(code)
        after, events = self._filled(known or Organisation(id=entry.id, kind=_KINDS[type(entry)], name=""), entry)
        self._by_code[code] = self._by_id[after.id] = after
        if known is None:
            registered, published = after.register()
            outcome.added.append((registered, [*published, *closings(events)]))
        elif events:
            outcome.changed.append((after, events))

    def _filled(self, organisation: Organisation, entry: Entry) -> Change:
        match entry:
            case Board():
                return organisation.change(name=entry.name, board_number=entry.number)
            case School():
                board = self._by_code.get((BOARD.value, entry.board)) if entry.board else None
                filled = organisation.change(
                    name=entry.name,
                    brin=entry.brin,
                    board_id=board.id if board else organisation.board_id,
                    place=entry.place,
                    school_types=entry.school_types,
                    aliases=entry.aliases,
                )
                successor = self._by_code[SCHOOL.value, entry.successor] if entry.successor else None
                return self._closed(filled, entry.closed_on, successor)
            case _:
                school = self._by_code[SCHOOL.value, entry.brin]
                filled = organisation.change(
                    name=entry.name,
                    location_code=entry.code,
                    school_id=school.id,
                    board_id=school.board_id,
                    **{name: getattr(entry, name) for name in _SAME},
                )
                return self._closed(filled, entry.closed_on)

    def _closed(self, filled: Change, closed_on: date | None, successor: Organisation | None = None) -> Change:
        """Close it as well, where the list says so; a successor of which the list says nothing stays."""
        organisation, events = filled
        successor = successor or self._by_id.get(organisation.successor_id)
        wanted = (closed_on, successor.id if successor else None)
        if closed_on is None or wanted == (organisation.closed_on, organisation.successor_id):
            return filled
        closed, more = organisation.close(closed_on, successor)
        return closed, [*events, *more]

    def _entry(self, organisation: Organisation) -> Iterator[Entry]:
        if organisation.kind is BOARD:
            yield Board(number=str(organisation.board_number), name=organisation.name)
        elif organisation.kind is SCHOOL:
            board = self._by_id.get(organisation.board_id)
            successor = self._by_id.get(organisation.successor_id)
            yield School(
                brin=str(organisation.brin),
                name=organisation.name,
                board=board.board_number if board else None,
                place=organisation.place,
                school_types=organisation.school_types,
                aliases=organisation.aliases,
                closed_on=organisation.closed_on,
                successor=successor.brin if successor else None,
            )
        else:
            school = self._by_id.get(organisation.school_id)
            if school and school.brin:  # a location of a school without a BRIN is on no list
                yield Location(
                    code=str(organisation.location_code),
                    brin=school.brin,
                    name=organisation.name,
                    closed_on=organisation.closed_on,
                    **{name: organisation[name] for name in _SAME},
                )


_KINDS = {Board: BOARD, School: SCHOOL, Location: LOCATION}
_SAME = (
    "street",
    "house_number",
    "postcode",
    "place",
    "municipality",
    "province",
    "region",
    "latitude",
    "longitude",
    "school_types",
    "levels",
    "denomination",
    "website",
)
"""The fields of a location that a list and we call alike."""


def closings(events: Iterable[Event]) -> list[Event]:
    """Return those of the events by which something closes."""
    return [event for event in events if isinstance(event, OrganisationClosed)]


def _code(organisation: Organisation) -> str | None:
    codes = {BOARD: organisation.board_number, SCHOOL: organisation.brin, LOCATION: organisation.location_code}
    return codes.get(organisation.kind)
