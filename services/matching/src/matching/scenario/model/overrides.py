"""Overrides: rows of policy with other values, checked before anything is computed under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from common.decision import NotCovered, Outcome
from common.errors import Invalid, InvalidParam, Message
from common.policy import Policies, PolicyRow
from rules.forms import Form, Party, SchoolType, TeachingRole
from rules.qualification import Credential, Obligation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_READ: Final = (
    "forms",
    "matching.asking",
    "matching.bonuses",
    "matching.fit",
    "matching.limits",
    "matching.plan",
    "matching.road",
    "matching.scenario",
    "matching.scoring",
    "matching.subjects",
    "matching.travel",
    "matching.weights",
    "qualification",
    "trades",
    "vat",
    "vog",
    "working_time",
)
"""The rules that ranking, law, plan and cost read: one code, or all that begin with it and a dot."""
_OF_TIME: Final = "matching.terms"
"""The terms of a question, which only a simulated year reads."""
_GROUND: Final = "qualification.ground."
_LARGEST: Final = 1_000_000
_LONGEST: Final = 100
_SWEPT: Final = 20
_AT_LEAST_ONE: Final = frozenset(
    {"kmPerHour", "weeks", "windowMinutes", "longWindowMinutes", "perMille", "proposalDays"}
)
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "schoolTypes": frozenset(SchoolType),
    "roles": frozenset(TeachingRole),
    "forms": frozenset(Form),
    "advisoryForms": frozenset(Form),
    "obligations": frozenset(Obligation),
    "requires": frozenset(
        proof for each in Credential for proof in (each, f"{each}:own_subject", f"{each}:other_subject")
    ),
    "mandatory": frozenset(Party),
    "invited": frozenset(Party),
    "outcome": frozenset(Outcome),
    "treatment": frozenset({"no_supply", "no_consideration", "exempt", "taxed", "undecided"}),
}
"""Per name of a value the texts that its readers know."""
_SAME_WORDS: Final = {"requiresInUpperYears": "requires"}
_FREE: Final = frozenset({"ground", "legalBasis", "code", "water", "trades", "related", "regions", "mandatoryWhen"})
"""Names of texts that no reader compares with words of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Other values of one rule, or all values of a new ground for qualification."""

    code: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One value of one rule, tried with one number after the other."""

    code: str
    name: str
    values: tuple[Any, ...]

    def at(self, value: object) -> Override:
        """Return the override of one point."""
        return Override(code=self.code, value={self.name: value})


def under(policies: Policies, overrides: Sequence[Override], day: date, *, simulate: bool = False) -> Policies:
    """Return the policies with these overrides, in all periods; without any they stay the same.

    Args:
        policies: those of now.
        overrides: the values that change.
        day: whose rows they are compared with.
        simulate: whether a year is simulated, which reads the terms of a question as well.

    Raises:
        Invalid: every value that no reader could use.
    """
    if faults := [*_faults(policies, overrides, day, simulate=simulate)]:
        raise Invalid(*faults)
    for each in overrides:
        policies = _with(policies, each, day)
    return policies


def points(
    policies: Policies, overrides: Sequence[Override], sweep: Sweep | None, day: date, *, simulate: bool = False
) -> tuple[Policies, ...]:
    """Return the policies of each point of a scenario: one without a sweep, else one per value.

    Raises:
        Invalid: every value that no reader could use.
    """
    changed = under(policies, overrides, day, simulate=simulate)
    if sweep is None:
        return (changed,)
    if not 0 < len(sweep.values) <= _SWEPT:
        raise Invalid(InvalidParam("sweep.values", Message("from 1 to 20 values"), "out-of-range"))
    like = _like(changed, sweep.code, day) if _is_read(sweep.code) else None
    if like and sweep.name not in like[0]:
        raise Invalid(_unknown("sweep.name", like[0]))
    if any(value in sweep.values[:number] for number, value in enumerate(sweep.values)):
        raise Invalid(InvalidParam("sweep.values", Message("names the same twice"), "duplicate"))
    faults = [
        replace(fault, name=f"sweep.{'code' if fault.name.endswith('.code') else f'values.{number}'}")
        for number, value in enumerate(sweep.values)
        for fault in _faults(changed, [sweep.at(value)], day, simulate=simulate)
    ]
    if faults:
        raise Invalid(*faults)
    return tuple(_with(changed, sweep.at(value), day) for value in sweep.values)


def _with(policies: Policies, override: Override, day: date) -> Policies:
    if override.code in policies.rows:
        return policies.with_value(override.code, **override.value)
    row = PolicyRow(
        code=override.code, version=policies.version, valid_from=day, value=override.value, source="scenario"
    )
    return replace(policies, rows={**policies.rows, override.code: (row,)})


def _faults(policies: Policies, overrides: Sequence[Override], day: date, *, simulate: bool) -> Iterator[InvalidParam]:
    seen: set[str] = set()
    for number, each in enumerate(overrides):
        where = f"overrides.{number}"
        if each.code in seen:
            yield InvalidParam(f"{where}.code", Message("names the same twice"), "duplicate")
        seen.add(each.code)
        if each.code == _OF_TIME and not simulate:
            yield InvalidParam(f"{where}.code", Message("only a simulated year reads this rule"), "unknown")
        elif not _is_read(each.code):
            yield InvalidParam(f"{where}.code", Message("neither a plan nor its cost reads this rule"), "unknown")
        elif (like := _like(policies, each.code, day)) is None:
            yield InvalidParam(f"{where}.code", Message("there is no such rule on this day"), "unknown")
        elif not each.value:
            yield InvalidParam(f"{where}.value", Message("changes nothing"), "missing")
        else:
            is_new = each.code not in policies.rows
            yield from _of_value(f"{where}.value", each.value, like, policies, is_new=is_new)


def _is_read(code: str) -> bool:
    return any(code == each or code.startswith(f"{each}.") for each in (*_READ, _OF_TIME))


def _like(policies: Policies, code: str, day: date) -> list[Mapping[str, Any]] | None:
    """Return what the values are compared with: the row of the day first, then all rows of its kind."""
    subject = code.rpartition(".")[0]
    kind = [
        row.value
        for other, rows in sorted(policies.rows.items())
        if other == code or (subject not in {"", "matching"} and other.rpartition(".")[0] == subject)
        for row in rows
    ]
    if code in policies.rows:
        try:
            return [policies.on(code, day).value, *kind]
        except NotCovered:
            return None
    return kind if code.startswith(_GROUND) and kind else None


def _of_value(
    where: str, given: Mapping[str, Any], like: list[Mapping[str, Any]], policies: Policies, *, is_new: bool
) -> Iterator[InvalidParam]:
    first = like[0]
    if is_new:
        for name in sorted(first.keys() - given.keys()):
            yield InvalidParam(f"{where}.{name}", Message("is missing"), "missing")
    for name, value in given.items():
        if name not in first:
            yield _unknown(f"{where}.{name}", first)
            continue
        known = [each[name] for each in like if name in each]
        words = _WORDS.get(_SAME_WORDS.get(name, name))
        if name == "rate":
            words = frozenset(rate for row in policies.rows["vat.rates"] for rate in row.value)
        yield from _of_kind(f"{where}.{name}", value, known, name, words)


def _of_kind(
    where: str, given: Any, known: Sequence[Any], name: str, words: frozenset[str] | None
) -> Iterator[InvalidParam]:
    kinds = {_kind(each) for each in known}
    if kinds and _kind(given) not in kinds:
        yield InvalidParam(where, Message("must be {kinds}", kinds=" or ".join(sorted(kinds))), "type")
    elif isinstance(given, str):
        yield from _of_text(where, given, [each for each in known if isinstance(each, str)], name, words)
    elif isinstance(given, Mapping):
        yield from _of_object(where, given, [each for each in known if isinstance(each, Mapping)], name)
    elif isinstance(given, list | tuple):
        items = [item for each in known if isinstance(each, list | tuple) for item in each]
        if len(given) > _LONGEST:
            yield InvalidParam(where, Message("must have no more than 100"), "too-long")
        for number, item in enumerate(given[:_LONGEST]):
            yield from _of_kind(f"{where}.{number}", item, items, name, words)
    elif isinstance(given, int | float) and not isinstance(given, bool):
        least = 1 if name in _AT_LEAST_ONE else 0
        if not least <= given <= _LARGEST:
            yield InvalidParam(where, Message("must be {least} to a million", least=least), "out-of-range")


def _of_text(
    where: str, given: str, known: Sequence[str], name: str, words: frozenset[str] | None
) -> Iterator[InvalidParam]:
    if len(given) > _LONGEST:
        yield InvalidParam(where, Message("must have no more than 100"), "too-long")
    elif words is not None:
        if given not in words:
            yield InvalidParam(where, Message("must be one of {words}", words=", ".join(sorted(words))), "unknown")
    elif name in _FREE:
        return
    elif known and all(map(_is_clock, known)):
        if not _is_clock(given):
            yield InvalidParam(where, Message("must be a time of day such as 08:30"), "type")
    elif known and all(map(_is_number, known)):
        if not _is_number(given):
            yield InvalidParam(where, Message("must be a number in a text, such as 0.21"), "type")
    elif given not in known:
        yield InvalidParam(where, Message("must be one of {words}", words=", ".join(sorted({*known}))), "unknown")


def _of_object(where: str, given: Mapping[str, Any], known: Sequence[Mapping[str, Any]], name: str) -> Iterator[Any]:
    if name in _FREE:
        return
    first: Iterable[str] = known[0] if known else ()
    needed = {key for key in first if all(key in each for each in known)}
    possible = {key for each in known for key in each}
    for key in sorted(needed - given.keys()):
        yield InvalidParam(f"{where}.{key}", Message("is missing"), "missing")
    for key, value in given.items():
        if key not in possible:
            yield _unknown(f"{where}.{key}", possible)
        else:
            same = [each[key] for each in known if key in each]
            yield from _of_kind(f"{where}.{key}", value, same, key, _WORDS.get(key))
            if isinstance(value, list) and name == "start" and {len(each) for each in same} != {len(value)}:
                yield InvalidParam(f"{where}.{key}", Message("must have as many numbers as now"), "out-of-range")


def _unknown(where: str, there: Iterable[str]) -> InvalidParam:
    return InvalidParam(where, Message("has no such value, but {there}", there=", ".join(sorted(there))), "unknown")


def _is_clock(text: str) -> bool:
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return ":" in text


def _is_number(text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and 0 <= number <= _LARGEST


def _kind(value: object) -> str:
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "null")


_KINDS: Final = (
    (bool, "true or false"),  # before int, which it is as well
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (Mapping, "an object"),
    (list | tuple, "a list"),
)
