"""The plan of an import: made before anything is written, so that a dry run is the plan alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from registry.file_import.model.institutions import ListedInstitution
from registry.file_import.model.known import Entry, Known, Location
from registry.file_import.model.locations import ListedLocation
from registry.file_import.model.problems import Findings, NothingImported, NoUsableRow, Problem, UnknownSuccessor
from registry.file_import.model.table import Parsed, Row
from registry.file_import.model.wanted import Wanted, absent_locations, absent_schools
from registry.reference.model import PostcodeArea, UnknownPostcodeArea

PC4: Final = slice(4)
"""The postcode area within a postcode."""
BRIN: Final = slice(4)
"""The school's BRIN within a location code."""


class Keyed(Protocol):
    """Something with a public code, unique within its kind."""

    @property
    def kind(self) -> str:
        """Such as ``location``."""
        ...

    @property
    def key(self) -> str:
        """The code."""
        ...


V = TypeVar("V")
E = TypeVar("E", bound=Keyed)


@dataclass(frozen=True, slots=True)
class Change(Generic[E]):
    """An organisation as registered, and as the file wants it."""

    before: E
    after: E

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that differ."""
        return _differing(self.before, self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A line about an organisation that an earlier line names already; the earlier one counts."""

    line: int
    first_line: int
    code: str
    differs: tuple[str, ...]
    """The fields in which it contradicts the earlier line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan(Generic[E]):
    """The changes that a file would make; parents come before children."""

    additions: tuple[E, ...]
    changes: tuple[Change[E], ...]
    unchanged: tuple[E, ...]
    repeats: tuple[Repeat, ...]
    problems: tuple[Problem, ...]
    """By line; the first of ``problem_count``."""
    problem_count: int = 0
    """All problems, also those that are not kept in words."""
    absent: tuple[str, ...] = ()
    """Codes of known schools (of the types that the file lists) and locations that it leaves out: perhaps closed.

    They are only reported.
    """
    nameless: int = 0
    """Lines that cannot be read: what is absent may be named on one of them."""
    left_out: int = 0
    """Rows that can be read and not be used: they name what is not known."""

    def accepted(self, *, all_or_nothing: bool = False) -> Self:
        """Return the plan if it may be applied: by default the usable rows are, without the others.

        Raises:
            NothingImported: the file as a whole cannot be read, or has no row that can be used; or a row has a
                problem, and all or nothing was asked.
        """
        if any(problem.line is None for problem in self.problems) or (all_or_nothing and self.problems):
            raise NothingImported(self.problems, self.problem_count)
        return self

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many of each kind are added, changed and unchanged: ``{"school": {"added": 3, …}, …}``."""
        found: dict[str, dict[str, int]] = {}
        outcomes: dict[str, Iterable[E]] = {
            "added": self.additions,
            "changed": (change.after for change in self.changes),
            "unchanged": self.unchanged,
        }
        for outcome, entries in outcomes.items():
            for entry in entries:
                found.setdefault(entry.kind, dict.fromkeys(outcomes, 0))[outcome] += 1
        return found


def plan(existing: Known, parsed: Parsed[ListedLocation], postcodes: Mapping[str, PostcodeArea]) -> ImportPlan[Entry]:
    """Compare a list of locations with what is known, by BRIN and location code.

    Municipality, province and region follow from the postcode: the municipality names of two sources do not join.
    What a file does not say stays as it is known. A school that is not known yet takes the name of its first
    location; a list of institutions corrects it, and no list of locations changes it back.

    Args:
        existing: what is known now.
        parsed: the list.
        postcodes: the postcode reference, by its four digits.
    """
    rows, repeats = _first_of_each(parsed.rows, key=lambda listed: listed.code)
    wanted = Wanted(existing)
    unplaced: list[Row[ListedLocation]] = []
    for row in rows:
        listed = row.value
        area = postcodes.get(listed.postcode[PC4])
        if area is None:
            unplaced.append(row)
            continue
        brin = wanted.school(listed.brin, listed.name, listed.board, listed.school_types).brin
        wanted.locations[listed.code] = _located(listed, brin, area, existing.locations.get(listed.code))
    named = {*wanted.locations, *parsed.named, *(row.value.code for row in unplaced)}
    absent = [*absent_schools(wanted, {wanted.today(code[BRIN]) for code in named}), *absent_locations(wanted, named)]
    return _compared(existing.entries, wanted.entries, parsed, repeats, list(map(_unknown_area, unplaced)), absent)


def plan_institutions(existing: Known, parsed: Parsed[ListedInstitution]) -> ImportPlan[Entry]:
    """Compare a list of institutions with what is known, by BRIN; one that went up in another changes nothing."""
    rows, repeats = _first_of_each(parsed.rows, key=lambda listed: listed.brin)
    wanted = Wanted(existing)
    orphans = wanted.institutions(rows)
    problems = list(map(_unknown_successor, orphans))
    named = {*wanted.schools, *parsed.named, *(row.value.brin for row in orphans)}
    absent = absent_schools(wanted, {wanted.today(brin) for brin in named})
    return _compared(existing.entries, wanted.entries, parsed, repeats, problems, absent)


def plan_postcodes(existing: Mapping[str, PostcodeArea], parsed: Parsed[PostcodeArea]) -> ImportPlan[PostcodeArea]:
    """Compare a postcode reference with the one that is known."""
    rows, repeats = _first_of_each(parsed.rows, key=lambda area: area.pc4)
    return _compared(existing.values(), [row.value for row in rows], parsed, repeats)


def plan_known(existing: Known, wanted: Known) -> ImportPlan[Entry]:
    """Compare what is known with what another source, such as the built-in reference data, has ready-made."""
    return _compared(existing.entries, wanted.entries)


def _unknown_successor(row: Row[ListedInstitution]) -> Problem:
    refusal = UnknownSuccessor(brin=row.value.successor)
    return Problem(line=row.line, field="opvolger", code=refusal.code, reason=refusal.message)


def _unknown_area(row: Row[ListedLocation]) -> Problem:
    refusal = UnknownPostcodeArea(area=row.value.postcode[PC4])
    return Problem(line=row.line, field="postcode", code=refusal.code, reason=refusal.message)


def _located(listed: ListedLocation, brin: str, area: PostcodeArea, known: Location | None) -> Location:
    """Place a listed location; a file without points keeps the known one until the postcode changes."""
    if listed.latitude is not None and listed.longitude is not None:
        latitude, longitude = listed.latitude, listed.longitude
    elif known is not None and known.postcode == listed.postcode:
        latitude, longitude = known.latitude, known.longitude
    else:
        latitude, longitude = area.latitude, area.longitude
    return Location(
        code=listed.code,
        brin=brin,
        name=listed.name,
        street=listed.street or (known.street if known else None),
        house_number=listed.house_number or (known.house_number if known else None),
        postcode=listed.postcode,
        place=listed.place,
        municipality=area.municipality,
        province=area.province,
        region=area.region,
        latitude=latitude,
        longitude=longitude,
        school_types=listed.school_types,
        levels=listed.levels or (known.levels if known else ()),
        denomination=listed.denomination or (known.denomination if known else None),
        website=listed.website or (known.website if known else None),
        closed_on=listed.closed_on or (known.closed_on if known else None),
    )


def _first_of_each(rows: Iterable[Row[V]], key: Callable[[V], str]) -> tuple[list[Row[V]], tuple[Repeat, ...]]:
    first: dict[str, Row[V]] = {}
    repeats: list[Repeat] = []
    for row in rows:
        code = key(row.value)
        earlier = first.setdefault(code, row)
        if earlier is not row:
            differs = _differing(earlier.value, row.value)
            repeats.append(Repeat(line=row.line, first_line=earlier.line, code=code, differs=differs))
    return list(first.values()), tuple(repeats)


def _compared(
    existing: Iterable[E],
    wanted: Iterable[E],
    parsed: Parsed[Any] | None = None,
    repeats: tuple[Repeat, ...] = (),
    problems: Sequence[Problem] = (),
    absent: Iterable[str] = (),
) -> ImportPlan[E]:
    """Compare; ``problems`` are those that the comparison found, beside those of the file."""
    known = {(entry.kind, entry.key): entry for entry in existing}
    additions: list[E] = []
    changes: list[Change[E]] = []
    unchanged: list[E] = []
    for entry in wanted:
        before = known.get((entry.kind, entry.key))
        if before is None:
            additions.append(entry)
        elif before == entry:
            unchanged.append(entry)
        else:
            changes.append(Change(before, entry))
    findings = Findings(list(parsed.problems), parsed.summary.problems) if parsed else Findings()
    findings.add(problems)
    if parsed and not (additions or changes or unchanged) and not any(each.line is None for each in findings.kept):
        refusal = NoUsableRow()
        findings.add_first(Problem(line=None, field="", code=refusal.code, reason=refusal.message))
    return ImportPlan(
        additions=tuple(additions),
        changes=tuple(changes),
        unchanged=tuple(unchanged),
        repeats=repeats,
        problems=tuple(sorted(findings.kept, key=lambda problem: problem.line or 0)),
        problem_count=findings.count,
        absent=tuple(absent),
        nameless=parsed.nameless if parsed else 0,
        left_out=len(problems),
    )


def _differing(one: Any, other: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(one) if getattr(one, field.name) != getattr(other, field.name))
