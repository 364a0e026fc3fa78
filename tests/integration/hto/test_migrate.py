"""`hto migrate` on a server of somebody else: the databases are UTF-8 whatever its template has, or nothing is made."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from common.persistence.databases import UnusableServer, create, creation
from embedded import EmbeddedPostgres, find_postgres
from embedded.cluster import USER
from embedded.folder import Folder
from hto.cli import app
from hto.services import NAMES
from tests.support.postgres import Postgres

LOG = "hto_log"
ALL = sorted([*(f"hto_{name}" for name in NAMES), LOG])
FORM = "SELECT pg_encoding_to_char(encoding) || ' ' || datcollate FROM pg_database WHERE datname = $1"


@pytest.fixture(scope="module")
def ascii_server() -> Iterator[EmbeddedPostgres]:
    """A server whose templates are SQL_ASCII, as ``initdb`` makes them where no locale is set."""
    place = Path(tempfile.mkdtemp(prefix="hto-ascii-"))
    place.chmod(0o755)
    folder = Folder.take(place / "pg", lambda _: None)
    binaries = find_postgres(account=folder.account)
    folder.account.write_private(folder.secret, "secret")
    made = folder.account.run(
        binaries.bin / "initdb",
        *("--pgdata", folder.data, "--username", USER, "--pwfile", folder.secret, "--auth", "scram-sha-256"),
        *("--encoding", "SQL_ASCII", "--locale", "C", "--no-sync"),
        environment=binaries.environment,
    )
    assert made.returncode == 0, made.stderr
    folder.release()
    with EmbeddedPostgres(place / "pg", durable=False, binaries=binaries) as server:
        yield server
    shutil.rmtree(place)


async def ask(server: EmbeddedPostgres, statement: str, *values: str, database: str = "postgres") -> object:
    connection = await asyncpg.connect(server.dsn(database))
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()


async def databases(server: EmbeddedPostgres) -> list[str]:
    found = await ask(server, "SELECT json_agg(datname ORDER BY datname) FROM pg_database WHERE datname LIKE 'hto%'")
    return json.loads(str(found)) if found else []


async def migrate(server: EmbeddedPostgres, patch: pytest.MonkeyPatch) -> int:
    patch.setenv("HTO_DATABASE_URL", server.dsn("hto_{service}"))
    patch.setenv("HTO_LOG_URL", server.dsn(LOG))
    patch.setenv("HTO_ENVIRONMENT", "development")

    def run() -> int:
        with pytest.raises(SystemExit) as end:
            app(["migrate"])
        return int(end.value.code or 0)

    return await asyncio.to_thread(run)


async def test_a_database_with_another_encoding_is_refused_in_one_line_before_anything_is_made(
    ascii_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await ask(ascii_server, "CREATE DATABASE hto_operations")
    try:
        assert await migrate(ascii_server, monkeypatch) == 1
        assert await databases(ascii_server) == ["hto_operations"]
    finally:
        await ask(ascii_server, "DROP DATABASE hto_operations")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "hto_operations is there with the encoding SQL_ASCII" in said


async def test_databases_are_utf8_and_sorted_bytewise_although_the_template_is_sql_ascii(
    ascii_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ask(ascii_server, FORM, "template0") == "SQL_ASCII C"
    assert await migrate(ascii_server, monkeypatch) == 0, capsys.readouterr().err
    assert await databases(ascii_server) == ALL
    assert {await ask(ascii_server, FORM, name) for name in ALL} == {"UTF8 C"}
    assert await ask(ascii_server, "SELECT upper('é') || length('ë')", database="hto_registry") == "É1"
    assert await migrate(ascii_server, monkeypatch) == 0, "it is safe to repeat"


async def test_the_embedded_server_makes_its_databases_in_the_same_form(postgres_server: Postgres) -> None:
    await asyncio.to_thread(postgres_server.server.create_databases, ["alike", "alike_log"])
    assert {await ask(postgres_server.server, FORM, name) for name in ("alike", "alike_log")} == {"UTF8 C"}


async def test_a_user_who_may_make_no_database_gets_the_statement_that_makes_it(
    ascii_server: EmbeddedPostgres,
) -> None:
    await ask(ascii_server, "CREATE ROLE nobody_special LOGIN PASSWORD 'x'")
    url = ascii_server.dsn("wanted").replace(f"{USER}:secret@", "nobody_special:x@")
    with pytest.raises(UnusableServer, match="CREATE DATABASE \"wanted\" TEMPLATE template0 ENCODING 'UTF8'"):
        await create(url)


async def test_a_server_that_knows_no_locale_for_utf8_says_so(
    ascii_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.persistence.databases.CTYPES", ("xx_XX.UTF-8", "yy_YY.UTF-8"))
    with pytest.raises(UnusableServer, match="cannot make the database wanted in UTF8"):
        await create(ascii_server.dsn("wanted"))


def test_the_script_of_the_database_container_makes_them_with_the_same_clause() -> None:
    script = (Path(__file__).parents[3] / "deploy/postgres/10-databases.sh").read_text()
    assert creation("x").partition('"x" ')[2] in script.replace('OWNER :"name" ', "").replace(':"name"', '"x"')
