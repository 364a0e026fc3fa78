"""The edition: the trainers as outsiders see them in lists and counts, renewed once a day and never for one alone."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from matching.edition import tables, usecases

slice_: Final = Slice(
    name="edition",
    tables=[tables.shown_edition, tables.shown_areas, tables.shown_profiles],
    purges=[usecases.PURGE],
)
