"""The gateway before services that are each a server of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from common.runtime.settings import SettingsError
from hto.addresses import Addresses
from hto.client import Client
from hto.gateway import Gateway, upstreams
from hto.process import serving
from tests.integration.hto.conftest import NOTES, Serve, school_of
from tests.support.http_sample import SCHOOL
from tests.support.postgres import free_port


async def echo(request: Request) -> Response:
    """Tell what arrived."""
    headers = dict(request.headers)
    body = {
        "method": request.method,
        "path": request.scope["raw_path"].decode(),
        "query": request.url.query,
        "headers": headers,
        "body": (await request.body()).decode(),
    }
    return JSONResponse(body, status_code=207, headers={"X-Told": "yes"})


async def news(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"
        await asyncio.sleep(3600)

    return StreamingResponse(parts(), media_type="text/event-stream")


async def cookies(request: Request) -> Response:
    """Answer with the values of a header that came twice, and with such a header."""
    response = JSONResponse(request.headers.getlist("x-own"))
    for name, value in (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2, c"), ("X-Word", "caf\xe9")):
        response.headers.append(name, value)
    return response


async def ready(request: Request) -> Response:
    return JSONResponse({"ready": True})


ECHO = Starlette(
    routes=[
        Route("/readyz", ready),
        Route("/operations/v1/news", news),
        Route("/operations/v1/cookies", cookies),
        Route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
)


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """A gateway before one service that answers and one that does not."""
    async with serving(ECHO, host="127.0.0.1", port=0) as behind:
        gateway = Gateway(upstreams(f"operations={behind}, registry=http://127.0.0.1:{free_port()}"))
        async with serving(gateway.app(), host="127.0.0.1", port=0) as front:
            yield front
        await gateway.close()


async def test_a_request_goes_on_as_it_is_and_the_answer_comes_back_as_it_is(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        response = await client.post(
            f"{address}/operations/v1/cases/a%2Fb?limit=2&cursor=x%20y", content=b"hello", headers={"X-Own": "1"}
        )
    seen = response.json()
    assert response.status_code == 207
    assert response.headers["X-Told"] == "yes"
    assert (seen["method"], seen["path"], seen["query"]) == (
        "POST",
        "/operations/v1/cases/a%2Fb",
        "limit=2&cursor=x%20y",
    )
    assert seen["body"] == "hello"
    assert seen["headers"]["x-own"] == "1"
    assert seen["headers"]["x-forwarded-host"] in address
    assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"


async def test_a_header_that_comes_twice_arrives_twice_and_no_header_is_added(address: str) -> None:
    """Seen red: two cookies became one, there were two dates and two servers, and 500 for a word with an accent."""
    own = [(b"X-Own", b"1"), (b"X-Own", b"caf\xe9")]
    async with httpx2.AsyncClient() as client:
        response = await client.get(f"{address}/operations/v1/cookies", headers=own)
    headers = response.headers
    assert response.json() == ["1", "caf\xe9"]
    assert headers.get_list("set-cookie") == ["a=1; Path=/", "b=2, c"]
    assert [value for name, value in headers.raw if name.lower() == b"x-word"] == [b"caf\xe9"]
    assert {name: len(headers.get_list(name)) for name in ("date", "server", "content-type")} == {
        "date": 1,
        "server": 1,
        "content-type": 1,
    }


async def test_the_console_is_the_operations_services(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        assert (await client.get(f"{address}/console/cases")).json()["path"] == "/console/cases"


async def test_a_stream_of_news_arrives_part_by_part(address: str) -> None:
    async with httpx2.AsyncClient() as client, client.stream("GET", f"{address}/operations/v1/news") as response:
        assert await anext(response.aiter_bytes()) == b"data: 1\n\n"


async def test_a_service_that_is_away_is_a_problem_that_says_try_again(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        response = await client.get(f"{address}/registry/v1/trainers")
    assert response.status_code == 502
    assert response.headers["content-language"] == "en"
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["Retry-After"] == "1"


async def test_a_path_of_no_service_is_not_found(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        for path in ("/", "/payroll/v1/runs", "//operations"):
            response = await client.get(f"{address}{path}")
            assert response.status_code == 404, path
            assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    ["/operations/../metrics", "/operations/v1/../../metrics", "/operations/%2e%2e/metrics", "/operations/./metrics"],
)
async def test_no_path_leads_out_of_a_service_to_what_is_for_those_inside(address: str, path: str) -> None:
    """Seen red: ``/operations/../metrics`` answered the service's metrics, which no stranger may count."""
    reader, writer = await asyncio.open_connection(*address.removeprefix("http://").split(":"))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    assert answer.split(" ", 2)[1] == "404", answer


async def test_it_is_ready_when_all_behind_it_are(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        alive, state = await client.get(f"{address}/healthz"), await client.get(f"{address}/readyz")
    assert alive.status_code == 200
    assert state.status_code == 503
    assert state.json()["services"] == {"operations": True, "registry": False}


async def test_a_client_works_through_it_as_if_it_were_not_there(serve: Serve, tmp_path: Path) -> None:
    async with serve() as served:
        behind = served.client.addresses.pattern
        gateway = Gateway(upstreams(f"sample={behind},issuer={behind}"))
        async with (
            serving(gateway.app(), host="127.0.0.1", port=0) as front,
            Client(Addresses.of(front), tmp_path / "issuer") as client,
        ):
            school = client.acting_as(school_of())
            note = await school.post(NOTES, {"schoolId": SCHOOL, "title": "Lathe"})
            assert (await school.read(f"{NOTES}/{note['id']}")).etag
            await school.delete(f"{NOTES}/{note['id']}")
            async with httpx2.AsyncClient() as plain:
                assert (await plain.get(f"{front}/readyz")).json() == {
                    "ready": True,
                    "services": {"issuer": True, "sample": True},
                }
        await gateway.close()


@pytest.mark.parametrize("text", ["", "registry", "registry=", "=http://localhost", "registry=localhost:8001"])
def test_upstreams_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="HTO_UPSTREAMS"):
        upstreams(text)


def test_upstreams_may_have_spaces_and_lines_between_them() -> None:
    assert upstreams("a=http://x:1,\n  b=https://y/ ,") == {"a": "http://x:1", "b": "https://y"}
