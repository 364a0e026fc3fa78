"""Every operation of every service refuses whoever may not call it: generated from the routes themselves.

A new operation is in the matrix by itself; what a stranger may do all the same is listed here with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import pytest
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from common.caller import PARTIES, Caller, CallerRole
from common.persistence.transaction import uuid7
from common.web.idempotency import REPLAYED, Key, store
from common.web.routing import Route
from demo import journey
from hto.services import NAMES, all_scopes, service
from tests.e2e.bodies import example
from tests.e2e.own_routes import own_routes
from tests.e2e.system import (
    ACCEPTED,
    OFFERED,
    PROPOSED,
    SIGNED,
    TAUGHT,
    TRAINER,
    System,
    at_the_beginning,
    see,
    through,
)

PUBLIC = {"/regions", "/trades"}
"""Reference data, open to everybody: declared so, and here once more so that a new one is noticed."""
REFUSED = {401, 403, 404}


def routes() -> Iterator[tuple[str, Route]]:
    for name in NAMES:
        for router in service(name).routers:
            for route in router.routes:
                assert isinstance(route, Route)
                yield name, route


def label(value: object) -> str:
    return f"{value.method} {value.path}" if isinstance(value, Route) else str(value)


EVERY = list(routes())
GUARDED = [(name, route) for name, route in EVERY if route.scope]
OF_ONE_ROW = [(name, route) for name, route in GUARDED if "{" in route.path and not route.path.startswith("/policies")]
WITH_A_KEY = [(name, route) for name, route in GUARDED if route.needs_key]


def under(*prefixes: str, of: str | None = None, method: str | None = None) -> set[str]:
    """The operations whose paths begin so, of one service, with one method."""
    return {
        label(route)
        for name, route in GUARDED
        if route.path.startswith(prefixes) and of in {None, name} and method in {None, route.method}
    }


_PROGRAMME: Final = frozenset({CallerRole.PROGRAMME})
_BOTH: Final = frozenset({CallerRole.PROGRAMME, CallerRole.OPERATOR})
_REVIEWS: Final = {f"POST /contracts/{{contract_id}}/_{verb}-review" for verb in ("approve", "reject", "return")}
STAFF: Final[dict[str, frozenset[CallerRole]]] = {
    **dict.fromkeys(under("/polic", "/imports", "/organisation", of="registry"), _PROGRAMME),
    **dict.fromkeys(under("/", of="contracts", method="GET"), _PROGRAMME),
    **dict.fromkeys(_REVIEWS, _PROGRAMME),
    **dict.fromkeys(under("/cases", "/figures", "/parked"), _BOTH),
    **dict.fromkeys(under("/", of="notifications"), _BOTH),
    "POST /overrides": _PROGRAMME,
    **dict.fromkeys(under("/rankings", "/vacancies/{vacancy_id}/ranking", of="matching"), _PROGRAMME),
    **dict.fromkeys(under("/proposals", of="matching", method="GET"), _PROGRAMME),
    "GET /vacancies/{vacancy_id}/screening": _PROGRAMME,
    "GET /vacancies/{vacancy_id}/outlook": _PROGRAMME,
    "GET /vacancies/{vacancy_id}/reserve": _PROGRAMME,
    "GET /vacancies/{vacancy_id}/candidates/{candidate_id}": _PROGRAMME,
    "GET /waiting-vacancies": _PROGRAMME,
    "GET /fairness": _PROGRAMME,
    "GET /vacancies": _PROGRAMME,
    "GET /vacancies/{vacancy_id}": _PROGRAMME,
    "GET /given-words": _PROGRAMME,
    "POST /clocks/programme/_advance": frozenset({CallerRole.OPERATOR}),
    **{operation: own.for_everybody for own in own_routes() for operation in under(own.under, of=own.service)},
}
"""What the programme and the operators do for everybody: they are no strangers there."""

NAMES_NOBODY: Final[dict[str, tuple[str, frozenset[CallerRole] | None]]] = {
    "GET /policies": ("rules are the same for everybody", None),
    "GET /clocks/programme": ("business time is the same for everybody", None),
    "POST /calculations/vat": ("it asks the law and reads no row", PARTIES | {CallerRole.DESK, CallerRole.PROGRAMME}),
    "POST /calculations/working-time": (
        "it asks the law and reads no row",
        PARTIES | {CallerRole.DESK, CallerRole.PROGRAMME},
    ),
    "GET /figures/programme": ("a desk sees the figures of the whole programme", frozenset({CallerRole.DESK})),
    "POST /trainers": ("a person applies, and names an employer that must then agree", frozenset({CallerRole.TRAINER})),
}
"""What a stranger may do all the same: why, and in which roles (None is any)."""

LISTS: Final = {label(route) for _, route in GUARDED if route.method == "GET" and "{" not in route.path}
"""They answer with the caller's own rows, of which there are none."""
OPEN_DATA: Final = {label(route) for _, route in GUARDED if route.path.startswith("/organisations")}
"""Confirmed boards, schools and locations are open data there, without whom to address."""

MORE: dict[str, dict[str, Any]] = {
    "/webhook-endpoints/{endpoint_id}/_redeliver": {"since": "2026-11-01T00:00:00Z"},
}
"""What a body needs although its document alone does not say so."""


class _Ids(dict[str, str]):
    """A row that the journey does not make is one that is not there."""

    def __missing__(self, name: str) -> str:
        return str(uuid7())


@dataclass(frozen=True)
class Rows:
    """What the rightful parties have."""

    ids: dict[str, str]
    """One real row of each kind, by the name that a path gives it."""
    named: dict[str, str]
    """Ids by the name that a body gives them: a stranger names these as if they were theirs."""
    secrets: frozenset[str]
    """What no answer to a stranger may have in it."""
    schools: frozenset[str]
    """Of these, what is open data about schools."""
    others: dict[str, dict[str, Any]]
    """Strangers that take part themselves: what their tokens say."""
    rightful: dict[str, Any]
    """The claims of somebody who acts for every party of the rows."""


def test_only_reference_data_is_public() -> None:
    assert {route.path for _, route in EVERY if not route.scope} == PUBLIC


def test_every_exception_is_an_operation() -> None:
    every = {label(route) for _, route in GUARDED}
    assert set(STAFF) | set(NAMES_NOBODY) <= every


@pytest.fixture(scope="module")
async def rows(on_postgresql: System) -> Rows:
    on, other = on_postgresql.stage(), on_postgresql.stage()
    await at_the_beginning(on)
    for step in (
        journey.the_school_registers,
        journey.the_school_is_confirmed,
        journey.the_company_registers,
        journey.the_company_is_confirmed,
    ):
        await see(other, await step(other))
    await through(on, *TRAINER, *PROPOSED, *ACCEPTED, *OFFERED, *SIGNED, *TAUGHT)
    endpoint = await on.school.post(
        "/notifications/v1/webhook-endpoints", on.cast.subscription(on_postgresql.receiver.url)
    )
    proposal = await on.desk.get(f"/matching/v1/proposals/{on.found.proposal}")
    cast = on.cast
    own = {name: await make(on) for each in own_routes() for name, make in each.not_of_a_school.items()}
    ids = _Ids(
        {
            **own,
            "organisation_id": str(cast.company),
            "school_id": str(cast.school),
            "region": cast.region,
            "trainer_id": str(cast.trainer),
            "qualification_id": str(cast.qualification),
            "vacancy_id": str(cast.vacancy),
            "proposal_id": on.found.proposal,
            "ranking_id": proposal["rankingId"],
            "contract_id": on.found.contract["id"],
            "assignment_id": on.found.assignment,
            "line_id": on.found.hour_lines[0],
            "endpoint_id": endpoint["id"],
            "case_id": str(cast.vacancy),
            "candidate_id": str(uuid7()),
            "parked_id": str(uuid7()),
            "change_id": str(uuid7()),
            "move_id": str(uuid7()),
            "party": "school",
            "code": "vat.rates",
            "valid_from": "2026-01-01",
        }
    )
    schools = {str(one) for one in (cast.board, cast.school, cast.location)}
    people = {*cast.personal, cast.company_body["kvk"], cast.company_body["name"]}
    people |= {body["contact"]["email"] for body in (cast.school_body, cast.company_body)}
    fixed = {"candidate_id", "parked_id", "change_id", "move_id", "party", "code", "valid_from", "region", "school_id"}
    return Rows(
        ids=ids,
        named={
            "boardId": str(cast.board),
            "schoolId": str(cast.school),
            "locationId": str(cast.location),
            "companyId": str(cast.company),
            "trainerId": str(cast.trainer),
            "ownerId": str(cast.location),
            "organisationId": str(cast.company),
            "vacancyId": str(cast.vacancy),
        },
        secrets=frozenset({*schools, *people, *(id_ for name, id_ in ids.items() if name not in fixed)}),
        schools=frozenset({*schools, cast.board_body["name"], cast.school_body["name"], cast.location_body["name"]}),
        others={
            "another board": {"roles": ["school", "partner"], "org": [str(other.cast.board)]},
            "another location": {"roles": ["school"], "org": [str(other.cast.location)]},
            "another company": {"roles": ["company", "partner"], "org": [str(other.cast.company)]},
            "another region's desk": {"roles": ["desk"], "regions": [other.cast.region]},
        },
        rightful={
            "roles": [role.value for role in CallerRole],
            "org": [*sorted(schools), str(cast.company)],
            "trainer": str(cast.trainer),
            "regions": [cast.region],
        },
    )


@dataclass(frozen=True)
class Sent:
    """A request that would be right, were it the right caller's."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes


async def compose(on_postgresql: System, name: str, route: Route, rows: Rows) -> Sent:
    document = await _document(on_postgresql, name)
    headers = {"Idempotency-Key": str(uuid7()), "If-Match": "*"}
    content = b""
    if route.body_field is not None:
        operation = document["paths"][_shown(route.path_format)][route.method.lower()]
        media_type, described = next(iter(operation["requestBody"]["content"].items()))
        headers["Content-Type"] = media_type
        content = b"a,b\n1,2\n"
        if "json" in media_type:
            made = example(described["schema"], document)
            content = json.dumps(_body(route, made, _may_name(described["schema"], document), rows)).encode()
    return Sent(route.method, f"/{name}/v1{route.path_format.format(**rows.ids)}", headers, content)


def _may_name(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Collection[str]:
    """Return every field that a body may have."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    properties: Mapping[str, Any] = schema.get("properties", {})
    return properties


def _body(route: Route, made: dict[str, Any], fields: Collection[str], rows: Rows) -> dict[str, Any]:
    """Name the rows of others wherever a body may name anybody."""
    body = {**made, **MORE.get(route.path, {})}
    body |= {name: id_ for name, id_ in rows.named.items() if name in fields}
    if route.path.startswith("/organisations") and "kind" in body:
        below = {"kind": "location", "schoolId": rows.named["schoolId"], "schoolTypes": ["mbo"], "postcode": "5611XX"}
        body |= below
    return body


async def send(on_postgresql: System, sent: Sent, token: str | None, **more: str) -> httpx2.Response:
    headers = {**sent.headers, **more}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with httpx2.AsyncClient(base_url=on_postgresql.settings.public_url, trust_env=False) as client:
        return await client.request(sent.method, sent.path, headers=headers, content=sent.content or None)


def _shown(path: str) -> str:
    """The path as the document has it: parameters in lowerCamelCase."""
    return re.sub(r"\{(\w+)\}", lambda found: f"{{{to_camel(found[1])}}}", path)


async def _document(on_postgresql: System, name: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(base_url=on_postgresql.settings.public_url, trust_env=False) as client:
        found: dict[str, Any] = (await client.get(f"/{name}/v1/openapi.json")).json()
        return found


def strangers(rows: Rows) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everybody who has nothing to do with the rows, and what their tokens say."""
    everything = {name: claim for name, claim in rows.rightful.items() if name != "roles"}
    yield "no role", {**everything, "roles": []}
    for role in CallerRole:
        yield role.value, {"roles": [role.value], "org": [str(uuid7())], "trainer": str(uuid7()), "regions": ["AM02"]}
    yield "a claim of another role", {**everything, "roles": ["operator"], "regions": []}
    yield from rows.others.items()


def may_all_the_same(route: Route, claims: Mapping[str, Any]) -> bool:
    roles = {CallerRole(role) for role in claims["roles"]}
    if roles & STAFF.get(label(route), frozenset()):
        return True
    _, named = NAMES_NOBODY.get(label(route), ("", frozenset()))
    return named is None or bool(roles & named)


@pytest.mark.parametrize(("name", "route"), GUARDED, ids=label)
async def test_no_operation_serves_a_stranger(on_postgresql: System, rows: Rows, name: str, route: Route) -> None:
    """Seen red without the check of roles, of the wanted parent, and with a conflict that names an id."""
    sent = await compose(on_postgresql, name, route, rows)
    response = await send(on_postgresql, sent, None)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    wrong = []
    for who, claims in strangers(rows):
        token = on_postgresql.issuer.issue("portal", scope=" ".join(all_scopes()), claims=claims)
        response = await send(on_postgresql, sent, token, **{"Idempotency-Key": str(uuid7())})
        legitimate = may_all_the_same(route, claims)
        answered = response.status_code in ({200} if label(route) in LISTS else set()) or legitimate
        if response.status_code >= 500 or not (answered or response.status_code in REFUSED):
            wrong.append(f"{who}: {response.status_code} {response.text[:200]}")
        elif not legitimate and (told := _told(response, sent, rows, route)):
            wrong.append(f"{who}: {response.status_code} tells {told}")
    assert wrong == []


def _told(response: httpx2.Response, sent: Sent, rows: Rows, route: Route) -> set[str]:
    """What of the rows an answer tells that its request did not name."""
    said = sent.path + sent.content.decode(errors="replace")
    answer = response.text + str(dict(response.headers))
    secrets = rows.secrets - (rows.schools if label(route) in OPEN_DATA else set())
    return {secret for secret in secrets if secret in answer and secret not in said}


@pytest.mark.parametrize(("name", "route"), GUARDED, ids=label)
async def test_another_scope_is_not_enough(on_postgresql: System, rows: Rows, name: str, route: Route) -> None:
    token = on_postgresql.issuer.issue("portal", scope="nothing:read", claims=rows.rightful)
    response = await send(on_postgresql, await compose(on_postgresql, name, route, rows), token)
    assert response.status_code == 403


@pytest.mark.parametrize(("name", "route"), OF_ONE_ROW, ids=label)
async def test_a_row_of_somebody_else_is_not_there(on_postgresql: System, rows: Rows, name: str, route: Route) -> None:
    """A stranger with the right scope: another school, another company, another trainer in one."""
    claims = {"roles": ["school", "company", "trainer", "portal"], "org": [str(uuid7())], "trainer": str(uuid7())}
    token = on_postgresql.issuer.issue("portal", scope=str(route.scope), claims=claims)
    response = await send(on_postgresql, await compose(on_postgresql, name, route, rows), token)
    assert response.status_code in {403, 404}, response.text
    if route.method == "GET" and not (route.authority and route.authority.roles):
        assert response.status_code == 404


@pytest.mark.parametrize(("name", "route"), WITH_A_KEY, ids=label)
async def test_no_caller_gets_the_stored_answer_of_another(
    on_postgresql: System, rows: Rows, name: str, route: Route
) -> None:
    """The same client sends the same request with the same key, acting for somebody else."""
    sent, secret = await compose(on_postgresql, name, route, rows), f"secret-{uuid7()}"
    everything = " ".join(all_scopes())
    rightful = on_postgresql.issuer.issue("portal", scope=everything, claims=rows.rightful)
    await _store_an_answer(on_postgresql, name, route, sent, rightful, secret)
    own = await send(on_postgresql, sent, rightful)
    assert (own.headers.get(REPLAYED), secret in own.text) == ("true", True), own.text
    for who, claims in strangers(rows):
        token = on_postgresql.issuer.issue("portal", scope=everything, claims=claims)
        response = await send(on_postgresql, sent, token)
        assert REPLAYED not in response.headers, who
        assert secret not in response.text, who
        assert response.status_code in REFUSED or may_all_the_same(route, claims), f"{who}: {response.text}"


async def _store_an_answer(on_postgresql: System, name: str, route: Route, sent: Sent, token: str, secret: str) -> None:
    headers = [(key.lower().encode(), value.encode()) for key, value in sent.headers.items()]
    scope = {"type": "http", "method": sent.method, "path": sent.path, "query_string": b"", "headers": headers}
    caller: Caller = await on_postgresql.running.verifier.verify(token)
    assert route.authority
    key = Key.of(Request(scope), route.authority.check(caller), sent.content)
    answer = Response(json.dumps({"answer": secret}), status_code=200, media_type="application/json")
    async with on_postgresql.running.services[name].database.begin(actor="test") as tx:
        await store(tx, key, answer)
