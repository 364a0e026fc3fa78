"""The organisations that a list asks for, gathered row by row, and the registered ones that it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from events.words import SchoolType
from registry.file_import.model.institutions import ListedInstitution
from registry.file_import.model.known import Board, Entry, Known, Location, School, latest_first
from registry.file_import.model.table import Row


class Wanted:
    """The organisations after the import: gathered row by row, on top of those registered before."""

    def __init__(self, existing: Known) -> None:
        self.existing = existing
        self.successors = existing.successors()
        self.boards: dict[str, Board] = {}
        self.schools: dict[str, School] = {}
        self.locations: dict[str, Location] = {}

    def today(self, brin: str) -> str:
        """Return the BRIN under which a school is known today."""
        return self.successors.get(brin, brin)

    def school(self, brin: str, name: str, board: str | None, types: tuple[SchoolType, ...]) -> School:
        """Return the school that a row is about, under the BRIN that it has today."""
        today = self.today(brin)
        known = self.schools.get(today) or self.existing.schools.get(today) or School(brin=today, name=name)
        if board is not None:
            # No list of schools names their boards; the number stands in until somebody does.
            unnamed = Board(number=board, name=f"Bevoegd gezag {board}")
            self.boards[board] = self.existing.boards.get(board, unnamed)
        self.schools[today] = replace(
            known, board=board or known.board, school_types=tuple(sorted({*known.school_types, *types}))
        )
        return self.schools[today]

    def institutions(self, rows: Iterable[Row[ListedInstitution]]) -> list[Row[ListedInstitution]]:
        """Take the rows of a list of institutions; return those that name a successor which cannot be one.

        Nothing of such a row is taken: a school that closed without its successor would lose what goes on there.
        """
        listed = {row.value.brin: row for row in rows}
        merging: list[Row[ListedInstitution]] = []
        orphans: list[Row[ListedInstitution]] = []
        # Who goes on ends later than who goes up in it: so each successor is known before it is asked for.
        for row in sorted(listed.values(), key=lambda row: latest_first(row.value.closed_on)):
            brin = row.value.brin
            if self.today(brin) != brin:
                self.schools.setdefault(self.today(brin), self.existing.schools[self.today(brin)])
            elif row.value.successor is None:
                self._institution(row.value)
            elif self._goes_on(row.value, listed):
                self._institution(row.value)
                merging.append(row)
            else:
                orphans.append(row)
        for row in reversed(merging):
            self._merge(row.value.brin, str(row.value.successor))
        return sorted(orphans, key=lambda row: row.line)

    def _institution(self, listed: ListedInstitution) -> None:
        school = self.school(listed.brin, listed.name, listed.board, listed.school_types)
        self.schools[school.brin] = replace(
            school,
            name=listed.name,
            place=listed.place or school.place,
            closed_on=listed.closed_on or school.closed_on,
        )

    def _goes_on(self, school: ListedInstitution, listed: Mapping[str, Row[ListedInstitution]]) -> bool:
        """Whether there is such a successor, which has not ended itself by then."""
        brin = self.today(str(school.successor))
        target = self.schools.get(brin) or self.existing.schools.get(brin)
        if target is None or brin == school.brin:
            return False
        ends = (listed[brin].value.closed_on if brin in listed else None) or target.closed_on
        return ends is None or ends > (school.closed_on or date.max)

    def _merge(self, brin: str, successor: str) -> None:
        """Have a school go up in another one, which is found under its BRIN from then on."""
        school, into = self.schools[brin], self.today(successor)
        target = self.schools.get(into) or self.existing.schools[into]
        self.schools[brin] = replace(school, successor=into)
        self.schools[into] = replace(target, aliases=tuple(sorted({*target.aliases, brin, *school.aliases})))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that the list names, parents before children."""
        return (*self.boards.values(), *self.schools.values(), *self.locations.values())


def absent_schools(wanted: Wanted, named: set[str]) -> list[str]:
    """Return known schools that a file leaves out, of those types that it lists."""
    types = {each for school in wanted.schools.values() for each in school.school_types}
    known = wanted.existing.schools.values()
    return sorted(school.brin for school in known if school.brin not in named and types & {*school.school_types})


def absent_locations(wanted: Wanted, named: set[str]) -> list[str]:
    """Return known locations that a file leaves out of a school that it lists."""
    known = wanted.existing.locations.values()
    return sorted(place.code for place in known if place.brin in wanted.schools and place.code not in named)
