"""Replicas of other services' facts: contacts, the desk of a region, whether a vacancy is over."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from notifications.fact import handlers, tables, usecases

slice_: Final = Slice(
    name="fact",
    tables=[tables.contacts, tables.desks, tables.parties, tables.vacancies],
    handlers=handlers.handlers,
    purges=[usecases.PURGE],
)
