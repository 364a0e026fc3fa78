"""Effective-dated values: the row that is valid on a day, and the version a decision was taken under. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from common.decision import MissingDependency, NotCovered

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """One rule's values in one period: ``valid_from`` and ``valid_until`` are both included."""

    code: str
    version: int
    """The version of the whole set in which this row was published; it only grows."""
    valid_from: date
    valid_until: date | None = None
    value: Mapping[str, Any]
    source: str
    verified: bool = False
    verified_by: str | None = None
    """Who compared it with the text of today, as a function; known in ``registry`` only."""
    verified_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the row is valid on that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Policies:
    """All rows known; what ``check(facts, policies)`` decides by. Another set of rows is another scenario."""

    rows: Mapping[str, tuple[PolicyRow, ...]] = field(default_factory=dict)
    version: int = 0
    _kinds: dict[tuple[str, date], tuple[PolicyRow, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What ``of_kind`` found: the rows never change."""

    @classmethod
    def of(cls, rows: Iterable[PolicyRow]) -> Policies:
        """Gather rows; where two hold on one day, the one published last wins."""
        by_code: dict[str, list[PolicyRow]] = {}
        version = 0
        for row in rows:
            by_code.setdefault(row.code, []).append(row)
            version = max(version, row.version)
        ordered = {
            code: tuple(sorted(group, key=lambda row: (row.version, row.valid_from), reverse=True))
            for code, group in by_code.items()
        }
        return cls(ordered, version)

    def on(self, code: str, day: date) -> PolicyRow:
        """Return the row of ``code`` that holds on ``day``.

        Raises:
            MissingDependency: no such rule is known here (yet), so nothing may be decided.
            NotCovered: the rule is known, and none of its rows holds on that day.
        """
        for row in self.rows.get(code, ()):
            if row.holds_on(day):
                return row
        if self.rows.get(code):
            raise NotCovered(code, day)
        fact = f"policy/{code}@{day.isoformat()}"
        raise MissingDependency(fact)

    def of_kind(self, prefix: str, day: date) -> tuple[PolicyRow, ...]:
        """Return the row that holds on ``day`` of each rule whose code begins so; a rule without one is not there."""
        if (known := self._kinds.get((prefix, day))) is None:
            rules = (rows for code, rows in self.rows.items() if code.startswith(prefix))
            found = (next((row for row in rows if row.holds_on(day)), None) for rows in rules)
            known = self._kinds[prefix, day] = tuple(row for row in found if row is not None)
        return known

    def at_least(self, version: int) -> Policies:
        """Return these policies, if they are as new as what a sender decided by.

        Raises:
            MissingDependency: the sender knew a newer set.
        """
        if self.version < version:
            fact = f"policies/{version}"
            raise MissingDependency(fact)
        return self

    def with_value(self, code: str, **changes: Any) -> Policies:
        """Return the same set with other values for ``code`` in all its periods: a what-if scenario."""
        changed = tuple(replace(row, value={**row.value, **changes}) for row in self.rows[code])
        return replace(self, rows={**self.rows, code: changed})
