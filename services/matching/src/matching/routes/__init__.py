"""Matching over HTTP: blind until everybody agreed, and without an identity even then."""

from __future__ import annotations

from matching.routes import proposals, rankings, vacancies

ROUTERS = (proposals.router, vacancies.router, rankings.router)
