"""Which failures pass by themselves: a lost race, or a database that is away for a moment."""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.errors import StaleVersion

_DUPLICATE = "23505"
_LOST_RACES = frozenset({"40001", "40P01", _DUPLICATE})
"""Serialization failure, deadlock, and a key that somebody else took first."""
_AWAY = ("08", "57P", "53", "58")
"""Classes of SQLSTATE: connection, operator's intervention, resources, system error."""


def is_lost_race(error: BaseException) -> bool:
    """Whether the same transaction may well succeed when it is run again."""
    return isinstance(error, StaleVersion) or _sqlstate(error) in _LOST_RACES


def is_away(error: BaseException) -> bool:
    """Whether the database does not answer; nothing is wrong with the request."""
    if isinstance(error, DBAPIError) and (error.connection_invalidated or isinstance(error, InterfaceError)):
        return True
    if isinstance(error, OSError | PoolTimeout | asyncpg.PostgresConnectionError):
        return True
    state = _sqlstate(error)
    return bool(state) and state.startswith(_AWAY)


def is_duplicate(error: BaseException) -> bool:
    """Whether a key was taken already."""
    return _sqlstate(error) == _DUPLICATE


def is_worth_another_try(error: BaseException) -> bool:
    """Whether to ask again at once: whoever has waited for a connection in vain has waited long enough."""
    return not isinstance(error, PoolTimeout)


def _sqlstate(error: BaseException) -> str:
    source = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(source, "sqlstate", None) or "")
