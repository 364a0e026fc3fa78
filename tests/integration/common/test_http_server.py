"""On a real server and a real socket, as it will run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest
import structlog
import uvicorn

from common.web import Api, ApiContext, create_site
from common.web.auth import RemoteKeys, Verifier
from hto.issuer import fetch_token, read_credentials
from tests.support.http_sample import SCHOOL, Hooks, Sample, sample, sample_service
from tests.support.postgres import free_port
from tests.support.sample import eventually


@asynccontextmanager
async def _served(notes: Sample, port: int) -> AsyncIterator[str]:
    issuer_url = f"http://127.0.0.1:{port}/issuer"
    assert notes.issuer.url == issuer_url
    verifier = Verifier({issuer_url: RemoteKeys(issuer_url)}, audience="hto")
    context = ApiContext(database=notes.database, settings=notes.settings, verifier=verifier)
    site = create_site([Api(sample_service(Hooks()), context)], {"/issuer": notes.issuer.app()})
    server = uvicorn.Server(uvicorn.Config(site, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: asyncio.sleep(0, server.started))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
        await verifier.close()


@pytest.fixture
async def address(notes_database: str, tmp_path: Path) -> AsyncIterator[str]:
    port = free_port()
    async with (
        sample(notes_database, tmp_path, public_url=f"http://127.0.0.1:{port}") as notes,
        _served(notes, port) as url,
    ):
        yield url


def _connection(response: httpx2.Response) -> object:
    return response.extensions["network_stream"].get_extra_info("client_addr")


async def test_from_the_clients_key_to_the_stored_row(address: str, tmp_path: Path) -> None:
    credentials = read_credentials(tmp_path / "issuer", "school-hr")
    token = await fetch_token(f"{address}/issuer", credentials, claims={"org": [SCHOOL], "roles": ["school"]})
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=f"{address}/sample/v1", headers=headers) as client:
        body = {
            "schoolId": str(SCHOOL),
            "title": "Lathe",
            "parts": [{"startsAt": "2026-09-01T10:00:00+02:00", "minutes": 5}],
        }
        made = await client.post("/notes", json=body, headers={"Idempotency-Key": "k"})
        assert made.status_code == 201
        assert made.json()["writtenAt"].endswith("Z")
        location = f"{address}{made.headers['location']}"
        # The same connection goes on being good after answers without a body.
        head = await client.head(location)
        got = await client.get(location)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(got.content))
        assert _connection(head) == _connection(got)
        known = await client.get(location, headers={"If-None-Match": got.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        assert (await client.get(location)).json() == made.json()
        page = await client.get(f"{address}/sample/v1/docs")
        assert page.status_code == 200


async def test_a_caller_that_leaves_in_mid_request_is_no_error_of_ours(address: str, tmp_path: Path) -> None:
    credentials = read_credentials(tmp_path / "issuer", "school-hr")
    token = await fetch_token(f"{address}/issuer", credentials)
    host, port = address.removeprefix("http://").split(":")
    with structlog.testing.capture_logs() as lines:
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /sample/v1/notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode())
        await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

        async def recorded() -> bool:
            return bool(lines)

        await eventually(recorded)
    assert [(line["event"], line["status"]) for line in lines] == [("http.answered", 400)]
