"""One ground, tried: its proofs, its numbers, how long it holds, its cap and the clock above the cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from common.decision import Outcome, Reason
from rules.dates import ONE_DAY, last_day_of
from rules.guest_cap import two_year_clock, use_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.policy import Policies, PolicyRow
    from rules.eligibility import EligibilityFacts


@dataclass(frozen=True, slots=True)
class Judged:
    """A ground with its reasons, its last day and the minutes that its yearly cap leaves; None without such."""

    row: PolicyRow
    reasons: tuple[Reason, ...]
    ends_on: date | None
    minutes_left: int | None

    @property
    def holds(self) -> bool:
        """Whether nothing of it blocks."""
        return all(reason.outcome is not Outcome.BLOCK for reason in self.reasons)


def judge(facts: EligibilityFacts, row: PolicyRow, policies: Policies) -> Judged:
    """Try the ground of this policy row.

    Raises:
        Missing: how to count towards its cap is not known on that day.
    """
    cap, minutes_left = _cap(facts, row, policies)
    duration, ends_on = _duration(facts, row)
    clock, clock_ends = _clock(facts, row, policies)
    lifted = any(reason.rule == "PILOT_OVERRIDE" for reason in cap)
    ends = [end for end in (ends_on, clock_ends, facts.override.ends_on if facts.override and lifted else None) if end]
    return Judged(
        row=row,
        reasons=(_proofs(facts, row), *_numbers(facts, row), *duration, *cap, *clock),
        ends_on=min(ends, default=None),
        minutes_left=minutes_left,
    )


def _proofs(facts: EligibilityFacts, row: PolicyRow) -> Reason:
    """Any one of the alternatives will do; all proofs of an alternative are needed."""
    upper = row.value["requiresInUpperYears"]
    alternatives = upper if facts.upper_years and upper is not None else row.value["requires"]
    proven = _proven(facts)
    accepted = _with_stand_ins(facts, row)
    enough = not alternatives or any(accepted.issuperset(alternative) for alternative in alternatives)
    return Reason(
        rule=row.value["ground"],
        outcome=Outcome.PASS if enough else Outcome.BLOCK,
        measured=", ".join(sorted(proven)),
        limit=" | ".join(" + ".join(alternative) for alternative in alternatives),
        unit="credentials",
        source=row.source,
    )


def _extension(row: PolicyRow, proven: set[str], alternatives: Sequence[Sequence[str]], *, good: bool) -> Reason:
    return Reason(
        rule="EXTENSION",
        outcome=Outcome.PASS if good else Outcome.WARN,
        measured=", ".join(sorted(proven)),
        limit=" | ".join(" + ".join(alternative) for alternative in alternatives),
        unit="credentials",
        source=row.source,
    )


def lacking(facts: EligibilityFacts, row: PolicyRow) -> tuple[tuple[str, ...], ...]:
    """Return per set of proofs that would do the ones that are not there, the shortest first; nothing if one does."""
    upper = row.value["requiresInUpperYears"]
    alternatives = upper if facts.upper_years and upper is not None else row.value["requires"]
    proven = _with_stand_ins(facts, row)
    missing = {tuple(proof for proof in alternative if proof not in proven) for alternative in alternatives}
    return () if () in missing else tuple(sorted(missing, key=lambda proofs: (len(proofs), proofs)))


def _with_stand_ins(facts: EligibilityFacts, row: PolicyRow) -> set[str]:
    """Return the proofs held, and those for which experience stands in."""
    stand_in = row.value.get("experienceInsteadOf", ()) if _experienced(facts, row) else ()
    return _proven(facts).union(stand_in)


def _proven(facts: EligibilityFacts) -> set[str]:
    """Return the proofs held on the day, as a policy names them: bare, and whether for this subject or another one."""
    proven: set[str] = set()
    for held in facts.held:
        if held.expires_on is None or held.expires_on >= facts.day:
            proven.add(held.credential)
            own = not held.subjects or facts.subject in held.subjects
            proven.add(f"{held.credential}:{'own_subject' if own else 'other_subject'}")
    return proven


def _experienced(facts: EligibilityFacts, row: PolicyRow) -> bool:
    return facts.experience_years >= int(row.value["minExperienceYears"])


def _numbers(facts: EligibilityFacts, row: PolicyRow) -> list[Reason]:
    """The demands that are numbers, each where the ground makes it."""
    value = row.value
    reasons = []
    if (years := value["minExperienceYears"]) and not value.get("experienceInsteadOf"):
        good = _experienced(facts, row)
        reasons.append(_reason("EXPERIENCE", row, facts.experience_years, years, "years", good=good))
    if value["shareLowerYearsAbove"] is not None:
        share = Decimal(value["shareLowerYearsAbove"])
        good = facts.share_lower_years > share
        reasons.append(_reason("LOWER_YEARS", row, facts.share_lower_years, share, "fraction", good=good))
    if value["maxShareOfSchoolLessons"] is not None:
        share = Decimal(value["maxShareOfSchoolLessons"])
        good = facts.school_share_underqualified <= share
        reasons.append(_reason("SCHOOL_SHARE", row, facts.school_share_underqualified, share, "fraction", good=good))
    return reasons


def _duration(facts: EligibilityFacts, row: PolicyRow) -> tuple[list[Reason], date | None]:
    """How long the ground holds. Work planned beyond its end is pointed out: a qualification may come before it."""
    value = row.value
    used = next((each for each in facts.used if each.ground == value["ground"]), None)
    started_on = min(used.started_on, facts.day) if used else facts.ground_started_on or facts.day
    reasons = []
    if value["minMonths"] is not None and facts.until is not None:
        at_least = last_day_of(started_on, value["minMonths"])
        good = facts.until >= at_least
        reasons.append(_reason("MIN_DURATION", row, facts.until, at_least, "day", good=good))
    if value["maxMonths"] is None:
        return reasons, None
    extension, times = _extensions(facts, row, used.extensions if used else int(facts.extended))
    reasons += extension
    ends_on = last_day_of(started_on, value["maxMonths"] + times * value["extensionMonths"])
    reasons.append(_reason("DURATION", row, facts.day, ends_on, "day", good=facts.day <= ends_on))
    if facts.day <= ends_on and facts.until is not None and facts.until > ends_on:
        reasons.append(_reason("DURATION", row, facts.until, ends_on, "day", good=False, otherwise=Outcome.WARN))
    return reasons, ends_on


def _extensions(facts: EligibilityFacts, row: PolicyRow, times: int) -> tuple[list[Reason], int]:
    """How often the ground lasts longer: no more than it may, and not without what an extension asks."""
    value = row.value
    times = min(times, value.get("maxExtensions", 1))
    alternatives = value.get("extensionRequires", ())
    if not times or not alternatives:
        return [], times
    good = any(_proven(facts).issuperset(alternative) for alternative in alternatives)
    return [_extension(row, _proven(facts), alternatives, good=good)], times if good else 0


def _cap(facts: EligibilityFacts, row: PolicyRow, policies: Policies) -> tuple[list[Reason], int | None]:
    """The caps of the ground, what is left of the year's, and the override that lifts them, if one holds."""
    per_week, per_year = row.value["maxMinutesPerWeek"], row.value["maxMinutesPerSchoolYear"]
    if per_week is None and per_year is None:
        return [], None
    counting = policies.on("qualification.counting", facts.day).value
    over_the_year = counting["averageOver"] == "school_year"
    if over_the_year and per_year is None:
        per_year = per_week * counting["teachingWeeks"]
    use = use_of(day=facts.day, board=facts.board, taught=facts.taught, planned=facts.planned, counting=counting)
    lifted = facts.override is not None and facts.override.holds_on(facts.day)
    beyond = Outcome.WARN if lifted else Outcome.BLOCK
    reasons = [
        _reason("GUEST_CAP", row, measured, limit, unit, good=measured <= limit, otherwise=otherwise, period=period)
        for measured, limit, unit, period, otherwise in (
            # Averaged over the year, a full week is worth a remark; what counts is the year.
            (use.minutes_per_week, per_week, "minutes/week", "", Outcome.WARN if over_the_year else beyond),
            (use.minutes_per_school_year, per_year, "minutes/school year", use.school_year, beyond),
        )
        if limit is not None
    ]
    needed = reasons[-1:] if over_the_year else reasons
    if facts.override is not None and any(reason.outcome is Outcome.WARN for reason in needed):
        reasons.append(
            Reason(
                rule="PILOT_OVERRIDE",
                outcome=Outcome.WARN,
                measured=facts.override.owner,
                limit=facts.override.ends_on.isoformat(),
                period=f"{facts.override.starts_on}/{facts.override.ends_on}",
                source=facts.override.reason,
            )
        )
    return reasons, None if per_year is None else max(per_year - use.this_school_year, 0)


def _clock(facts: EligibilityFacts, row: PolicyRow, policies: Policies) -> tuple[list[Reason], date | None]:
    """The two years in which one who taught above the cap must qualify; it runs on capped grounds only."""
    if facts.above_cap_since is None or row.value["maxMinutesPerSchoolYear"] is None:
        return [], None
    clock = two_year_clock(facts.above_cap_since, policies)
    ends_on = max(clock.flips_on - ONE_DAY, facts.extended_until or date.min)
    good = clock.allows(facts.day, extended_until=facts.extended_until)
    return [_reason("TWO_YEAR_CLOCK", row, facts.day, ends_on, "day", good=good)], ends_on


def _reason(
    rule: str,
    row: PolicyRow,
    measured: date | Decimal | int,
    limit: date | Decimal | int,
    unit: str,
    *,
    good: bool,
    otherwise: Outcome = Outcome.BLOCK,
    period: str = "",
) -> Reason:
    return Reason(
        rule=rule,
        outcome=Outcome.PASS if good else otherwise,
        measured=measured.isoformat() if isinstance(measured, date) else measured,
        limit=limit.isoformat() if isinstance(limit, date) else limit,
        unit=unit,
        period=period,
        source=row.source,
    )
