"""What the tests of the command line share: a small API on a real socket, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.web import create_site
from hto.addresses import Addresses
from hto.client import Acting, Client, Who
from hto.process import serving
from tests.support.http_sample import SCHOOL, Sample, sample
from tests.support.postgres import Postgres, create_database, free_port

NOTES = "/sample/v1/notes"


@dataclass
class Served:
    """The sample service, and its school's client."""

    notes: Sample
    client: Client
    school: Acting

    async def write(self, title: str = "Lathe", **more: Any) -> Any:
        return await self.school.post(NOTES, {"schoolId": SCHOOL, "title": title}, **more)


Serve = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture(scope="session")
async def clients_database(postgres_server: Postgres) -> str:
    """The database that the client's tests share; each finds it empty."""
    return await create_database(postgres_server)


@pytest.fixture
def serve(clients_database: str, tmp_path: Path) -> Serve:
    """Make a server with settings of the test's own."""

    @asynccontextmanager
    async def make(**settings: Any) -> AsyncIterator[Served]:
        port = free_port()
        public = f"http://127.0.0.1:{port}"
        async with sample(clients_database, tmp_path, public_url=public, **settings) as notes:
            site = create_site([notes.api], {"/issuer": notes.issuer.app()})
            async with (
                serving(site, host="127.0.0.1", port=port) as address,
                Client(Addresses.of(address), tmp_path / "issuer", patience=20) as client,
            ):
                yield Served(notes, client, client.acting_as(school_of()))

    return make


def school_of(organisation: object = SCHOOL) -> Who:
    """The school's own system."""
    return Who(client="school-hr", organisations=(str(organisation),), roles=("school",))
