"""An organisation: confirmed before it takes part, and moved under another one when both sides agree."""

from __future__ import annotations

from typing import Final

from events.registry import (
    OrganisationApplied,
    OrganisationMoveAsked,
    OrganisationMoveEnded,
    OrganisationRegistered,
)
from operations.case.model.open_step import DONE, SYSTEM, After, Kind, Step

ORGANISATION: Final = Kind("organisation", named_by="organisation_id", nl="organisatie", en="organisation")

CONFIRM: Final = Step("confirm_organisation", nl="Organisatie bevestigen", en="Confirm the organisation")
ANSWER_MOVE: Final = Step(
    "answer_move",
    nl="Antwoorden of een school of vestiging mag overgaan",
    en="Answer whether a school or location may move",
)

after: Final = After()
after(OrganisationApplied, then=lambda event: CONFIRM.by("desk" if event.region else SYSTEM))
after(OrganisationMoveAsked, then=lambda event: ANSWER_MOVE.by("school", due_at=event.answer_before))
after(OrganisationRegistered, OrganisationMoveEnded, then=DONE)
