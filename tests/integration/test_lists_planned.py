"""Every list is read by an index, as every kind of caller: what a page costs does not grow with the table."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import Table, event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from common.persistence.owned import owners_of
from common.service import Slice
from common.web import Page
from common.web.routing import Route
from contracts.contract import tables as contract_tables
from contracts.contract.store import contracts
from hto.services import NAMES, service
from matching.plan.model.run import PlanRun
from matching.plan.store.plans import store as plans
from registry.trainer.store import trainers
from tests.support.declared import declared
from tests.support.filled import filling, id_of
from tests.support.postgres import Postgres, create_database
from tests.support.query_plans import nodes_of, read_through, touched
from tests.support.serving import Serving, serving
from tests.unit.contracts import contract_examples
from tests.unit.registry import registry_examples

ROWS: Final = 20_000
OWNERS: Final = 2_000
"""Of each kind, so that each has some rows; a region, of which there are 35, has some hundreds."""
LARGE: Final = 7
"""The number of the owners who have two thousand rows in a row, far from either end of the table: forty pages."""
MOST_READ: Final = 1_000
"""Rows that a page of fifty may look at: for each kind of owner, in each table that it joins, some of them twice."""
_OF_THE_LARGE: Final = "i BETWEEN 9001 AND 11000"
OWNER: Final = f"(CASE WHEN {_OF_THE_LARGE} THEN {LARGE} ELSE i % {OWNERS} END)"
"""SQL for the number of a row's owner, of each kind."""


@dataclass(frozen=True)
class Listed:
    """What a paged route reads: tables, and what their columns hold other than anything."""

    tables: tuple[str, ...]
    path: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    """SQL by ``table.column``, of the row's number ``i``."""
    as_is: bool = False
    """Whether its rows can be answered; what a service would make an aggregate of is not whole."""
    roles: tuple[str, ...] | None = None
    """Who reads it; by default every caller whom the route lets in."""


_PARTIES: Final = "(ARRAY['board', 'school', 'location', 'company', 'trainer'])"
_WAITING: Final = (
    f"jsonb_build_object('boardId', {id_of('board', OWNER)}, 'schoolId', {id_of('school', OWNER)},"
    f" 'locationId', {id_of('location', OWNER)}, 'region', 'AM' || (i % 35))"
)
_RECIPIENT: Final = (
    f"(lpad(to_hex({OWNER}), 12, '0') || right(md5({_PARTIES}[1 + i / {OWNERS} % 5] || ({OWNER})), 20))::uuid"
)
_KIND_OF_ENDPOINT: Final = f"""
    CASE WHEN i BETWEEN {LARGE} AND {LARGE} + 4
    THEN (lpad(to_hex({LARGE}), 12, '0') || right(md5({_PARTIES}[1 + i - {LARGE}] || {LARGE}), 20))::uuid
    ELSE {id_of("other")} END
"""
"""Each kind of owner that is large has one endpoint, with some hundreds of deliveries."""
_OF_CONTRACT: Final = f"CASE WHEN {_OF_THE_LARGE} THEN '{contract_examples.CONTRACT}' ELSE {id_of('contract')} END"
SAID: Final = {
    "contracts /hours": Listed(("hour_lines",)),
    "contracts /contracts/{contract_id}/decisions": Listed(
        ("decisions",),
        path="/contracts/{contract}/decisions",
        values={"decisions.contract_id": _OF_CONTRACT},
        roles=("programme",),
    ),
    "matching /plans/{plan_id}/openings": Listed(
        ("plan_openings",),
        path="/plans/{plan}/openings",
        values={"plan_openings.plan_id": id_of("plans", f"GREATEST({OWNER}, 1)")},
        roles=("programme",),
    ),
    "matching /waiting-vacancies": Listed(
        ("vacancies",), values={"vacancies.facts": _WAITING, "vacancies.status": "'waiting'"}
    ),
    "matching /plans": Listed(("plans",), values={"plans.regions": "'[]'"}),
    "matching /scenarios": Listed(
        ("scenarios",), values={"scenarios.regions": "'[]'", "scenarios.overrides": "'[]'", "scenarios.sweep": "NULL"}
    ),
    "matching /plans/{plan_id}/assignments": Listed(
        ("plan_assignments",),
        path="/plans/{plan}/assignments",
        values={
            "plan_assignments.plan_id": id_of("plans", f"GREATEST({OWNER}, 1)"),
            "plan_assignments.proposal_id": "NULL",
        },
        roles=("programme",),
    ),
    "registry /organisations": Listed(
        ("organisations",),
        values={
            "organisations.kind": "(ARRAY['location', 'location', 'company'])[1 + i % 3]",
            "organisations.status": "(ARRAY['confirmed', 'pending'])[1 + (i / 3) % 2]",
        },
    ),
    "registry /given-words": Listed(("words_given",)),
    "registry /trainers/{trainer_id}/processings": Listed(
        ("processing_log",),
        path="/trainers/{trainer}/processings",
        values={
            "processing_log.id": id_of("looks"),
            "processing_log.start_time": "now() - interval '1 day' + i * interval '1 second'",
            "processing_log.data_subject_id": f"{id_of('trainer', OWNER)}::text",
        },
        roles=("trainer",),
    ),
    "operations /cases": Listed(("cases", "case_parties")),
    "operations /cases/{case_id}/steps": Listed(
        ("steps",),
        path="/cases/{case}/steps",
        as_is=True,
        values={"steps.case_id": id_of("cases", OWNER)},
        roles=("programme",),
    ),
    "operations /parked-events": Listed(("parked",), roles=("programme",)),
    "notifications /messages": Listed(("messages", "outgoing"), values={"messages.recipient_id": _RECIPIENT}),
    "notifications /events": Listed(
        ("feed", "feed_owners"),
        values={
            "feed.event_id": id_of("event"),
            "feed.owners": f"ARRAY(SELECT (lpad(to_hex({OWNER}), 12, '0') || right(md5(k || {OWNER}), 20))::uuid"
            f" FROM unnest({_PARTIES}) AS k)",
        },
    ),
    "notifications /webhook-endpoints": Listed(
        ("endpoints", "endpoint_health"),
        values={"endpoints.owner_id": _RECIPIENT, "endpoint_health.endpoint_id": id_of("endpoints")},
    ),
    "notifications /deliveries": Listed(
        ("deliveries", "endpoints", "feed"),
        values={
            "endpoints.owner_id": _KIND_OF_ENDPOINT,
            "deliveries.endpoint_id": id_of("endpoints", f"CASE WHEN {_OF_THE_LARGE} THEN {LARGE} + i % 5 ELSE i END"),
            "deliveries.event_id": id_of("event"),
            "feed.event_id": id_of("event"),
            "feed.owners": "'{}'",
        },
    ),
}
"""Lists that are not called as the table that they read, or whose rows are not anything."""
SMALL: Final = {
    "registry /regions": "some tens of rows",
    "registry /trades": "some tens of rows",
    "registry /policies": "some tens of rows for each year",
    "registry /organisation-moves": "a few rows for each school that goes to another board",
    "registry /policy-changes": "a few rows for each change of policy",
    "matching /openings": "as many vacancies as policy allows, read by an index: tests/integration/matching/opening",
    "matching /vacancies/{vacancy_id}/ranking": "a page of what was ranked in memory: no table",
    **{route: why for each in declared("SMALL_LISTS", "integration") for route, why in each.items()},
}
"""Lists of what does not grow, and why."""

CALLERS: Final[Mapping[str, dict[str, Any]]] = {
    "board": {"roles": ["school"], "org": "board"},
    "school": {"roles": ["school"], "org": "school"},
    "location": {"roles": ["school"], "org": "location"},
    "company": {"roles": ["company"], "org": "company"},
    "trainer": {"roles": ["trainer"], "trainer": "trainer"},
    "region": {"roles": ["desk"], "regions": ["AM7"]},
    "programme": {"roles": ["programme"]},
}


def _paged() -> dict[str, tuple[Slice, Route]]:
    return {
        f"{name} {route.path}": (slice_, route)
        for name in NAMES
        for slice_ in service(name).slices
        for router in slice_.routers
        for route in router.routes
        if isinstance(route, Route)
        and isinstance(route.response_model, type)
        and issubclass(route.response_model, Page)
    }


PAGED: Final = _paged()
LISTS: Final[Mapping[str, Listed]] = {
    **{
        name: Listed((table.name,))
        for name, (slice_, route) in PAGED.items()
        for table in slice_.tables
        if owners_of(table) and route.path == f"/{table.name.replace('_', '-')}" and name not in SAID
    },
    **SAID,
}
"""Those that are called as a table of their slice whose rows have owners read that one."""


def _readers(listed: Listed, route: Route) -> Iterable[str]:
    if listed.roles is not None:
        return listed.roles
    let_in = route.authority.roles if route.authority else frozenset()
    return [as_ for as_, claims in CALLERS.items() if not let_in or not let_in.isdisjoint(claims["roles"])]


def test_every_list_is_planned_here_or_does_not_grow() -> None:
    assert PAGED.keys() == LISTS.keys() | SMALL.keys()
    assert LISTS.keys().isdisjoint(SMALL)


def _filling(table: Table, values: Mapping[str, str]) -> str:
    own = {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{table.name}.")}
    if table.name == "feed_owners":
        return "INSERT INTO feed_owners (position, owner_id) SELECT position, unnest(owners) FROM feed"
    if table.name != "case_parties":
        return filling(table, own, rows=ROWS, owner=OWNER)
    columns = {
        "case_id": id_of("cases"),
        "party": f"kind || '=' || {_owner_id()}",
        "latest_at": "now() - i * interval '1 minute'",
        **own,
    }
    return filling(table, columns, rows=f"generate_series(1, {ROWS}) AS i, unnest({_PARTIES}) AS kind")


def _owner_id() -> str:
    return f"(lpad(to_hex({OWNER}), 12, '0') || right(md5(kind || {OWNER}), 20))::uuid"


@asynccontextmanager
async def filled(server: Postgres, name: str, listed: Listed) -> AsyncIterator[Serving]:
    """A service with twenty thousand rows in what a list reads."""
    async with serving(service(name), await create_database(server)) as found:
        async with found.database.engine.begin() as connection:
            if "processing_log" in listed.tables:
                one = trainers.dump(replace(registry_examples.trainer(), id=await large(connection, "trainer")))
                await connection.execute(trainers.table.insert(), one)
            if "decisions" in listed.tables:
                one = contracts.dump(contract_examples.contract())
                await connection.execute(contract_tables.contracts.insert(), one)
            if {"plan_assignments", "plan_openings"} & {*listed.tables}:
                await connection.execute(text(_filling(plans.table, {"plans.regions": "'[]'"})))
                id_ = await large(connection, "plans")
                whole = PlanRun.request(id_, by="programme", regions=frozenset(), at=datetime.now(UTC))
                await connection.execute(plans.table.update().where(plans.table.c.id == id_), plans.dump(whole))
            if "steps" in listed.tables:
                await connection.execute(text(_filling(found.database.metadata.tables["cases"], {})))
            for table in listed.tables:
                await connection.execute(text(_filling(found.database.metadata.tables[table], listed.values)))
            await connection.execute(text("ANALYZE"))
        yield found


async def large(connection: AsyncConnection, kind: str) -> UUID:
    """The id of an owner who has much."""
    return UUID(str((await connection.execute(text(f"SELECT {id_of(kind, LARGE)}"))).scalar_one()))


@contextmanager
def caught(found: Serving, *, as_is: bool) -> Iterator[list[tuple[str, Any]]]:
    """The statements that make pages, each kept as it is sent; rows that are not whole go to nobody."""
    statements: list[tuple[str, Any]] = []
    engine = found.database.engine.sync_engine

    def keep(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> tuple[str, Any]:
        if "LIMIT" not in statement or not statement.lstrip().startswith("SELECT"):
            return statement, parameters
        statements.append((statement, parameters))
        if as_is:
            return statement, parameters
        return f"SELECT * FROM ({statement}) AS page LIMIT 0", parameters

    event.listen(engine, "before_cursor_execute", keep, retval=True)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def _claims(as_: str, ids: Mapping[str, UUID]) -> dict[str, Any]:
    return {
        name: [str(ids[value])] if name == "org" else str(ids[value]) if name == "trainer" else value
        for name, value in CALLERS[as_].items()
    }


async def _faults(found: Serving, statement: str, parameters: Any, tables: tuple[str, ...]) -> list[str]:
    async with found.database.engine.connect() as connection:
        explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
        plan = explained.scalar_one()
    plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    faults = [
        f"reads all of {node['Relation Name']}"
        for node in nodes_of(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in tables
    ]
    faults += [f"reads through {index}" for index in read_through(plan, tables)]
    read = touched(plan)
    return [*faults, *([f"looks at {read} rows"] if read > MOST_READ else [])]


@pytest.mark.parametrize("route", LISTS)
async def test_a_page_is_read_by_an_index_as_every_caller(route: str, postgres_server: Postgres) -> None:
    name, _, path = route.partition(" ")
    listed, faults = LISTS[route], dict[str, list[str]]()
    _, operation = PAGED[route]
    async with filled(postgres_server, name, listed) as found:
        async with found.database.engine.connect() as connection:
            named = ", ".join(
                f"{id_of(kind, LARGE)} AS {kind}" for kind in ("board", "school", "location", "company", "trainer")
            )
            ids = dict(
                (
                    await connection.execute(
                        text(f"SELECT {named}, {id_of('cases', LARGE)} AS one, {id_of('plans', LARGE)} AS plan")
                    )
                )
                .mappings()
                .one()
            )
        for as_ in _readers(listed, operation):
            headers = found.headers("a-client", str(operation.scope), **_claims(as_, ids))
            with caught(found, as_is=listed.as_is) as statements:
                answered = await found.get(
                    (listed.path or path).format(
                        case=ids["one"],
                        contract=contract_examples.CONTRACT,
                        trainer=ids["trainer"],
                        plan=ids["plan"],
                    ),
                    headers,
                )
            assert answered.status_code == 200, (as_, answered.text)
            assert statements, as_
            for statement, parameters in statements:
                if wrong := await _faults(found, statement, parameters, listed.tables):
                    faults.setdefault(as_, []).extend(wrong)
    assert faults == {}
