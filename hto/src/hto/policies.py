"""Policy rows for people: which there are, which must be read again, and what differs between two of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from registry.policy.usecases import built_in_policies
from registry.policy.wording import subject

Rows = list[dict[str, Any]]
"""As the API of ``registry`` shows them: ISO days, and the newest version of each row."""
_AHEAD: Final = timedelta(days=92)
_MONTH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between two rows; null is a row or a value that is not there."""

    code: str
    what: str
    before: Any
    after: Any


def built_in() -> Rows:
    """Return the rows that this version ships."""
    return newest(
        {
            "code": row.code,
            "version": row.version,
            "validFrom": row.valid_from.isoformat(),
            "validUntil": None if row.valid_until is None else row.valid_until.isoformat(),
            "source": row.source,
            "ownerNl": subject(row.code).owner_nl,
            "ownerEn": subject(row.code).owner_en,
            "verified": row.verified,
            "verifiedBy": row.verified_by,
            "verifiedOn": None if row.verified_on is None else row.verified_on.isoformat(),
            "value": dict(row.value),
        }
        for row in built_in_policies()
    )


def newest(rows: Iterable[dict[str, Any]]) -> Rows:
    """Return the newest version of each row, by code and first day."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["version"]):
        found[row["code"], row["validFrom"]] = row
    return [found[key] for key in sorted(found)]


def holding(rows: Rows, day: date) -> dict[str, dict[str, Any]]:
    """Return the row of each code that holds on a day; of two, the one published last."""
    on = day.isoformat()
    held = [row for row in rows if row["validFrom"] <= on and (row["validUntil"] is None or on <= row["validUntil"])]
    return {row["code"]: row for row in sorted(held, key=lambda row: (row["version"], row["validFrom"]))}


def due(rows: Rows, day: date, months: int) -> Rows:
    """Return what must be read again on a day, each with the reason: ``never``, ``long-ago`` or ``ends``."""
    on, firsts = day.isoformat(), {(row["code"], row["validFrom"]) for row in rows}
    long_ago = (day - months * _MONTH).isoformat()
    found = []
    for row in rows:
        until = row["validUntil"]
        if until is not None and until < on:
            continue
        why = None
        if not row["verified"] or row["verifiedOn"] is None:
            why = "never"
        elif row["verifiedOn"] < long_ago:
            why = "long-ago"
        elif until is not None and until <= (day + _AHEAD).isoformat() and not _continued(row, firsts):
            why = "ends"
        if why is not None:
            found.append({**row, "due": why})
    return found


def between(rows: Rows, first: date, second: date) -> list[Difference]:
    """Return what holds on the second day and not on the first, and the other way round."""
    before, after = holding(rows, first), holding(rows, second)
    return [
        each for code in sorted(before.keys() | after.keys()) for each in compared(before.get(code), after.get(code))
    ]


def against_predecessor(rows: Rows, code: str, first_day: str) -> list[Difference] | None:
    """Return what a row changed; None where there is no such row."""
    of_code = [row for row in rows if row["code"] == code]
    row = next((row for row in of_code if row["validFrom"] == first_day), None)
    if row is None:
        return None
    return compared(max((one for one in of_code if one["validFrom"] < first_day), key=_first, default=None), row)


def compared(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Difference]:
    """Return each difference of two rows of a code."""
    if before is None or after is None:
        there = before or after or {}
        return [Difference(there["code"], "row", _first(before), _first(after))]
    names = [name for name in ("source", "verified") if before[name] != after[name]]
    found = [Difference(after["code"], name, before[name], after[name]) for name in names]
    old, new = before["value"], after["value"]
    changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    return found + [Difference(after["code"], f"value.{name}", old.get(name), new.get(name)) for name in changed]


def shown(value: Any) -> str:
    """Return a value in one line."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _first(row: Mapping[str, Any] | None) -> Any:
    return None if row is None else row["validFrom"]


def _continued(row: Mapping[str, Any], firsts: set[tuple[str, str]]) -> bool:
    following = date.fromisoformat(row["validUntil"]) + timedelta(days=1)
    return (row["code"], following.isoformat()) in firsts
