"""A change of a policy: proposed by one person, approved or rejected by another one."""

from __future__ import annotations

from typing import Final

from events.registry import PolicyChangeApproved, PolicyChangeProposed, PolicyChangeRejected
from operations.case.model.open_step import DONE, SYSTEM, After, Step

APPROVE: Final = Step("approve_policy_change", nl="Wijziging van een regel beoordelen", en="Judge the change of a rule")

after: Final = After()
after(PolicyChangeProposed, then=APPROVE.by(SYSTEM))
after(PolicyChangeApproved, PolicyChangeRejected, then=DONE)
