"""An event that no consumer could handle: an operator redrives or discards it."""

from __future__ import annotations

from typing import Final

from events.flow import EventDiscarded, EventParked, EventsRedriven
from operations.case.model.open_step import DONE, After, Step

REDRIVE: Final = Step("redrive_event", nl="Geparkeerde gebeurtenis oplossen", en="Solve a parked event")

after: Final = After()
after(EventParked, then=REDRIVE.by("operator"))
after(EventsRedriven, then=lambda event: REDRIVE.by("operator") if event.left else DONE)
after(EventDiscarded, then=DONE)
