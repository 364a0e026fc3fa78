"""Hints: for each rule that failed, who could change what so that the pair fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.decision import Outcome
from matching.profile.model.profile import Employer
from matching.ranking.model.assessment import Hint, Side
from matching.ranking.model.screening import HardRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from common.decision import Reason
    from matching.profile.model.profile import Profile
    from matching.ranking.model.criteria import Criteria
    from matching.ranking.model.law import Lawful
    from matching.vacancy.model.opening import Opening


def hints(
    opening: Opening, profile: Profile, criteria: Criteria, *, failed: HardRule, kilometres: int, lawful: Lawful
) -> Iterator[Hint]:
    """Yield the changes; what different sides could do for one rule are alternatives."""
    if HardRule.AVAILABLE in failed:
        yield Hint(rule=HardRule.AVAILABLE.code, by=Side.TRAINER, change="resume")
    if HardRule.CONSENT in failed:
        yield Hint(rule=HardRule.CONSENT.code, by=Side.TRAINER, change="consent")
    if HardRule.COMPANY_CONSENT in failed:
        yield from _company(opening, profile, criteria)
    if HardRule.LANGUAGE in failed:
        yield Hint(rule=HardRule.LANGUAGE.code, by=Side.TRAINER, change="teach-in", needed=opening.language)
    if HardRule.DISTANCE in failed:
        yield Hint(
            rule=HardRule.DISTANCE.code,
            by=Side.TRAINER,
            change="raise-travel-limit",
            current=profile.limit_km(criteria.radius_km),
            needed=kilometres,
            unit="km",
        )
    if HardRule.ROSTER_OVERLAP in failed:
        yield from _roster(opening, profile)
    for rule, verdict in lawful.items():
        yield from (_law(rule, reason) for reason in verdict.reasons if reason.outcome is Outcome.BLOCK)


def _company(opening: Opening, profile: Profile, criteria: Criteria) -> Iterator[Hint]:
    rule = HardRule.COMPANY_CONSENT.code
    if profile.employer is Employer.REFUSED and opening.forms_within(criteria.forms[Employer.WILLING]):
        yield Hint(rule=rule, by=Side.COMPANY, change="agree")
    for form in sorted(criteria.forms[profile.employer]):
        yield Hint(rule=rule, by=Side.SCHOOL, change="accept-form", needed=form)


def _roster(opening: Opening, profile: Profile) -> Iterator[Hint]:
    rule, wanted, available = HardRule.ROSTER_OVERLAP.code, opening.roster, profile.availability
    if profile.minutes_taken and available.minutes <= profile.minutes_taken:
        yield Hint(
            rule=rule,
            by=Side.TRAINER,
            change="free-minutes",
            current=profile.minutes_taken,
            needed=max(available.minutes - opening.minutes_needed, 0),
            unit="min/week",
        )
    if wanted is None and not available.minutes:
        needed = opening.minutes_needed
        yield Hint(rule=rule, by=Side.TRAINER, change="be-available", current=0, needed=needed, unit="min/week")
    if wanted is not None and not available.overlap(wanted):
        for slot in wanted.slots:
            yield Hint(rule=rule, by=Side.TRAINER, change="be-available", needed=str(slot), unit="slot")
        for slot in available.slots:
            yield Hint(rule=rule, by=Side.SCHOOL, change="move-lessons", needed=str(slot), unit="slot")


def _law(rule: HardRule, reason: Reason) -> Hint:
    """Turn what the law measured into what it asks for; a VOG measures the day on which it can be there."""
    by, change, current, needed = {
        HardRule.ELIGIBILITY: (Side.TRAINER, "qualify", reason.measured, reason.limit),
        HardRule.VOG: (Side.SCHOOL, "start-later", reason.limit, reason.measured),
        HardRule.WORKING_TIME: (Side.TRAINER, "change-hours", reason.measured, reason.limit),
    }[rule]
    return Hint(rule=reason.rule, by=by, change=change, current=current, needed=needed, unit=reason.unit)
