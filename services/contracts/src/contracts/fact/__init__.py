"""Replicas of other services' facts, from which contracts are drawn up and judged."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from contracts.fact import handlers, tables, usecases

slice_: Final = Slice(
    name="fact",
    tables=[
        tables.vacancies,
        tables.people,
        tables.vogs,
        tables.departures,
        tables.lapsed_proposals,
        tables.organisations,
        tables.contacts,
    ],
    handlers=handlers.handlers,
    scrub=usecases.scrub,
)
