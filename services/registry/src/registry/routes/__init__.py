"""The registry over HTTP."""

from __future__ import annotations

from registry.routes import closing, imports, organisations, qualifications, reference, trainers, vacancies

ROUTERS = (
    organisations.router,
    closing.router,
    imports.router,
    reference.router,
    trainers.router,
    qualifications.router,
    vacancies.router,
)
