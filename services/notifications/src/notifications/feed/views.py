"""Views of the feed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints

from common.web import View

EventName = Annotated[str, StringConstraints(pattern=r"^[a-z]+([.-][a-z]+)+$", max_length=60)]


class EventView(View):
    """An event as outsiders see it."""

    position: int
    event: dict[str, Any]
    """The structured CloudEvent, the same as a webhook's body; a candidate is hidden until everybody agreed, and what
    says something of another side is null."""
