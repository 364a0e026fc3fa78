"""Overrides as they are shown."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from common.web import View


class OverrideView(View):
    """A cap that may be exceeded for a while; what was written about it is kept, but not repeated."""

    id: UUID
    trainer_id: UUID
    board_id: UUID
    owner: str
    starts_on: date
    ends_on: date
