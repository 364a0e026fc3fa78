"""Whether hours may be approved: no guest teaches more in a school year than the law allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.decision import Verdict
from rules.eligibility import EligibilityFacts
from rules.guest_cap import PilotOverride, TaughtLine
from rules.qualification import assess

if TYPE_CHECKING:
    from collections.abc import Iterable

    from common.policy import Policies
    from contracts.hour_line.model.hour_line import HourLine

_ABOUT_THE_CAP = frozenset({"GUEST_CAP", "PILOT_OVERRIDE"})


def cap_verdict(
    line: HourLine,
    ground: str | None,
    taught: Iterable[TaughtLine],
    override: PilotOverride | None,
    policies: Policies,
) -> Verdict:
    """Judge one line beside what was approved before, on the ground of its contract.

    Only what was really taught counts here: plans were judged before the contract was offered.

    Raises:
        Missing: a policy is not known on the day that was worked.
    """
    facts = EligibilityFacts(
        day=line.worked_on,
        school_type=line.school_type,
        role=line.role,
        board=str(line.board_id),
        taught=(*taught, TaughtLine(day=line.worked_on, minutes=line.contact_minutes, board=str(line.board_id))),
        ground=ground,
        override=override,
    )
    reasons = assess(facts, policies).verdict.reasons
    return Verdict(
        policy_version=policies.version, reasons=tuple(reason for reason in reasons if reason.rule in _ABOUT_THE_CAP)
    )
