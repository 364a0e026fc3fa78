"""Fields that the bodies of several services have."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from common.web.views import ClockTime, Command
from events.words import Slot

Code: TypeAlias = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9]+([-_.][a-z0-9]+)*$")]
"""Of a reference list."""
SpokenLanguage: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$"), Field(examples=["nl"])]
"""ISO 639-1."""


class SlotBody(Command):
    """A weekly hour in Europe/Amsterdam; one that ends no later than it starts ends next day."""

    day: Annotated[int, Field(ge=1, le=7, description="ISO weekday: 1 is Monday.")]
    starts: ClockTime
    ends: ClockTime

    def slot(self) -> Slot:
        """Return it in the published language."""
        return Slot(day=self.day, starts=self.starts, ends=self.ends)
