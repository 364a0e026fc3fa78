"""Vacancies."""

from __future__ import annotations

from typing import Final

from common.store import Store
from registry.model.vacancy import Vacancy
from registry.store.tables import vacancies as table

vacancies: Final = Store(Vacancy, table)
