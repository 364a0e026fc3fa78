"""The classification of failures for HTTP, consumers and loops: a database that is away, a lost race, or a bug."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.errors import StaleVersion


class Failure(StrEnum):
    """How a failure ends."""

    AWAY = "away"
    """The database or the network does not answer, or not now: it passes by itself."""
    LOST_RACE = "lost race"
    """Another transaction was quicker: the same one may succeed when it runs again."""
    BUG = "bug"
    """It fails again however often it is tried."""


AWAY: Final = (DBAPIError, PoolTimeout, asyncpg.PostgresError, OSError)
"""What a database raises that does not answer, or not now: the last two while a connection is made."""
CONNECTION_LOST: Final = (
    OSError,  # TimeoutError included
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, crashed, starting up, cancelled
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""The same of a connection that is not one of the pool's."""

_DUPLICATE: Final = "23505"
_RACES: Final = ("40", "55", _DUPLICATE)
"""SQLSTATE: transaction rolled back (serialization, deadlock), object not available, and a key that was taken first."""
_OUTAGES: Final = ("08", "53", "57", "58")
"""Classes of SQLSTATE: connection, resources, operator's intervention, system error."""


def failure_of(error: BaseException) -> Failure:
    """Decide what a failure is."""
    if isinstance(error, StaleVersion):
        return Failure.LOST_RACE
    state = _sqlstate(error)
    if state.startswith(_RACES):
        return Failure.LOST_RACE
    return Failure.AWAY if state.startswith(_OUTAGES) or _is_unanswered(error) else Failure.BUG


def is_duplicate(error: BaseException) -> bool:
    """Whether a key was taken already."""
    return _sqlstate(error) == _DUPLICATE


def is_worth_another_try(error: BaseException) -> bool:
    """Whether to ask again at once: a caller that waited for a connection in vain has waited long enough."""
    return not isinstance(error, PoolTimeout)


def _is_unanswered(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        if error.orig is not None and isinstance(error.orig.__cause__, asyncpg.DataError):
            return False  # the driver could not even encode the value: no server is to blame, and there is no SQLSTATE
        return error.connection_invalidated or isinstance(error, InterfaceError) or not _sqlstate(error)
    return isinstance(error, OSError | PoolTimeout | asyncpg.PostgresConnectionError)


def _sqlstate(error: BaseException) -> str:
    source = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(source, "sqlstate", None) or "")
