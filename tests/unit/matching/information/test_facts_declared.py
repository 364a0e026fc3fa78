"""What ranking, plan and chances read is declared, with purpose and source; what may never count is absent."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

import matching
from events.registry import ProfileState
from matching.information import wording
from matching.plan.model import snapshot as plan
from matching.profile.model.profile import Profile
from matching.proposal.model.asking import Asking, Outcome
from matching.ranking.model import ranking, replay
from matching.scenario.model.trial import Trial
from matching.vacancy.model import opening

READERS: Final = (ranking.rank, plan.Snapshot, replay.Snapshot, Asking.chance)
"""Ranking, plan, its repetition, the chance of consent: whatever they take is an input. A scenario takes a snapshot."""
RULES: Final = {"Policies", "PolicyRow", "Pool", "Asking"}
"""Rules, not facts; and the pool is its profiles."""


def _models() -> Iterator[types.ModuleType]:
    for found in pkgutil.walk_packages(matching.__path__, "matching."):
        if ".model" in found.name:
            yield importlib.import_module(found.name)


FALLBACK: Final = {name: value for module in _models() for name, value in vars(module).items()} | {
    "date": __import__("datetime").date,
    "UUID": __import__("uuid").UUID,
    "Mapping": typing.Mapping,
    "vacancy": opening,
    "Opening": opening.Opening,
    "Outcome": Outcome,
    "Snapshot": plan.Snapshot,
}
"""Names that a module imports for the type checker only."""


def inputs(*readers: Any) -> set[str]:
    """Return every field of every type that these read, as ``Class.field``, however deep."""
    found, waiting = set[str](), [each for reader in readers for each in _types_of(reader)]
    seen = set[type]()
    while waiting:
        each = waiting.pop()
        if each in seen or issubclass(each, Enum) or each.__name__ in RULES:
            continue
        seen.add(each)
        hints = _hints(each)
        fields = [one.name for one in dataclasses.fields(each)] if dataclasses.is_dataclass(each) else [*hints]
        for name in fields:
            found.add(f"{each.__name__}.{name}")
            waiting += _classes(hints[name])
    return found


def _types_of(reader: Any) -> list[type]:
    if inspect.isclass(reader):
        return [reader, *(one for hint in _hints(reader).values() for one in _classes(hint))]
    return [one for name, hint in _hints(reader).items() if name != "return" for one in _classes(hint)]


def _hints(of: Any) -> dict[str, Any]:
    names = {**FALLBACK, **vars(importlib.import_module(of.__module__))}
    return typing.get_type_hints(of, localns=names)


def _classes(hint: Any) -> list[type]:
    if inspect.isclass(hint) and not typing.get_args(hint):
        plain = dataclasses.is_dataclass(hint) or hasattr(hint, "_fields") or hasattr(hint, "model_fields")
        if hint.__name__ == "Pool":
            return [Profile]
        return [hint] if plain else []
    return [one for each in typing.get_args(hint) for one in _classes(each)]


DECLARED: Final = [field for fact in wording.FACTS for field in fact.fields]


def undeclared(*readers: Any) -> set[str]:
    return inputs(*readers) - {*DECLARED}


def forbidden(fields: set[str]) -> dict[str, str]:
    """Return the fields whose name has a part that may never count, each with that fact's code."""
    return {
        field: never.code
        for field in fields
        for never in wording.NEVER
        for name in never.names
        if _names(field.rpartition(".")[2], name)
    }


def _names(field: str, word: str) -> bool:
    return word in field if "_" in word else any(part.startswith(word) for part in field.split("_"))


def test_every_input_of_the_model_is_declared_once() -> None:
    assert undeclared(*READERS) == set()
    assert len(DECLARED) == len({*DECLARED}), "a field serves one fact"


def test_every_declared_field_is_read() -> None:
    """A sheet that names what is not used is as wrong as one that hides what is."""
    read = inputs(*READERS)
    assert {*DECLARED} - read == set()
    assert {field for proxy in wording.PROXIES for field in proxy.fields} <= read


def test_every_fact_has_a_purpose_and_a_source_in_words() -> None:
    for fact in wording.FACTS:
        assert fact.purpose, fact.code
        assert wording.text("nl", "sources", fact.source)
        assert all(fact.words.values()), fact.code


def test_a_fact_that_may_never_count_is_absent_from_the_model() -> None:
    assert forbidden(inputs(*READERS)) == {}


def test_a_field_that_somebody_adds_is_found() -> None:
    @dataclasses.dataclass(frozen=True)
    class Opening(opening.Opening):
        audience: str = ""
        wants_gender: str = ""

    added = inputs(Opening) - inputs(opening.Opening)
    assert added == {"Opening.audience", "Opening.wants_gender"}
    assert undeclared(Opening) == added
    assert forbidden(added) == {"Opening.wants_gender": "gender"}


def test_a_field_deep_inside_an_input_is_found() -> None:
    reached = inputs(plan.Snapshot)
    assert {"Slot.weekday", "Held.expires_on", "Place.latitude", "Outcome.consented"} <= reached
    assert (
        inputs(Asking.chance)
        == {"Outcome.asked", "Outcome.consented"}
        == {f"Outcome.{one.name}" for one in dataclasses.fields(Outcome)}
    )


def test_a_scenario_reads_what_a_plan_reads() -> None:
    [snapshot] = [each for each in dataclasses.fields(Trial) if each.name == "snapshot"]
    assert (snapshot.type, Trial.__module__) == ("Snapshot", "matching.scenario.model.trial")
    others = {each.name for each in dataclasses.fields(Trial)} - {"snapshot"}
    assert others == {"points", "until", "aim", "simulate", "_now"}, "rules, days and what is computed"


def test_a_published_profile_has_nothing_that_may_never_count() -> None:
    """Also what matching stores of a profile and no rule reads."""
    assert forbidden({f"ProfileState.{name}" for name in ProfileState.model_fields}) == {}


def test_every_proxy_counts_and_is_a_declared_fact() -> None:
    assert {proxy.code for proxy in wording.PROXIES} == {"distance_limit", "evening_only", "hours_wanted"}
    assert {field for proxy in wording.PROXIES for field in proxy.fields} <= {*DECLARED}
