"""From the JSON of a policy file to rows: the one place where its shape is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from common.errors import Invalid, InvalidParam, Message
from common.policy import PolicyRow

_KEYS = frozenset({"code", "validFrom", "validUntil", "source", "verified", "value"})
_READING = frozenset({"verifiedBy", "verifiedOn"})
"""Only of a row that a person read."""


def rows_from_json(entries: Sequence[Mapping[str, Any]], version: int) -> tuple[PolicyRow, ...]:
    """Return the rows of one policy file as published in that version of the set.

    Raises:
        Invalid: with every fault at once, each named as ``rows[2].validFrom``.
    """
    faults = [fault for index, entry in enumerate(entries) for fault in _faults(f"rows[{index}]", entry)]
    if faults:
        raise Invalid(*faults)
    return tuple(
        PolicyRow(
            code=entry["code"],
            version=version,
            valid_from=date.fromisoformat(entry["validFrom"]),
            valid_until=None if entry["validUntil"] is None else date.fromisoformat(entry["validUntil"]),
            value=entry["value"],
            source=entry["source"],
            verified=entry["verified"],
            verified_by=entry.get("verifiedBy"),
            verified_on=None if "verifiedOn" not in entry else date.fromisoformat(entry["verifiedOn"]),
        )
        for entry in entries
    )


def _faults(where: str, entry: Mapping[str, Any]) -> list[InvalidParam]:
    wanted = _KEYS | (_READING if entry.get("verified") is True else frozenset())
    if entry.keys() != wanted:
        return [
            InvalidParam(f"{where}.{key}", Message("is missing") if key in wanted else Message("is not known"), "keys")
            for key in sorted(entry.keys() ^ wanted)
        ]
    faults = [
        InvalidParam(f"{where}.{key}", Message("must be {kind}", kind=kind), "type")
        for key, accepts, kind in (
            ("code", _is_text, "a text that is not empty"),
            ("source", _is_text, "a text that is not empty"),
            ("verified", lambda given: isinstance(given, bool), "true or false"),
            ("value", lambda given: isinstance(given, Mapping), "an object"),
            ("validFrom", _is_day, "a day"),
            ("validUntil", lambda given: given is None or _is_day(given), "a day or null"),
            ("verifiedBy", _is_text, "a text that is not empty"),
            ("verifiedOn", _is_day, "a day"),
        )
        if key in wanted and not accepts(entry[key])
    ]
    # ISO days sort as texts.
    if not faults and entry["validUntil"] is not None and entry["validUntil"] < entry["validFrom"]:
        faults.append(InvalidParam(f"{where}.validUntil", Message("must not be before validFrom"), "order"))
    return faults


def _is_text(given: object) -> bool:
    return isinstance(given, str) and bool(given.strip())


def _is_day(given: object) -> bool:
    try:
        # Round trip: Python also reads 20260901 and 2026-W36-2, which would not sort.
        return isinstance(given, str) and date.fromisoformat(given).isoformat() == given
    except ValueError:
        return False
