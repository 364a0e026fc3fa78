"""A ranking: who fits a vacancy, in which order and why; stored so that it can be repeated to the last byte."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.ranking import routes, tables, usecases

slice_: Final = Slice(
    name="ranking",
    tables=[tables.rankings, tables.shortlisted, tables.candidate_key],
    routers=[routes.vacancies, routes.rankings],
    purges=[usecases.PURGE],
)
