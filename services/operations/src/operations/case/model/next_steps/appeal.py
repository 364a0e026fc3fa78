"""An appeal: a person of the desk decides before a day; the programme as well, once that passed."""

from __future__ import annotations

from typing import Final

from common.clock import end_of
from events.matching import AppealDecided, AppealLodged, AppealOverdue, AppealWithdrawn
from operations.case.model.open_step import DONE, SYSTEM, After, Kind, Step

APPEAL: Final = Kind("appeal", named_by="appeal_id", nl="bezwaar", en="appeal")
SHOWN: Final = frozenset({"reason", "decision", "decideBefore"})

DECIDE: Final = Step("decide_appeal", nl="Over een bezwaar beslissen", en="Decide on an appeal")

after: Final = After()
after(AppealLodged, then=lambda event: DECIDE.by("desk", due_at=end_of(event.decide_before)))
after(AppealOverdue, then=lambda event: DECIDE.by("desk", SYSTEM, due_at=end_of(event.decide_before)))
after(AppealDecided, AppealWithdrawn, then=DONE)
