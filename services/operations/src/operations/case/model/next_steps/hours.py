"""Hours that were taught: handed in by the trainer, approved by the school."""

from __future__ import annotations

from typing import Final

from events.contracts import HoursApproved, HoursRejected, HoursReversed, HoursRevised, HoursSubmitted
from operations.case.model.open_step import DONE, After, Step

APPROVE: Final = Step("approve_hours", nl="Uren goedkeuren", en="Approve hours")
CORRECT: Final = Step("correct_hours", nl="Uren verbeteren", en="Correct hours")

after: Final = After()
after(HoursSubmitted, then=APPROVE.by("school"))
after(HoursRejected, HoursRevised, then=CORRECT.by("trainer"))
after(HoursApproved, HoursReversed, then=DONE)
