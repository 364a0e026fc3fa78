"""What a list wants known, gathered row by row, and what of the known it leaves out."""

from __future__ import annotations

from dataclasses import replace

from events.words import SchoolType
from registry.model.imports.known import Board, Entry, Known, Location, School


class Wanted:
    """What should be known after the import: gathered row by row, on top of what is known before it."""

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

    def merge(self, brin: str, successor: str) -> bool:
        """Have a school go up in another one, which is found under its BRIN from then on; False: that one cannot."""
        if self.today(brin) != brin:
            return True  # it did so earlier
        school, into = self.schools[brin], self.today(successor)
        target = self.schools.get(into) or self.existing.schools.get(into)
        if target is None or into == brin or _ends_first(target, school):
            return False
        self.schools[brin] = replace(school, successor=into)
        self.schools[into] = replace(target, aliases=tuple(sorted({*target.aliases, brin, *school.aliases})))
        return True

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that the list names, parents before children."""
        return (*self.boards.values(), *self.schools.values(), *self.locations.values())


def _ends_first(target: School, school: School) -> bool:
    return target.closed_on is not None and school.closed_on is not None and target.closed_on <= school.closed_on


def absent_schools(wanted: Wanted, named: set[str]) -> list[str]:
    """Return known schools that a file leaves out, of those types that it lists."""
    types = {each for school in wanted.schools.values() for each in school.school_types}
    known = wanted.existing.schools.values()
    return sorted(school.brin for school in known if school.brin not in named and types & {*school.school_types})


def absent_locations(wanted: Wanted, named: set[str]) -> list[str]:
    """Return known locations that a file leaves out of a school that it lists."""
    known = wanted.existing.locations.values()
    return sorted(place.code for place in known if place.brin in wanted.schools and place.code not in named)
