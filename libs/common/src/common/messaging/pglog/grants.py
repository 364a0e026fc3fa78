"""A service's rights in PostgreSQL's words: one policy a table and service, by topic and by consumer group.

Row-level security decides; the owner of the tables, who runs ``migrate``, is not held to it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg

from common.messaging.log import NotPermitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from common.messaging.pglog.connection import Connection
    from common.messaging.rights import ServiceLogin

_TABLES: Final = {
    "topics": "SELECT",
    "partitions": "SELECT, UPDATE (next_offset, last_at)",
    "records": "SELECT, INSERT, DELETE",
    "groups": "SELECT, INSERT, UPDATE",
    "offsets": "SELECT, INSERT, UPDATE",
    "members": "SELECT, INSERT, UPDATE, DELETE",
}
"""What a role may do with rows that its policies show it. Identity columns need no grant of their own."""


class Policy(NamedTuple):
    """One policy of row-level security."""

    name: str
    table: str
    command: str
    using: str | None
    check: str | None

    def create(self, role: str) -> str:
        """Return the statement that makes it."""
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        return f'CREATE POLICY {self.name} ON eventlog.{self.table} FOR {self.command} TO "{role}"{using}{check}'


def policies(login: ServiceLogin) -> tuple[Policy, ...]:
    """Return the policies of one service."""
    rights = login.rights
    # The partitions' ids are looked up once a statement, not once a row.
    writes, sees = _partitions_of(rights.writes), _partitions_of(rights.sees)
    own = f"name = {_text(rights.group)} OR starts_with(name, {_text(rights.group + '.')})"
    own_group = f"group_id = ANY (ARRAY(SELECT id FROM eventlog.groups WHERE {own}))"  # noqa: S608 - our own names

    def named(what: str) -> str:
        return f"hto_{rights.service}_{what}"

    return (
        Policy(named("sees"), "partitions", "SELECT", f"topic = ANY ({_array(rights.sees)})", None),
        Policy(named("counts"), "partitions", "UPDATE", f"topic = ANY ({_array(rights.writes)})", None),
        Policy(named("reads"), "records", "SELECT", f"partition = ANY ({sees})", None),
        Policy(named("writes"), "records", "INSERT", None, f"partition = ANY ({writes})"),
        Policy(named("compacts"), "records", "DELETE", f"compacted AND partition = ANY ({writes})", None),
        Policy(named("joins"), "groups", "ALL", own, None),
        Policy(named("commits"), "offsets", "ALL", own_group, None),
        Policy(named("attends"), "members", "ALL", own_group, None),
    )


def _partitions_of(topics: Sequence[str]) -> str:
    return f"ARRAY(SELECT id FROM eventlog.partitions WHERE topic = ANY ({_array(topics)}))"  # noqa: S608 - see above


def _array(texts: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(map(_text, texts))}]::text[]"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _login(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'


def statements(logins: Sequence[ServiceLogin]) -> list[str]:
    """Return what an administrator runs in the log's database to give the rights by hand."""
    lines = [
        "-- In the log's database, after `hto migrate` made its tables there; each PASSWORD is your choice.",
        *(f"{statement};" for statement in _PROTECT),
    ]
    for login in logins:
        lines += [
            "",
            f"-- {login.rights.service}",
            f"CREATE ROLE {_login(login.user)} LOGIN PASSWORD 'PASSWORD';",
            *(f"{statement};" for statement in (*_grants(login.user), *_writers(login))),
        ]
        for policy in policies(login):
            lines += [
                f"DROP POLICY IF EXISTS {policy.name} ON eventlog.{policy.table};",
                f"{policy.create(login.user)};",
            ]
    return lines


_PROTECT: Final = tuple(
    f"ALTER TABLE eventlog.{table} ENABLE ROW LEVEL SECURITY" for table in _TABLES if table != "topics"
)


def _grants(role: str) -> list[str]:
    return [
        f"GRANT USAGE ON SCHEMA eventlog TO {_login(role)}",
        *(f"GRANT {rights} ON eventlog.{table} TO {_login(role)}" for table, rights in _TABLES.items()),
        f"GRANT EXECUTE ON FUNCTION eventlog.purge TO {_login(role)}",
    ]


def _writers(login: ServiceLogin) -> list[str]:
    """Return what lets a service purge the topics that it writes, and no others."""
    user, topics = _text(login.user), _array(login.rights.writes)
    its_own = f"SELECT {user}, name FROM eventlog.topics WHERE name = ANY ({topics})"  # noqa: S608 - our own names
    return [
        f"DELETE FROM eventlog.writers WHERE login = {user} AND topic <> ALL ({topics})",  # noqa: S608 - see above
        f"INSERT INTO eventlog.writers {its_own} ON CONFLICT DO NOTHING",
    ]


async def grant(connection: Connection, logins: Sequence[ServiceLogin], *, reset_passwords: bool) -> list[str]:
    """Make the services' logins, rights and policies in one transaction; return what was changed.

    Raises:
        NotPermitted: a login is missing and may not or cannot be made here, or the tables belong to another.
    """
    said: list[str] = []
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await _close(connection)
            for login in logins:
                said += await _make_login(connection, login, reset_password=reset_passwords)
                said += await _allow(connection, login)
    except asyncpg.InsufficientPrivilegeError as refused:
        raise NotPermitted(str(refused)) from refused
    return said


_LOCK: Final = 0x6772616E74
"""One at a time gives rights."""
_OPEN: Final = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'eventlog'::regnamespace AND relname = ANY($1) AND NOT relrowsecurity
    """


async def _close(connection: Connection) -> None:
    """Have every table held to its policies, and the database to those who were let in."""
    protected = [table for table in _TABLES if table != "topics"]
    for row in await connection.fetch(_OPEN, protected):
        await connection.execute(f"ALTER TABLE eventlog.{row['relname']} ENABLE ROW LEVEL SECURITY")
    database = await connection.fetchval("SELECT quote_ident(current_database())")
    if await connection.fetchval("SELECT has_database_privilege('public', current_database(), 'CONNECT')"):
        await connection.execute(f"REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC")


async def _make_login(connection: Connection, login: ServiceLogin, *, reset_password: bool) -> list[str]:
    there = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", login.user)
    if there and not (reset_password and login.password is not None):
        return []
    if login.password is None:
        raise NotPermitted(f"there is no role {login.user} yet, and no password for it is known here")
    statement = "ALTER" if there else "CREATE"
    await connection.execute(f"{statement} ROLE {_login(login.user)} LOGIN PASSWORD {_text(verifier(login.password))}")
    return [f"{'another password for' if there else 'made'} the role {login.user}"]


def verifier(password: str) -> str:
    """Return what the server keeps of a password, so that the password itself stands in no statement and no log."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(_ITERATIONS, *parts)


_ITERATIONS: Final = 4096
_HELD: Final = """
    SELECT 1 FROM pg_database WHERE datname = current_database() AND has_database_privilege($1, oid, 'CONNECT')
        AND has_schema_privilege($1, 'eventlog', 'USAGE')
    """
_MARK: Final = """
    SELECT p.polname::text AS name, c.relname::text AS "table", obj_description(p.oid, 'pg_policy') AS made_as
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'eventlog'::regnamespace AND starts_with(p.polname::text, $1)
    """


async def _allow(connection: Connection, login: ServiceLogin) -> list[str]:
    said = []
    if not await connection.fetchval(_HELD, login.user):
        database = await connection.fetchval("SELECT quote_ident(current_database())")
        await connection.execute(f"GRANT CONNECT ON DATABASE {database} TO {_login(login.user)}")
        said.append(f"let {login.user} into the log")
    for statement in (*_grants(login.user), *_writers(login)):
        await connection.execute(statement)
    # Each policy carries the statement that made it: what is the same stays, what is other is made anew.
    prefix = f"hto_{login.rights.service}_"
    rows = await connection.fetch(_MARK, prefix)
    there = {(row["name"], row["table"]): row["made_as"] for row in rows}
    wanted = {(policy.name, policy.table): policy.create(login.user) for policy in policies(login)}
    for (name, table), statement in wanted.items():
        if there.get((name, table)) != statement:
            await connection.execute(f"DROP POLICY IF EXISTS {name} ON eventlog.{table}")
            await connection.execute(statement)
            await connection.execute(f"COMMENT ON POLICY {name} ON eventlog.{table} IS {_text(statement)}")
    changed = sorted(key for key, statement in wanted.items() if there.get(key) != statement)
    if changed:
        rights = login.rights
        said.append(f"{login.user} writes {_listed(rights.writes)} and reads {_listed(rights.sees)}, as {rights.group}")
    return said


def _listed(topics: Iterable[str]) -> str:
    return ", ".join(topics) or "nothing"
