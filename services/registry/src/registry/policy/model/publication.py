"""Rules as data: what a new publication changes, and whether a row has the shape that its readers rely on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from common.errors import Conflict, Invalid, InvalidParam, Message, Refused
from common.policy import PolicyRow
from events.policies import PolicyPublished


class UnknownRule(Refused):
    """No rule of this kind is known, so nobody would read it: {code}."""


class NothingNew(Conflict):
    """The rule says this already."""


_GROUNDS: Final = "qualification.ground"
"""Grounds are read by one reader, and some make demands that others do not."""


def changed(known: Iterable[PolicyRow], wanted: Iterable[PolicyRow]) -> list[PolicyRow]:
    """Return the rows that say something else than the newest known one of the same code and first day."""
    newest: dict[tuple[str, object], PolicyRow] = {}
    for row in sorted(known, key=lambda row: row.version):
        newest[row.code, row.valid_from] = row
    return [
        row
        for row in wanted
        if (before := newest.get((row.code, row.valid_from))) is None or replace(row, version=before.version) != before
    ]


def published(rows: Sequence[PolicyRow], *, version: int, rows_in_set: int) -> list[PolicyPublished]:
    """Return what to publish: one version for all of them."""
    return [
        PolicyPublished(
            policy_id=f"{row.code}@{row.valid_from.isoformat()}#{version}",
            code=row.code,
            set_version=version,
            rows_in_set=rows_in_set,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            value=dict(row.value),
            source=row.source,
            verified=row.verified,
        )
        for row in rows
    ]


def check_shape(row: PolicyRow, known: Mapping[str, Sequence[PolicyRow]]) -> None:
    """Compare a row with those of its code; a new code with a sibling, and a ground with all grounds.

    A value that only some of them have may be left out: its reader knows what it is without.

    Raises:
        Invalid: every value that is missing, unknown or of another kind.
        UnknownRule: there is nothing like it.
    """
    subject = row.code.rpartition(".")[0]
    siblings = [
        one
        for code, rows in sorted(known.items())
        if code == row.code or (subject and code.rpartition(".")[0] == subject)
        for one in rows
    ]
    own = [one for one in siblings if one.code == row.code]
    if not siblings:
        raise UnknownRule(code=row.code)
    like = siblings if subject == _GROUNDS else own or siblings[:1]
    if faults := _faults(row.value, [one.value for one in like], [one.value for one in siblings]):
        raise Invalid(*faults)


def check_reading(row: PolicyRow, today: date) -> None:
    """A row is verified once a person compared it with the text of the day: by whom, when, and which article.

    Raises:
        Invalid: one of these is missing, or is said of a row that is not verified.
    """
    faults = []
    for name, given in (("verifiedBy", row.verified_by), ("verifiedOn", row.verified_on)):
        if row.verified and given is None:
            faults.append(InvalidParam(name, Message("a verified row has it"), "missing"))
        if not row.verified and given is not None:
            faults.append(InvalidParam(name, Message("only a verified row has it"), "not-verified"))
    if row.verified and not _ARTICLE.search(row.source):
        faults.append(InvalidParam("source", Message("the source of a verified row names the article"), "no-article"))
    if row.verified_on is not None and row.verified_on > today:
        faults.append(InvalidParam("verifiedOn", Message("must not be in the future"), "out-of-range"))
    if faults:
        raise Invalid(*faults)


def _faults(
    given: Mapping[str, Any], like: Sequence[Mapping[str, Any]], siblings: Sequence[Mapping[str, Any]]
) -> list[InvalidParam]:
    known = {name for each in like for name in each}
    needed = {name for name in known if all(name in each for each in like)}
    faults = [InvalidParam(f"value.{name}", Message("is missing"), "missing") for name in needed - given.keys()]
    faults += [InvalidParam(f"value.{name}", Message("is not known"), "unknown") for name in given.keys() - known]
    for name in known & given.keys():
        kinds = {_kind(sibling[name]) for sibling in siblings if name in sibling}
        if _kind(given[name]) not in kinds:
            reason = Message("must be {kinds}", kinds=" or ".join(sorted(kinds)))
            faults.append(InvalidParam(f"value.{name}", reason, "type"))
    return sorted(faults, key=lambda fault: fault.name)


def _kind(value: object) -> str:
    """Tell what a reader can rely on; the keys of an object are data, such as the parties of a form."""
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "null")


_ARTICLE: Final = re.compile(
    r"\b(art|artt|artikel|artikelen|article|articles|section|paragraaf)\b|§|\b\d+:\d+", re.IGNORECASE
)
_KINDS: Final = (
    (bool, "true or false"),  # before int, which it is as well
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (Mapping, "an object"),
    (Sequence, "a list"),
)
