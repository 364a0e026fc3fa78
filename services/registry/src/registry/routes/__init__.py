"""The registry over HTTP."""

from __future__ import annotations

from registry.routes import (
    closing,
    imports,
    moves,
    organisations,
    qualifications,
    reference,
    trainers,
    vacancies,
    words_given,
)

ROUTERS = (
    organisations.router,
    closing.router,
    moves.router,
    imports.router,
    reference.router,
    trainers.router,
    words_given.router,
    qualifications.router,
    vacancies.router,
)
