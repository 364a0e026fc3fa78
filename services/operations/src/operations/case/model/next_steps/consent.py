"""A trainer's consent: given until a day, and renewed before it."""

from __future__ import annotations

from typing import Final

from common.clock import end_of
from events.registry import ConsentExpired, ConsentExpiring, ConsentGiven, ConsentWithdrawn
from operations.case.model.open_step import DONE, After, Step

RENEW: Final = Step("renew_consent", nl="Toestemming verlengen", en="Renew the consent")

after: Final = After()
after(ConsentExpiring, then=lambda event: RENEW.by("trainer", due_at=end_of(event.until)))
after(ConsentGiven, ConsentWithdrawn, ConsentExpired, then=DONE)
