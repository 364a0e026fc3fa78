"""The last check when all parties have agreed, on the facts of that moment: consent, capacity and the law."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from common.decision import Outcome, Reason, Verdict
from matching.ranking.model.capacity import Capacity
from matching.ranking.model.criteria import Criteria
from matching.ranking.model.law import Law
from matching.ranking.model.reasons import employer_limit
from matching.ranking.model.screening import HardRule

if TYPE_CHECKING:
    from datetime import date

    from common.policy import Policies
    from events.words import Form
    from matching.profile.model.profile import Profile
    from matching.vacancy.model.opening import Opening


def still_lawful(
    opening: Opening, profile: Profile, form: Form, policies: Policies, day: date, *, proposed: int
) -> Verdict:
    """Judge the person for the form that was agreed; what the parties themselves accepted is not judged again.

    ``proposed`` is how many minutes a week were usable then. What was agreed elsewhere counts, what the trainer is only
    asked for does not: the first to agree has the hours.

    Raises:
        Missing: a policy row is not known here yet.
    """
    criteria = replace(Criteria.of(policies, day, max(opening.starts_on, day)), open_counts=False)
    consent = Reason(
        rule=HardRule.CONSENT.code,
        outcome=Outcome.PASS if profile.consented else Outcome.BLOCK,
        measured=profile.consented,
        limit=True,
    )
    screened = Verdict(
        policy_version=criteria.policy_version,
        reasons=(
            consent,
            _room(opening, profile, proposed, criteria),
            employer_limit(opening, profile, Capacity(opening, criteria).taken(profile)),
        ),
    )
    agreed = Law(replace(opening, forms=(form,)), criteria, policies, day)
    return Verdict.all_of((screened, *agreed.verdicts(replace(profile, forms=())).values()))


def _room(opening: Opening, profile: Profile, proposed: int, criteria: Criteria) -> Reason:
    """Compare the usable minutes beside all that was agreed with those that were proposed and still are offered."""
    capacity = Capacity(opening, criteria)
    left = capacity.room(profile)
    asked = min(proposed, capacity.room(replace(profile, engagements=())))
    return Reason(
        rule=HardRule.ROSTER_OVERLAP.code,
        outcome=Outcome.PASS if left >= asked else Outcome.BLOCK,
        measured=left,
        limit=asked,
        unit="min/week",
    )
