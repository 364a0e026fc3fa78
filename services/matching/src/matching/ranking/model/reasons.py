"""The words for one pair: every screened rule with what it measured, the common forms, the gap in expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.decision import Measure, Outcome, Reason
from matching.ranking.model.assessment import ExpectationGap
from matching.ranking.model.screening import HardRule
from rules.forms import Form

if TYPE_CHECKING:
    from matching.profile.model.profile import Profile
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening


def reasons(
    opening: Opening, profile: Profile, criteria: Criteria, *, failed: int, kilometres: int, minutes: int
) -> tuple[Reason, ...]:
    """Spell out the screening of one pair: every rule with what it measured, passed or not."""

    def reason(rule: HardRule, measured: Measure, limit: Measure, unit: str = "") -> Reason:
        outcome = Outcome.BLOCK if failed & rule else Outcome.PASS
        return Reason(rule=rule.code, outcome=outcome, measured=measured, limit=limit, unit=unit)

    possible = opening.forms_within(criteria.forms[profile.employer])
    return (
        reason(HardRule.AVAILABLE, not profile.paused, limit=True),
        reason(HardRule.CONSENT, profile.consented, limit=True),
        reason(HardRule.COMPANY_CONSENT, " ".join(possible), " ".join(opening.accepted_forms)),
        reason(HardRule.LANGUAGE, " ".join(sorted(profile.languages)), opening.language),
        reason(HardRule.DISTANCE, kilometres, profile.limit_km(criteria.radius_km), "km"),
        reason(HardRule.ROSTER_OVERLAP, minutes, 1, "min/week"),
    )


def gap(opening: Opening, profile: Profile) -> ExpectationGap:
    """Compare what is asked with what is wanted; 0 where either side leaves it open."""
    wanted, months = profile.minutes_per_week, profile.months
    return ExpectationGap(
        minutes_per_week=0 if wanted is None else opening.minutes_per_week - max(wanted - profile.minutes_taken, 0),
        months=0 if months is None or opening.months is None else opening.months - months,
    )


def forms(opening: Opening, profile: Profile, criteria: Criteria) -> tuple[Form, ...]:
    """Return the forms that both accept and that the main employer does not stand in the way of."""
    possible = opening.forms_within(criteria.forms[profile.employer])
    return tuple(form for form in possible if not profile.forms or form in profile.forms)
