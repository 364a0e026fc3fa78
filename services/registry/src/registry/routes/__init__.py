"""The registry over HTTP."""

from __future__ import annotations

from registry.routes import imports, organisations, qualifications, reference, trainers, vacancies

ROUTERS = (
    organisations.router,
    imports.router,
    reference.router,
    trainers.router,
    qualifications.router,
    vacancies.router,
)
