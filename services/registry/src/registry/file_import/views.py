"""Views of an import."""

from __future__ import annotations

from common.web import View


class AdditionView(View):
    """Something new."""

    kind: str
    code: str
    name: str


class ChangeView(View):
    """Something that is known otherwise from now on."""

    kind: str
    code: str
    fields: list[str]


class RepeatView(View):
    """A line about an organisation that an earlier line names; the earlier one counts."""

    line: int
    first_line: int
    code: str
    differs: list[str]


class ProblemView(View):
    """A problem on a line and in a column; null is the file as a whole."""

    line: int | None
    field: str
    code: str
    reason: str
    """In the language that the caller prefers (``Accept-Language``), as in a problem."""


class CountsView(View):
    """How many of one kind."""

    added: int
    changed: int
    unchanged: int


class ReportView(View):
    """The changes that the file made, or would make. Lists end after a thousand; the counts are of all."""

    applied: bool
    """False is a dry run."""
    encoding: str
    separator: str
    rows: int
    usable: int
    counts: dict[str, CountsView]
    """By kind: board, school, location, postcode_area."""
    additions: list[AdditionView]
    changes: list[ChangeView]
    repeats: list[RepeatView]
    repeat_count: int
    problems: list[ProblemView]
    """The first ones; a problem of the file as a whole comes first."""
    problem_count: int
    pending: list[str]
    """Codes that somebody registered who is not confirmed yet; the organisations of the file have them from now on."""
    absent: list[str]
    """Codes of known schools (of the types that the file lists) and locations that it leaves out: perhaps closed.
    They are only reported."""
    absent_count: int
    nameless: int
    """Lines that cannot be read: what is absent may be named on one of them."""
