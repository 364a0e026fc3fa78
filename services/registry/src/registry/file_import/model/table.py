"""From bytes to records: encoding, separator, columns and lines, with nothing guessed that the file does not show."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from common.errors import Message, Refused
from registry.file_import.model.encoding import UNDECODABLE, check_letters, decode
from registry.file_import.model.problems import Blank, Findings, Problem, Unreadable

V = TypeVar("V")

MAX_ROWS: Final = 100_000
"""Ten times the locations of the country; memory is bounded by it."""
SEPARATORS: Final = (";", ",", "\t")
_EXCEL_HINT: Final = re.compile(r'\A(?:\s*\n)*"?sep=(?P<separator>[;,\t])"?[;,\t]*(?:\r\n|\n|\r|\Z)', re.IGNORECASE)
"""The line by which Excel names the separator; it is no header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One value of a row: the names that its column may have, and the check that turns text into a value."""

    field: str
    names: tuple[str, ...]
    check: Callable[[str], Any]
    """Raises a refusal where the text cannot be used."""
    required: bool = True
    """Otherwise the column may be absent and a cell blank: the value is then None."""


@dataclass(frozen=True, slots=True)
class Row(Generic[V]):
    """A usable row and the line on which it begins; the header is line 1."""

    line: int
    value: V


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The summary of a file: how it was written, and how many rows could and could not be used."""

    encoding: str
    separator: str
    rows: int
    usable: int
    problems: int = 0
    """All that were found, also those that are not kept in words."""

    @property
    def unusable(self) -> int:
        """Rows with at least one problem."""
        return self.rows - self.usable


@dataclass(frozen=True, slots=True)
class Parsed(Generic[V]):
    """A file as rows and problems; every line that has something on it is one or the other."""

    rows: tuple[Row[V], ...]
    problems: tuple[Problem, ...]
    """The first ``MAX_PROBLEMS``; ``summary.problems`` counts them all."""
    summary: Summary
    named: frozenset[str] = frozenset()
    """Codes on rows that cannot be used: what these name is not absent from the file."""
    nameless: int = 0
    """Rows that cannot be used and of which nobody can say what they name."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_line: int
    text: str


def read(
    content: bytes,
    columns: tuple[Column, ...],
    make: Callable[..., V],
    across: Callable[[V], Iterable[tuple[str, Refused]]] = lambda _: (),
    *,
    code: str = "",
) -> Parsed[V]:
    """Read every row of a file; all problems at once.

    Args:
        content: a file with a header, in UTF-8 or windows-1252, separated by semicolon, comma or tab.
        columns: the columns to take; others are ignored.
        make: builds the value from a keyword for each column.
        across: what is wrong between the fields of one value, as (field, refusal).
        code: the field that names what a row is about.
    """
    try:
        sheet = _open(content, columns)
        places = _places(sheet.header, columns)
    except Unreadable as refusal:
        return _refused_whole(refusal)
    rows: list[Row[V]] = []
    findings = Findings()
    named: set[str] = set()
    seen = nameless = 0
    for line, cells in _records(sheet):
        seen += 1
        if seen > MAX_ROWS:
            return _refused_whole(Unreadable(why=Message("it has more than {rows} rows.", rows=MAX_ROWS)))
        if isinstance(cells, Problem):
            findings.add([cells])
            nameless += 1
            continue
        values, wrong = _values(cells, columns, places)
        if not wrong:
            value = make(**values)
            wrong = list(across(value))
            if not wrong:
                rows.append(Row(line, value))
                continue
        if values.get(code):
            named.add(values[code])
        else:
            nameless += 1
        findings.add(
            Problem(line=line, field=_heading(sheet, places, name), code=refusal.code, reason=refusal.message)
            for name, refusal in wrong
        )
    return Parsed(
        tuple(rows),
        tuple(findings.kept),
        Summary(
            encoding=sheet.encoding,
            separator=sheet.separator,
            rows=seen,
            usable=len(rows),
            problems=findings.count,
        ),
        frozenset(named),
        nameless,
    )


def fits(content: bytes, columns: tuple[Column, ...]) -> bool:
    """Whether a file has all required columns."""
    try:
        _places(_open(content, columns).header, columns)
    except Unreadable:
        return False
    return True


def _refused_whole(refusal: Unreadable) -> Parsed[Any]:
    problem = Problem(line=None, field="", code=refusal.code, reason=refusal.message)
    return Parsed((), (problem,), Summary(encoding="", separator="", rows=0, usable=0, problems=1))


def _values(
    cells: list[str], columns: tuple[Column, ...], places: Mapping[str, int]
) -> tuple[dict[str, Any], list[tuple[str, Refused]]]:
    values: dict[str, Any] = {}
    wrong: list[tuple[str, Refused]] = []
    for column in columns:
        cell = cells[places[column.field]] if column.field in places else ""
        text = cell.strip()
        values[column.field] = None
        try:
            if text:
                check_letters(cell)
                values[column.field] = column.check(text)
            elif column.required:
                raise Blank
        except Refused as refusal:
            wrong.append((column.field, refusal))
    return values, wrong


def _open(content: bytes, columns: tuple[Column, ...]) -> _Sheet:
    text, encoding = decode(content)
    hint = _EXCEL_HINT.match(text)
    separators = (hint["separator"],) if hint else SEPARATORS
    if hint:  # the line stays, blank, so that line numbers are those of the file
        text = re.sub(r"[^\r\n]", "", hint[0]) + text[hint.end() :]
    headers = [(separator, *_header(text, separator)) for separator in separators]
    known = {name for column in columns for name in column.names}
    separator, header, line = max(headers, key=lambda found: sum(_plain(name) in known for name in found[1]))
    return _Sheet(encoding, separator, header, line, text)


def _header(text: str, separator: str) -> tuple[tuple[str, ...], int]:
    """Return the first record that is not blank, and the line after which the rows begin."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                return tuple(cell.strip() for cell in cells), reader.line_num
    except csv.Error:
        pass  # a single field of more than 128 KB: no header by this separator
    return (), 0


def _places(header: tuple[str, ...], columns: tuple[Column, ...]) -> dict[str, int]:
    names = [_plain(name) for name in header]
    places: dict[str, int] = {}
    for column in columns:
        found = [index for index, name in enumerate(names) if name in column.names]
        if len(found) > 1:
            alike = ", ".join(header[index] for index in found)
            raise Unreadable(why=Message("the columns {columns} say the same thing.", columns=alike))
        if found:
            places[column.field] = found[0]
    missing = [column.names[0] for column in columns if column.required and column.field not in places]
    if missing:
        raise Unreadable(why=Message("it has no column {columns}.", columns=", ".join(missing)))
    return places


def _records(sheet: _Sheet) -> Iterator[tuple[int, list[str] | Problem]]:
    reader = csv.reader(io.StringIO(sheet.text, newline=""), delimiter=sheet.separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why, through = str(error), reader.line_num
            reason = Message("Line {line} cannot be read: {why}.", line=line, why=why)
            if through != line:
                reason = Message("Line {line} to {through} cannot be read: {why}.", line=line, through=through, why=why)
            yield line, Problem(line=line, field="", code="unreadable-line", reason=reason)
            continue
        if line <= sheet.header_line or not any(cell.strip() for cell in cells):
            continue
        if any(UNDECODABLE.search(cell) for cell in cells):
            reason = Message("This line is not in {encoding}, as most of the file is.", encoding=sheet.encoding)
            yield line, Problem(line=line, field="", code="another-encoding", reason=reason)
            continue
        if len(cells) != len(sheet.header):
            reason = Message(
                "The header has {count} columns, this line {here}.", count=len(sheet.header), here=len(cells)
            )
            yield line, Problem(line=line, field="", code="wrong-number-of-columns", reason=reason)
            continue
        yield line, cells


def _heading(sheet: _Sheet, places: Mapping[str, int], field: str) -> str:
    return sheet.header[places[field]] if field in places else ""


def _plain(heading: str) -> str:
    """Return a column's name as it is compared: small letters and digits, one space between words."""
    return " ".join(re.findall(r"[a-z0-9]+", heading.lower()))
