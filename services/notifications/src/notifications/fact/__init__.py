"""Replicas of other services' facts: contacts, desks, whether a vacancy is over, and the work that letters name."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from notifications.fact import handlers, tables, usecases

slice_: Final = Slice(
    name="fact",
    tables=[tables.contacts, tables.desks, tables.parties, tables.vacancies, tables.works],
    handlers=handlers.handlers,
    purges=usecases.PURGES,
)
