"""Which rows are a caller's to see, as conditions on the columns that name a row's owners."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement

from common.caller import Caller, CallerRole
from common.persistence.listing import EVERYTHING, Arm, Owned


def visible(
    caller: Caller, *, all_for: Collection[CallerRole] = (), **columns: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Return the condition under which a row is the caller's to see, for a query's ``WHERE``.

    ``columns`` name the row's owners by kind: ``boards``, ``schools``, ``locations``, ``companies``,
    ``trainers``, ``regions``, or ``parties`` for any of them. ``all_for`` names the roles that see every
    row, such as programme staff of figures; a caller who is neither sees nothing.
    """
    return owned(caller, all_for=all_for, **columns).condition()


def owned(caller: Caller, *, all_for: Collection[CallerRole] = (), **columns: ColumnElement[Any]) -> Owned:
    """Return the same rows for a list, which finds those of each kind of owner by an index of its own."""
    if caller.sees_all(all_for):
        return EVERYTHING
    return Owned(tuple(Arm(column, tuple(sorted(mine, key=str))) for column, mine in caller.claims(columns)))
