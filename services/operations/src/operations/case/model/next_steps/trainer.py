"""A trainer: from the application to the day on which they are available."""

from __future__ import annotations

from typing import Final

from events.registry import (
    TrainerAnonymised,
    TrainerApplied,
    TrainerAvailable,
    TrainerConfirmed,
    TrainerExpired,
    TrainerIntakeStarted,
    TrainerLeft,
    TrainerPaused,
)
from operations.case.model.open_step import DONE, SYSTEM, After, Kind, Step

TRAINER: Final = Kind("trainer", named_by="trainer_id", nl="hto'er", en="trainer")

CONFIRM: Final = Step("confirm_application", nl="Aanmelding bevestigen", en="Confirm the application")
COMPLETE: Final = Step("complete_intake", nl="Intake afronden", en="Complete the intake")
BECOME_AVAILABLE: Final = Step("become_available", nl="Beschikbaar worden", en="Become available")
WAIT: Final = Step("wait_for_proposal", nl="Wachten op een voorstel", en="Wait for a proposal", waits=True)
RESUME: Final = Step("resume", nl="Weer beschikbaar worden", en="Become available again", waits=True)

ENDS_THE_CASE: Final = (TrainerExpired, TrainerLeft, TrainerAnonymised)
"""After these nothing is owed about the person any more: no evidence, no consent."""

after: Final = After()
after(TrainerApplied, then=CONFIRM.by("trainer"))
after(TrainerConfirmed, then=COMPLETE.by("trainer"))
after(TrainerIntakeStarted, then=BECOME_AVAILABLE.by("trainer", "company"))
after(TrainerAvailable, then=WAIT.by(SYSTEM))
after(TrainerPaused, then=RESUME.by("trainer"))
after(*ENDS_THE_CASE, then=DONE)
