"""Every aggregate with a life cycle goes where its table says, publishes each step once and is drawn as it is."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DomainError
from common.lifecycle import LifeCycle
from hto.services import all_services
from tests.support.declared import declared
from tests.support.life_cycles import Ways

DECLARED: Final = {
    (service.name, name): life_cycle
    for service in all_services()
    for each in service.slices
    for name, life_cycle in each.life_cycles.items()
}
WAYS: Final[Mapping[tuple[str, str], Ways[Any]]] = {
    (service, name): ways
    for service in sorted({service for service, _ in DECLARED})
    for each in declared("WAYS", f"unit/{service}")
    for name, ways in each.items()
}
PAIRS: Final = [
    (*key, before, after) for key, cycle in DECLARED.items() for before in cycle.next for after in cycle.next
]
each_life_cycle: Final = pytest.mark.parametrize(("service", "name"), DECLARED)


def test_every_life_cycle_is_declared_by_its_slice_and_tested() -> None:
    modules = {
        import_module(module.name)
        for service in all_services()
        for module in pkgutil.walk_packages(import_module(service.name).__path__, f"{service.name}.")
        if ".migrations" not in module.name
    }
    found = {id(cycle) for module in modules for cycle in vars(module).values() if isinstance(cycle, LifeCycle)}
    assert found == {id(cycle) for cycle in DECLARED.values()}
    assert WAYS.keys() == DECLARED.keys()


@each_life_cycle
def test_every_state_is_reached_and_every_state_that_is_reached_has_a_way_in(service: str, name: str) -> None:
    table, ways = DECLARED[service, name].next, WAYS[service, name]
    first, *_ = table
    targets = {after for following in table.values() for after in following}
    assert targets | {first} == set(table)
    assert set(ways.into) == targets


@pytest.mark.parametrize(("service", "name", "before", "after"), PAIRS)
def test_a_step_is_possible_and_published_where_the_table_has_it(
    service: str, name: str, before: Any, after: Any
) -> None:
    cycle, ways = DECLARED[service, name], WAYS[service, name]
    tried = list(ways.tried(before, after)) if after in ways.into else []
    refused = [each for each in tried if isinstance(each, DomainError)]
    done = [each for each in tried if not isinstance(each, DomainError)]
    taken = {len(events) for moved, events in done if moved.status is after and (events or before is not after)}
    if after in cycle.next[before]:
        assert taken == {ways.expected(before, after)} or (before is after and not taken)
        return
    assert [events for _, events in done] == [[]] * len(done), "it changes nothing"
    assert {moved.status for moved, _ in done} <= {before}
    if (before is after and after not in ways.once) or (before, after) in ways.quiet:
        assert done or not tried
    elif tried:
        assert done == []
        named = {"status": before, "wanted": after}.items()
        assert any(type(each) is cycle.refusal and each.facts.items() <= named for each in refused)


@each_life_cycle
@given(data=st.data())
def test_a_walk_keeps_to_the_table(service: str, name: str, data: st.DataObject) -> None:
    table, ways = DECLARED[service, name].next, WAYS[service, name]
    one = ways.at(next(iter(table)))
    moves = [*(move for moves in ways.into.values() for move in moves), *ways.others]
    for move in data.draw(st.lists(st.sampled_from(moves), max_size=40)):
        try:
            after, events = move(one)
        except DomainError:
            continue
        unpublished = (one.status, after.status) in ways.unpublished
        assert events or after == one or unpublished
        reached = {one.status}
        for _ in [None] if unpublished else events:
            reached |= {following for state in reached for following in table[state]}
        assert after.status in reached
        ways.holds(one, after, events)
        one = after


def test_the_page_of_life_cycles_draws_each_of_them() -> None:
    committed = (Path(__file__).parents[2] / "docs/events/life-cycles.md").read_text("utf-8")
    assert [key for key, cycle in DECLARED.items() if f"```mermaid\n{cycle.diagram()}\n```" not in committed] == []
