"""Problems of an uploaded file, by line, column and reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from common.errors import InvalidParam, Message, Refused

MAX_PROBLEMS: Final = 200
"""Problems that are kept in words; the others are counted: who has more of them mends the file first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong: on which line (None: the file as a whole), in which column, and why."""

    line: int | None
    field: str
    """The column's name as the file has it; empty where the whole line is meant."""
    code: str
    reason: Message

    def as_param(self) -> InvalidParam:
        """Return it as an API names an invalid field: ``lines[12].POSTCODE``."""
        where = "file" if self.line is None else f"lines[{self.line}]"
        return InvalidParam(f"{where}.{self.field}" if self.field else where, self.reason, self.code)


@dataclass(slots=True)
class Findings:
    """Problems as they are found: the first ``MAX_PROBLEMS`` in words, the others as a number."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, problems: Iterable[Problem]) -> None:
        """Count them, and keep those for which there is room."""
        for problem in problems:
            self.count += 1
            if len(self.kept) < MAX_PROBLEMS:
                self.kept.append(problem)

    def add_first(self, problem: Problem) -> None:
        """Count what is wrong with the file as a whole, and keep it before all others."""
        self.count += 1
        self.kept.insert(0, problem)


class BadCell(Refused, ValueError):
    """This value cannot be used."""


class Blank(BadCell):
    """A value is required here."""


class EncodedTwice(BadCell):
    """This text was encoded twice (UTF-8 that was read as windows-1252), so that its letters are not the real ones."""


class AnotherCodePage(BadCell):
    """Letters of this text look like those of DOS or an old Macintosh: save the file as UTF-8 or windows-1252."""


class LostLetters(BadCell):
    """Letters of this text were lost when the file was made: a replacement character stands in their place."""


class NotACoordinate(BadCell):
    """A coordinate is a number of decimal degrees, such as 52.09 or 52,09."""


class OutsideTheNetherlands(BadCell):
    """This point lies outside the Netherlands."""


class UnknownRegion(BadCell):
    """There is no labour-market region {region}."""


class HalfAPoint(BadCell):
    """A point has both a latitude and a longitude."""


class UnknownValue(BadCell):
    """This is none of: {known}."""


class LocationOfAnother(BadCell):
    """A location code begins with the BRIN of its institution."""


class UnknownSchoolType(BadCell):
    """Neither the sector nor the structure shows what type of school this is."""


class SuccessorWithoutADay(BadCell):
    """A school that went up in another one has a day on which it closed."""


class SucceedsItself(BadCell):
    """A school goes up in another one, not in itself."""


class UnknownSuccessor(BadCell):
    """The school {brin} cannot go on with this one: it is neither known nor in this file, or it is closed by then."""


class Unreadable(Refused):
    """The file cannot be read: {why}"""  # noqa: D415 - the message ends with the reason


class NoUsableRow(BadCell):
    """The file has no row that can be used."""


class NothingImported(Refused):
    """{count} problems were found, so nothing was imported."""

    def __init__(self, problems: tuple[Problem, ...], count: int) -> None:
        """Keep the first problems, so that they can be shown at once; ``count`` is of all."""
        super().__init__(count=count)
        self.problems = problems
