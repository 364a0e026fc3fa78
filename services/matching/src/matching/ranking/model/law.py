"""The hard rules that are law: eligibility for the role, the VOG, working time; asked of ``rules`` per person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from common.decision import Outcome, Reason, Verdict
from matching.profile.model.profile import CompanyHours, Kind, Profile
from matching.profile.model.week import DAY, DAYS, Slot, Week
from matching.ranking.model.screening import HardRule
from rules import qualification, roster, vog, working_time
from rules.dates import ONE_DAY, last_day_of
from rules.forms import Form
from rules.guest_cap import PlannedWork
from rules.qualification import EligibilityFacts, Obligation
from rules.roster import DeclaredHours, WorkInterval
from rules.vog import VogFacts
from rules.working_time import WorkingTimeFacts

if TYPE_CHECKING:
    from common.policy import Policies
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening

_COMPANY: Final = "company"
_SCHOOL: Final = "school"
_ELSEWHERE: Final = "elsewhere"
_A_YEAR: Final = 12

Lawful = dict[HardRule, Verdict]
"""The verdict of each rule of law."""


class _Work(NamedTuple):
    """Everything of a person that working time looks at, so that who works the same is judged once."""

    form: Form
    lessons: tuple[Slot, ...]
    company: CompanyHours | None
    hours_unknown: bool
    taken: int
    taken_on: frozenset[int]


@dataclass(slots=True)
class Law:
    """The law for one opening on one day; answers that cannot differ are given once."""

    opening: Opening
    criteria: Criteria
    policies: Policies
    day: date
    _eligible: dict[Kind, Verdict] = field(default_factory=dict)
    _vog: dict[date | None, Verdict] = field(default_factory=dict)
    _hours: dict[_Work, Verdict] = field(default_factory=dict)

    @property
    def begins(self) -> date:
        """The first day on which a trainer can start."""
        return max(self.opening.starts_on, self.day)

    @property
    def ends(self) -> date:
        """The last day as far as it is known; a year without any."""
        months = _A_YEAR if self.opening.months is None else self.opening.months
        return max(self.begins, self.opening.ends_on or last_day_of(self.begins, months))

    def verdicts(self, profile: Profile) -> Lawful:
        """Judge one person by every rule of law.

        Raises:
            Missing: a policy is not known here yet.
        """
        return {
            HardRule.ELIGIBILITY: self.eligibility(profile),
            HardRule.VOG: self.vog(profile.vog_issued_on),
            HardRule.WORKING_TIME: self.working_time(profile),
        }

    def obstacle(self, profile: Profile) -> HardRule | None:
        """Return what stands in the way of somebody who can have a VOG; working time, the dearest, is asked last.

        Raises:
            Missing: a policy is not known here yet.
        """
        if not self.eligibility(profile).ok:
            return HardRule.ELIGIBILITY
        return None if self.working_time(profile).ok else HardRule.WORKING_TIME

    def eligibility(self, profile: Profile) -> Verdict:
        """Ask on which ground this person may take the role; who is of the same kind gets the same answer."""
        if (known := self._eligible.get(profile.kind)) is not None:
            return known
        found = qualification.assess(self._eligibility_facts(profile), self.policies)
        verdict = found.verdict
        if Obligation.SUPERVISION in found.obligations and not self.opening.supervised:
            missing = Reason(rule="SUPERVISOR", outcome=Outcome.WARN, measured=False, limit=True)
            verdict = Verdict(policy_version=verdict.policy_version, reasons=(*verdict.reasons, missing))
        self._eligible[profile.kind] = verdict
        return verdict

    def vog(self, issued_on: date | None) -> Verdict:
        """Ask whether a VOG can be there at the start."""
        if (known := self._vog.get(issued_on)) is not None:
            return known
        facts = VogFacts(school_type=self.opening.school_type, starts_on=self.begins, issued_on=issued_on)
        verdict = self._vog[issued_on] = vog.attainable(facts, self.day, self.policies)
        return verdict

    def working_time(self, profile: Profile) -> Verdict:
        """Ask whether the lessons fit beside the other work, in the first form in which they do."""
        possible = self.opening.forms_within(self.criteria.forms[profile.employer])
        wanted = tuple(form for form in possible if not profile.forms or form in profile.forms)
        first, *others = wanted or possible or self.opening.first_forms
        verdict = self._in_form(profile, first)
        if verdict.ok:
            return verdict
        return next((found for form in others if (found := self._in_form(profile, form)).ok), verdict)

    def _eligibility_facts(self, profile: Profile) -> EligibilityFacts:
        opening, board = self.opening, str(self.opening.board_id)
        return EligibilityFacts(
            day=self.begins,
            until=opening.ends_on,
            school_type=opening.school_type,
            role=opening.role,
            board=board,
            subject=opening.subject,
            upper_years=opening.upper_years,
            held=profile.held,
            experience_years=profile.experience_years,
            planned=(
                PlannedWork(
                    first_day=self.begins, last_day=self.ends, minutes_per_week=opening.minutes_per_week, board=board
                ),
            ),
        )

    def _in_form(self, profile: Profile, form: Form) -> Verdict:
        work = _Work(
            form=form,
            lessons=lessons(self.opening, profile.availability),
            company=profile.company_hours,
            hours_unknown=profile.company_id is not None and profile.company_hours is None,
            taken=profile.minutes_taken,
            taken_on=_spread_over(profile),
        )
        if (known := self._hours.get(work)) is None:
            known = self._hours[work] = self._judge(work)
        return known

    def _judge(self, work: _Work) -> Verdict:
        """Judge the steady state: the first weeks of the lessons, as many as the longest mean looks at."""
        weeks = timedelta(weeks=int(self.policies.on("working_time.R4", self.begins).value["weeks"]))
        last = min(self.ends, self.begins + weeks - ONE_DAY)
        since = last - weeks + ONE_DAY
        facts = WorkingTimeFacts(
            day=self.begins,
            intervals=_intervals(work, self.begins, last),
            declared=tuple(
                DeclaredHours(
                    employer=employer, minutes_per_week=minutes, working_days=weekdays, first_day=since, last_day=last
                )
                for employer, minutes, weekdays in _declared(work)
            ),
        )
        verdict = working_time.check(facts, self.policies)
        reasons = [Reason(rule="WORKING_TIME_FORM", outcome=Outcome.PASS, measured=work.form), *verdict.reasons]
        if work.hours_unknown:
            reasons.append(Reason(rule="COMPANY_HOURS_UNKNOWN", outcome=Outcome.WARN))
        return Verdict(policy_version=verdict.policy_version, reasons=tuple(reasons))


def lessons(opening: Opening, availability: Week) -> tuple[Slot, ...]:
    """Return when this person would teach: what both weeks share, the earliest first, up to the minutes needed."""
    left = opening.minutes_needed
    taught: list[Slot] = []
    for slot in (availability if opening.roster is None else availability.shared(opening.roster)).slots:
        if left:
            end = min(slot.end, slot.start + left)
            taught.append(Slot(weekday=slot.weekday, start=slot.start, end=end))
            left -= end - slot.start
    return tuple(taught)


def _intervals(work: _Work, first: date, last: date) -> tuple[WorkInterval, ...]:
    slots = (
        roster.Slot(weekday=slot.weekday, starts=_clock(slot.start), ends=_clock(slot.end)) for slot in work.lessons
    )
    # Seconded, the lessons fall under the company's contract and within its hours.
    employer = _COMPANY if work.form is Form.SECONDMENT else _SCHOOL
    return roster.rostered(slots, first, last, employer=employer, form=work.form)


def _declared(work: _Work) -> list[tuple[str, int, frozenset[int]]]:
    declared = []
    if work.company is not None:
        declared.append((_COMPANY, work.company.minutes_per_week, work.company.weekdays))
    if work.taken:
        declared.append((_ELSEWHERE, work.taken, work.taken_on))
    return declared


def _spread_over(profile: Profile) -> frozenset[int]:
    """On which weekdays the taken minutes are: those of the availability, or any where they do not fit."""
    weekdays = frozenset(slot.weekday for slot in profile.availability.slots)
    return weekdays if profile.minutes_taken <= len(weekdays) * DAY else frozenset(range(1, DAYS + 1))


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
