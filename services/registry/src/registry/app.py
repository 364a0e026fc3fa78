"""The registry, assembled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from common.service import Service
from events.policies import PolicyPublished
from events.registry import ContactState, ProfileState
from registry.deadlines import deadlines, tidy
from registry.handlers import handlers
from registry.routes import ROUTERS
from registry.store import metadata

service: Final = Service(
    name="registry",
    title="Registry",
    description=(
        "Who and what exists, and under which rules: organisations, trainers, qualifications, vacancies, reference "
        "data and policies. Personal data live here and travel on no event topic."
    ),
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    handlers=handlers,
    deadlines=deadlines,
    loops=[tidy],
    states=[PolicyPublished, ContactState, ProfileState],
    owns_policies=True,
)
