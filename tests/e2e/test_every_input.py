"""Every input of every route, at the edges of the calendar, of Unicode and of numbers: generated from the documents.

Nothing is answered with a server's error or with "later", a fault names its field in the caller's words, and what is
refused changes nothing.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self
from urllib.parse import quote

import asyncpg
import httpx2
import pytest

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from common.web.routing import Route
from hto.services import NAMES
from tests.e2e.bodies import example
from tests.e2e.system import System
from tests.e2e.test_every_route import MORE, Rows, label, routes, rows

__all__ = ["rows"]

DAYS: Final = (
    *("0001-01-01", "9999-12-31", "9999-12-30", "1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01", "2000-01-01"),
    *("2026-02-29", "2028-02-29", "0", "", "2026-11-26T00:00:00Z", "20261126", "-0001-01-01", "10000-01-01"),
)
MOMENTS: Final = (
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *("2026-11-26", "2026-11-26T09:00:00", "1700000000", "2026-11-26T09:00:00+99:99", "1900-01-01T00:00:00Z"),
)
CLOCKS: Final = ("24:00", "00:00", "23:59:59", "09:00Z", "", "9:00")
TEXTS: Final = (
    *(
        "",
        " ",
        "é",
        "\x00",
        "\x1b[31m",
        "a\u202eb",
        "a\u200bb",
        "\ufeff",
        "a\r\nBcc: v@y.z",
        "\u2028",
        "=?utf-8?q?x=0d=0a?=",
    ),
    *("x" * 5000, "Z" + "\u0335" * 50, "\U0001f469\u200d\U0001f527", "{reason}", "%s%n", "' OR 1=1 --", "../../etc"),
    *(
        "a\ud800b",
        "null",
        "0",
        "-1",
        "https://[::1",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://x:99999/",
        "jan..smit@b.example",
    ),
)
NUMBERS: Final = (-1, 0, 1, 2**15, 2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308)
OTHERS: Final[tuple[Any, ...]] = (None, True, [], {}, "x", 0, [None], {"a": {"b": None}})
RAW: Final = (b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a": 1e999}', b'{"a": NaN}', b"[" * 3000, b'{"a":' * 3000)

SOME: Final = 7
"""Of the texts and numbers each field gets this many, another part of them each: together they come by often."""

EVERYBODY: Final = [role.value for role in CallerRole]


@pytest.fixture(scope="module")
async def documents(on_postgresql: System) -> dict[str, dict[str, Any]]:
    async with httpx2.AsyncClient(base_url=on_postgresql.settings.public_url, trust_env=False) as client:
        return {name: (await client.get(f"/{name}/v1/openapi.json")).json() for name in NAMES}


class Asking:
    """Sends one thing after the other to one route, and looks at each answer."""

    def __init__(self, on: System, service: str, route: Route, rows: Mapping[str, str]) -> None:
        self.on, self.service, self.route, self.rows = on, service, route, rows
        self.claims = {
            "roles": EVERYBODY,
            "org": [rows["organisation_id"], rows["school_id"]],
            "trainer": rows["trainer_id"],
            "regions": [rows["region"]],
        }
        self.database: asyncpg.Connection[Any] | None = None

    async def __aenter__(self) -> Self:
        token = self.on.issuer.issue("portal", scope=str(self.route.scope or "regions:read"), claims=self.claims)
        self.client = httpx2.AsyncClient(
            base_url=self.on.settings.public_url,
            trust_env=False,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        self.database = await asyncpg.connect(self.on.settings.database_of(self.service))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        assert self.database is not None
        await self.database.close()

    async def written(self) -> int:
        """How many writes requests of this client have left behind."""
        assert self.database is not None
        return int(await self.database.fetchval("SELECT count(*) FROM idempotency_keys"))

    async def ask(self, path: str, content: bytes | None, media_type: str | None) -> None:
        headers = {"Idempotency-Key": str(uuid7()), "If-Match": "*"}
        if media_type:
            headers["Content-Type"] = media_type
        before = await self.written()
        response = await self.client.request(
            self.route.method, f"/{self.service}/v1{path}", headers=headers, content=content
        )
        about = f"{self.route.method} {path[:200]} {(content or b'')[:300]!r}: {response.text[:300]}"
        assert response.status_code < 500, about
        assert "retry-after" not in response.headers, about
        if response.status_code >= 400:
            assert response.headers["content-type"] == "application/problem+json", about
            assert await self.written() == before, about
            for fault in response.json().get("invalidParams", ()):
                assert re.fullmatch(r"[^\[\](){}]*", fault["name"]) or fault["code"] in {
                    "extra-forbidden",
                    "unknown",
                }, about
                assert "function" not in fault["name"], about


def leaves(
    schema: Mapping[str, Any], document: Mapping[str, Any], body: Any, at: tuple[Any, ...] = ()
) -> Iterator[Any]:
    """Yield where each field of a body stands and what kind it is, those included that the example leaves out."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        for name, part in schema["properties"].items():
            below = body.get(name) if isinstance(body, dict) else None
            yield from leaves(part, document, below, (*at, name))
        return
    if schema.get("items") is not None:
        yield from leaves(schema["items"], document, None, (*at, 0))
    yield at, schema


def values_for(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    match schema.get("format"):
        case "date":
            return (*DAYS, *some_of(OTHERS))
        case "date-time":
            return (*MOMENTS, *some_of(OTHERS))
        case "time-local":
            return (*CLOCKS, *some_of(OTHERS))
    kinds = schema.get("type", "string")
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    found: tuple[Any, ...] = some_of(OTHERS)
    if kinds & {"integer", "number"}:
        found += NUMBERS
    if "string" in kinds and "enum" not in schema and schema.get("format") != "uuid":
        found += some_of(TEXTS)
    return found


_turns: Final = itertools.count()


def some_of(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The next few, and from the beginning again after the last."""
    first = next(_turns) * SOME
    return tuple(values[(first + step) % len(values)] for step in range(min(SOME, len(values))))


def written_for(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """What to write into an address for a parameter: every edge of its own kind, and some of the others."""
    own = {"date": DAYS, "date-time": MOMENTS}.get(str(schema.get("format")), some_of(DAYS))
    return (*own, *some_of(MOMENTS), *some_of(TEXTS), *map(str, some_of(NUMBERS)))


def with_value(
    body: Any, schema: Mapping[str, Any], document: Mapping[str, Any], at: tuple[Any, ...], value: Any
) -> Any:
    """The body with something else at one place; what lies around it is made where the example left it out."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if not at:
        return value
    first, rest = at[0], at[1:]
    if first == 0:
        return [with_value(example(schema["items"], document), schema["items"], document, rest, value)]
    made = dict(body) if isinstance(body, dict) else example(schema, document)
    made[first] = with_value(made.get(first), schema["properties"][first], document, rest, value)
    return made


def shown(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: "{" + re.sub(r"_(\w)", lambda one: one[1].upper(), found[1]) + "}", path)


EVERY = list(routes())


@pytest.mark.parametrize(("name", "route"), EVERY, ids=label)
async def test_no_value_in_a_body_is_answered_with_an_error_of_ours(
    on_postgresql: System,
    rows: Rows,
    documents: dict[str, dict[str, Any]],
    name: str,
    route: Route,
) -> None:
    if route.body_field is None:
        pytest.skip("takes no body")
    document = documents[name]
    operation = document["paths"][shown(route.path_format)][route.method.lower()]
    media_type, described = next(iter(operation["requestBody"]["content"].items()))
    path = route.path_format.format(**rows.ids)
    async with Asking(on_postgresql, name, route, rows.ids) as asking:
        if "json" not in media_type:
            for content in (*RAW, b"a,b\n\xff,\x00\n", "BRIN;NAAM\n".encode("utf-16"), b"\xef\xbb\xbf"):
                await asking.ask(path, content, media_type)
            return
        for content in RAW:
            await asking.ask(path, content, media_type)
        good = {**example(described["schema"], document), **MORE.get(route.path, {})}
        for at, schema in leaves(described["schema"], document, good):
            for value in values_for(schema):
                body = with_value(copy.deepcopy(good), described["schema"], document, at, value)
                await asking.ask(path, json.dumps(body).encode(), media_type)
        for value in TEXTS[:12]:
            await asking.ask(path, json.dumps({**good, value: 1}).encode(), media_type)


@pytest.mark.parametrize(("name", "route"), EVERY, ids=label)
async def test_no_value_in_an_address_is_answered_with_an_error_of_ours(
    on_postgresql: System,
    rows: Rows,
    documents: dict[str, dict[str, Any]],
    name: str,
    route: Route,
) -> None:
    document = documents[name]
    operation = document["paths"][shown(route.path_format)][route.method.lower()]
    path = route.path_format.format(**rows.ids)
    async with Asking(on_postgresql, name, route, rows.ids) as asking:
        for parameter in operation.get("parameters", ()):
            found = parameter
            while "$ref" in found:
                found = document["components"]["parameters"][found["$ref"].rpartition("/")[2]]
            if found["in"] == "query" and route.method == "GET":
                for value in written_for(found["schema"]):
                    written = quote(value.encode("utf-8", "surrogatepass"), safe="")
                    await asking.ask(f"{path}?{found['name']}={written}", None, None)
        for segment in re.findall(r"\{(\w+)\}", route.path_format) if route.method == "GET" else ():
            for value in (*some_of(DAYS), *some_of(TEXTS), *map(str, some_of(NUMBERS))):
                written = quote(value.encode("utf-8", "surrogatepass")[:300], safe="")
                await asking.ask(route.path_format.format(**{**rows.ids, segment: written}), None, None)


PLACES: Final[tuple[Any, ...]] = (
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", "2026-11-26", "x", "", "\x00", "\ud800"),
    *(-1, 0, 2**31, 2**63, -(2**63) - 1, 10**30, True, None, 1.5, [], {}),
    *(str(uuid7()), "00000000-0000-0000-0000-000000000000"),
)


@pytest.mark.parametrize(
    ("name", "route"), [(name, route) for name, route in EVERY if "cursor" in route.queries], ids=label
)
async def test_a_cursor_that_was_written_by_hand_is_refused_or_followed(
    on_postgresql: System, rows: Rows, name: str, route: Route
) -> None:
    path = route.path_format.format(**rows.ids)
    collection = hashlib.blake2b(f"/{name}/v1{path}?".encode(), digest_size=6).hexdigest()
    async with Asking(on_postgresql, name, route, rows.ids) as asking:
        for first in PLACES:
            for more in ((), (str(uuid7()),), (first, first)):
                text = json.dumps([collection, first, *more])
                await asking.ask(f"{path}?cursor={base64.urlsafe_b64encode(text.encode()).decode()}", None, None)
        for text in ("null", "5", "{}", '"x"', "[]", "[" * 100, "1" * 300):
            await asking.ask(f"{path}?cursor={base64.urlsafe_b64encode(text.encode()).decode()}", None, None)


async def test_a_console_form_takes_any_text(on_postgresql: System, rows: Rows) -> None:
    claims = {"roles": ["operator", "programme"]}
    token = on_postgresql.issuer.issue("console", scope="cases:read flow:read flow:write clock:read", claims=claims)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with httpx2.AsyncClient(base_url=on_postgresql.settings.public_url, trust_env=False) as client:
        for text in (*TEXTS, "%ff%fe", "%"):
            written = quote(text.encode("utf-8", "surrogatepass"), safe="%")
            refused = await client.post("/console/sign-in", content=f"token={written}", headers=form)
            assert refused.status_code < 500, text
        await client.post("/console/sign-in", content=f"token={token}", headers=form)
        page = (await client.get("/console/parked")).text
        found = re.search(r'name="key" value="([0-9a-f]+)"', page)
        for text in (*TEXTS, "%ff%fe", "%"):
            written = quote(text.encode("utf-8", "surrogatepass"), safe="%")
            for content in (
                f"key={written}&order=discard&reason=x",
                f"key={found[1] if found else ''}&reason={written}",
            ):
                answer = await client.post(f"/console/parked/{uuid7()}", content=content, headers=form)
                assert answer.status_code < 500, (text, answer.text[:200])
            for address in ("/console/?before=", "/console/?show=", "/console/?lang="):
                answer = await client.get(f"{address}{quote(text.encode('utf-8', 'surrogatepass'), safe='')}")
                assert answer.status_code < 500, (address, text)


def test_the_documents_of_all_services_are_asked() -> None:
    assert {name for name, _ in EVERY} == set(NAMES)
