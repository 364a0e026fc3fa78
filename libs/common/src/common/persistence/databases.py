"""Databases are made alike everywhere: UTF-8 and sorted bytewise, whatever the server's own template has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg

ENCODING: Final = "UTF8"
CTYPES: Final = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8")
"""What knows the letters of every language, by the names that Linux and macOS have for it: the first one there is."""
_PATIENCE: Final = 10


class UnusableServer(Exception):
    """The server cannot have the databases, or has others under their names; the message says why and what to do."""


def creation(name: str, ctype: str = CTYPES[0]) -> str:
    """Return the statement that makes a database.

    ``template0`` is the one template that a database with another encoding may be made from. The collation is C:
    the order of text is the same on every machine, and an upgrade of the system's library breaks no index.
    """
    quoted = name.replace('"', '""')
    return f"CREATE DATABASE \"{quoted}\" TEMPLATE template0 ENCODING '{ENCODING}' LC_COLLATE 'C' LC_CTYPE '{ctype}'"


async def check_all(urls: Iterable[str]) -> list[str]:
    """Return the addresses whose database is not there yet; change nothing.

    Raises:
        UnusableServer: a database that is there has another encoding.
    """
    missing = []
    for url in urls:
        encoding = await _encoding(url)
        if encoding is None:
            missing.append(url)
        elif encoding != ENCODING:
            message = (
                f"The database {_name(url)} is there with the encoding {encoding}, and must have {ENCODING}: "
                "drop it if it is of no use, then `hto migrate` makes it anew."
            )
            raise UnusableServer(message)
    return missing


async def create(url: str) -> bool:
    """Make the database of a ``postgresql://`` address if it is not there; return whether it was made.

    Raises:
        UnusableServer: a database that is there has another encoding, or this user or server cannot make one.
    """
    if not await check_all([url]):
        return False
    connection = await asyncpg.connect(urlsplit(url)._replace(path="/postgres").geturl(), timeout=_PATIENCE)
    try:
        return await _create(connection, _name(url))
    finally:
        await connection.close()


async def _create(connection: asyncpg.Connection, name: str) -> bool:
    said: list[str] = []
    for ctype in CTYPES:
        try:
            await connection.execute(creation(name, ctype))
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            return False  # somebody else made it meanwhile
        except asyncpg.InsufficientPrivilegeError as error:
            message = f"This user may not make the database {name} ({error}): make it first, with: {creation(name)};"
            raise UnusableServer(message) from None
        except (asyncpg.WrongObjectTypeError, asyncpg.InvalidParameterValueError) as error:
            said.append(str(error))  # this machine has no locale of that name
        else:
            return True
    raise UnusableServer(f"The server cannot make the database {name} in {ENCODING}: {'; '.join(said)}.")


async def _encoding(url: str) -> str | None:
    try:
        connection = await asyncpg.connect(url, timeout=_PATIENCE)
    except asyncpg.InvalidCatalogNameError:
        return None
    try:
        return str(await connection.fetchval("SHOW server_encoding"))
    finally:
        await connection.close()


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/"))
