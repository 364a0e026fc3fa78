"""The words for one pair: every screened rule with what it measured, the common forms, the gap in expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from common.decision import Measure, Outcome, Reason
from matching.ranking.model.assessment import ExpectationGap
from matching.ranking.model.criteria import least
from matching.ranking.model.screening import HardRule
from rules.forms import Form

if TYPE_CHECKING:
    from matching.profile.model.profile import Profile
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening

_HUNDRED: Final = 100


def reasons(
    opening: Opening,
    profile: Profile,
    criteria: Criteria,
    *,
    failed: int,
    kilometres: int,
    minutes: int,
    weekly: int,
    taken: int,
) -> tuple[Reason, ...]:
    """Spell out the screening of one pair: every rule with what it measured, passed or not."""

    def reason(rule: HardRule, measured: Measure, limit: Measure, unit: str = "") -> Reason:
        outcome = Outcome.BLOCK if failed & rule else Outcome.PASS
        return Reason(rule=rule.code, outcome=outcome, measured=measured, limit=limit, unit=unit)

    possible = opening.forms_within(criteria.forms[profile.employer])
    wanted = profile.minutes_per_week
    return (
        reason(HardRule.AVAILABLE, not profile.paused, limit=True),
        # A ranking of before there were quiet weeks, absences or limits has the same reasons when it is made again.
        *([reason(HardRule.QUIET_WEEK, not profile.quiet, limit=True)] if criteria.is_search and profile.quiet else []),
        reason(HardRule.CONSENT, profile.consented, limit=True),
        reason(HardRule.COMPANY_CONSENT, " ".join(possible), " ".join(opening.accepted_forms)),
        reason(HardRule.SUBJECT, " ".join(sorted(profile.subjects)), opening.subject),
        reason(HardRule.ROLE, " ".join(sorted(profile.roles)), opening.role),
        reason(HardRule.SCHOOL_TYPE, " ".join(sorted(profile.school_types)), opening.school_type),
        reason(HardRule.COMMON_FORM, " ".join(profile.forms), " ".join(opening.accepted_forms)),
        reason(HardRule.LANGUAGE, " ".join(sorted(profile.languages)), opening.language),
        reason(HardRule.DISTANCE, kilometres, profile.limit_km(criteria.radius_km), unit="km"),
        reason(HardRule.ROSTER_OVERLAP, weekly, least(opening.minutes_needed, criteria.overlap_share), unit="min/week"),
        *(
            [reason(HardRule.ABSENCES, *attendance(opening, criteria, minutes, weekly), unit="%")]
            if profile.absences
            else []
        ),
        reason(
            HardRule.OWN_MINUTES,
            None if wanted is None else max(wanted - taken, 0),
            least(opening.minutes_needed, criteria.own_minutes_share),
            unit="min/week",
        ),
        *([employer_limit(opening, profile, taken)] if profile.employer_minutes is not None else []),
    )


def employer_limit(opening: Opening, profile: Profile, taken: int) -> Reason:
    """Compare the minutes a week that the employer leaves beside other teaching with those that are asked."""
    left = None if profile.employer_minutes is None else max(profile.employer_minutes - taken, 0)
    return Reason(
        rule=HardRule.EMPLOYER_LIMIT.code,
        outcome=Outcome.PASS if left is None or left >= opening.minutes_needed else Outcome.BLOCK,
        measured=left,
        limit=opening.minutes_needed,
        unit="min/week",
    )


def attendance(opening: Opening, criteria: Criteria, minutes: int, weekly: int) -> tuple[int, int]:
    """Return at how many per cent of the lessons that fit the week a trainer is there, and at how many is enough."""
    enough = least(opening.minutes_needed, criteria.overlap_share)
    there = _HUNDRED * minutes // weekly if weekly else _HUNDRED
    return there, min(-(-_HUNDRED * enough // weekly), _HUNDRED) if weekly else _HUNDRED


def gap(opening: Opening, profile: Profile, taken: int) -> ExpectationGap:
    """Compare what is asked with what is wanted beside what is taken; 0 where either side leaves it open."""
    wanted, months = profile.minutes_per_week, profile.months
    return ExpectationGap(
        minutes_per_week=0 if wanted is None else opening.minutes_per_week - max(wanted - taken, 0),
        months=0 if months is None or opening.months is None else opening.months - months,
    )


def forms(opening: Opening, profile: Profile, criteria: Criteria) -> tuple[Form, ...]:
    """Return the forms that both accept and that the main employer does not stand in the way of."""
    possible = opening.forms_within(criteria.forms[profile.employer])
    return tuple(form for form in possible if not profile.forms or form in profile.forms)
