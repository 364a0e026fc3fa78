"""Every service's migrations: up, down, up again, on each PostgreSQL we support; the result is what the code says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from common.persistence.migrations import runner
from hto.services import NAMES, service
from tests.support.majors import MAJORS, server_of
from tests.support.migrations import differences
from tests.support.postgres import Server, create_database


@pytest.fixture(scope="module", params=MAJORS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with server_of(request.param) as found:
        yield found


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_goes_up_down_and_up_again(server: Server, name: str) -> None:
    declared, url = service(name), await create_database(server)
    assert not await runner.is_current(declared, url)
    await runner.upgrade(declared, url)
    assert await runner.is_current(declared, url)
    assert await differences(declared, url) == []
    await runner.downgrade(declared, url)
    assert not await runner.is_current(declared, url)
    await runner.upgrade(declared, url)
    assert await differences(declared, url) == []
