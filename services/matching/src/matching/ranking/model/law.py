"""The hard rules that are law: eligibility for the role, the VOG, working time; asked of ``rules`` per person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from common.decision import Outcome, Reason, Verdict
from matching.profile.model.columns import ABSENT
from matching.profile.model.profile import CompanyHours, Kind, Profile
from matching.profile.model.week import DAY, DAYS, Slot
from matching.ranking.model.capacity import Capacity
from matching.ranking.model.screening import HardRule
from rules import qualification, roster, vog, working_time
from rules.dates import ONE_DAY
from rules.forms import Form
from rules.guest_cap import PlannedWork
from rules.qualification import EligibilityFacts, Obligation
from rules.roster import DeclaredHours, WorkInterval
from rules.vog import VogFacts
from rules.working_time import WorkingTimeFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from common.policy import Policies
    from matching.profile.model.engagement import Engagement
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening
    from rules.forms import SchoolType, TeachingRole

_COMPANY: Final = "company"
_SCHOOL: Final = "school"
_ELSEWHERE: Final = "elsewhere"
_JUDGED_FORM: Final = "WORKING_TIME_FORM"

Lawful = dict[HardRule, Verdict]
"""The verdict of each rule of law."""


class Work(NamedTuple):
    """Everything of a person that working time looks at, so that who works the same is judged once."""

    form: Form
    lessons: tuple[Slot, ...]
    company: CompanyHours | None
    hours_unknown: bool
    engaged: tuple[Engagement, ...]
    """With slots."""
    taken: int
    """The minutes of what has none."""
    taken_on: frozenset[int]


Hours = dict[tuple[Work, date, date], Verdict]
"""Verdicts on working time, by the work and its first and last day."""


class Place(NamedTuple):
    """All of an opening that eligibility looks at, but for the board: that counts only beside other work."""

    begins: date
    ends: date
    until: date | None
    role: TeachingRole
    school_type: SchoolType
    subject: str
    upper_years: bool
    minutes: int
    supervised: bool


Grounds = dict[tuple[Place, "Kind"], Verdict]
"""Verdicts on eligibility of people without other work."""


@dataclass(slots=True)
class Law:
    """The law for one opening on one day; answers that cannot differ are given once."""

    opening: Opening
    criteria: Criteria
    policies: Policies
    day: date
    hours: Hours = field(default_factory=dict)
    """Laws of the same policies can share them."""
    grounds: Grounds = field(default_factory=dict)
    """The same."""
    _eligible: dict[tuple[Kind, tuple[PlannedWork, ...]], Verdict] = field(default_factory=dict)
    _vog: dict[date | None, Verdict] = field(default_factory=dict)
    _latest: tuple[Profile, Verdict] | None = None
    """A trainer who passes is asked about twice in a row."""
    _place: Place = field(init=False)

    def __post_init__(self) -> None:
        """Gather what eligibility looks at."""
        opening = self.opening
        self._place = Place(
            begins=self.begins,
            ends=self.ends,
            until=opening.ends_on,
            role=opening.role,
            school_type=opening.school_type,
            subject=opening.subject,
            upper_years=opening.upper_years,
            minutes=opening.minutes_per_week,
            supervised=opening.supervised,
        )

    @property
    def begins(self) -> date:
        """The first day on which a trainer can start."""
        return max(self.opening.starts_on, self.day)

    @property
    def ends(self) -> date:
        """The last day as far as it is known; a year without any."""
        return self.opening.last_day(self.begins)

    @property
    def capacity(self) -> Capacity:
        """The opening against a person's weeks."""
        return Capacity(self.opening, self.criteria)

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

    def share(self, other: Law) -> bool:
        """Share the verdicts on eligibility of another law for this opening, if the same rows decide them.

        Raises:
            Missing: a policy is not known here yet.
        """
        facts = self._facts_of_place(())
        if qualification.rows_for(facts, self.policies) != qualification.rows_for(facts, other.policies):
            return False
        self.grounds = other.grounds
        return True

    def eligibility(self, profile: Profile) -> Verdict:
        """Ask on which ground this person may take the role beside everything else at that board."""
        alone = self.eligible_as_such(profile)
        return self._eligibility(profile, self._beside(profile)) if alone.ok and profile.engagements else alone

    def eligible_as_such(self, profile: Profile) -> Verdict:
        """Ask it of the person without other work, which never helps: who is of the same kind gets the same answer."""
        if (known := self.grounds.get((self._place, profile.kind))) is None:
            known = self.grounds[self._place, profile.kind] = self._eligibility(profile, ())
        return known

    def _eligibility(self, profile: Profile, beside: tuple[PlannedWork, ...]) -> Verdict:
        if (known := self._eligible.get((profile.kind, beside))) is not None:
            return known
        found = qualification.assess(self._eligibility_facts(profile, beside), self.policies)
        verdict = found.verdict
        if Obligation.SUPERVISION in found.obligations and not self.opening.supervised:
            missing = Reason(rule="SUPERVISOR", outcome=Outcome.WARN, measured=False, limit=True)
            verdict = Verdict(policy_version=verdict.policy_version, reasons=(*verdict.reasons, missing))
        self._eligible[profile.kind, beside] = verdict
        return verdict

    def vog(self, issued_on: date | None) -> Verdict:
        """Ask whether a VOG can be there at the start."""
        if (known := self._vog.get(issued_on)) is not None:
            return known
        facts = VogFacts(school_type=self.opening.school_type, starts_on=self.begins, issued_on=issued_on)
        verdict = self._vog[issued_on] = vog.attainable(facts, self.day, self.policies)
        return verdict

    def vog_ready_on(self, issued_on: date | None) -> date | None:
        """Return from which day on a VOG can be there that comes too late for the start; None where it does not."""
        reasons = self.vog(issued_on).reasons
        ready = [str(reason.measured) for reason in reasons if reason.outcome is Outcome.BLOCK and reason.measured]
        return date.fromisoformat(max(ready)) if ready else None

    def working_time(self, profile: Profile) -> Verdict:
        """Ask whether the lessons fit beside the other work, in the first form in which they do."""
        if self._latest is None or self._latest[0] is not profile:
            self._latest = profile, self._working_time(profile)
        return self._latest[1]

    def _working_time(self, profile: Profile) -> Verdict:
        possible = self.opening.forms_within(self.criteria.forms[profile.employer])
        wanted = tuple(form for form in possible if not profile.forms or form in profile.forms)
        first, *others = wanted or possible or self.opening.first_forms
        verdict = self._in_form(profile, first)
        if verdict.ok:
            return verdict
        return next((found for form in others if (found := self._in_form(profile, form)).ok), verdict)

    def _beside(self, profile: Profile) -> tuple[PlannedWork, ...]:
        """Return the other work in the same role, from today on, whenever it runs: as ``contracts`` counts it."""
        return tuple(
            PlannedWork(
                first_day=max(each.first_day, self.day),
                last_day=each.last_day or max(each.first_day, self.ends),
                minutes_per_week=each.minutes_per_week,
                board=str(each.board_id),
            )
            for each in self.capacity.counting(profile)
            if each.first_day is not None and each.role is self.opening.role
        )

    def _eligibility_facts(self, profile: Profile, beside: tuple[PlannedWork, ...]) -> EligibilityFacts:
        return self._facts_of_place(beside, held=profile.held, experience_years=profile.experience_years)

    def _facts_of_place(self, beside: tuple[PlannedWork, ...], **person: Any) -> EligibilityFacts:
        opening, board = self.opening, str(self.opening.board_id)
        return EligibilityFacts(
            day=self.begins,
            until=opening.ends_on,
            school_type=opening.school_type,
            role=opening.role,
            board=board,
            subject=opening.subject,
            upper_years=opening.upper_years,
            planned=(
                PlannedWork(
                    first_day=self.begins, last_day=self.ends, minutes_per_week=opening.minutes_per_week, board=board
                ),
                *beside,
            ),
            **person,
        )

    def _in_form(self, profile: Profile, form: Form) -> Verdict:
        slotted = tuple(each for each in self.capacity.counting(profile) if each.slots.slots)
        taken = sum(each.minutes_per_week for each in self.capacity.meanwhile(profile) if not each.slots.slots)
        # Without slots it can be on any weekday that the trainer offers, or, where it does not fit there, on any.
        weekdays = frozenset(slot.weekday for slot in profile.availability.slots)
        work = Work(
            form=form,
            lessons=self.capacity.lessons(profile),
            company=profile.company_hours,
            hours_unknown=profile.company_id is not None and profile.company_hours is None,
            engaged=slotted,
            taken=taken,
            taken_on=weekdays if taken <= len(weekdays) * DAY else frozenset(range(1, DAYS + 1)),
        )
        weeks = timedelta(weeks=int(self.policies.on("working_time.R4", self.begins).value["weeks"]))
        last = min(self.ends, self.begins + weeks - ONE_DAY)
        if (known := self.hours.get((work, self.begins, last))) is None:
            known = self.hours[work, self.begins, last] = self._judge(work, last, weeks)
        return known

    def _judge(self, work: Work, last: date, weeks: timedelta) -> Verdict:
        """Judge the steady state: the first weeks of the lessons, as many as the longest mean looks at."""
        since = last - weeks + ONE_DAY
        facts = WorkingTimeFacts(
            day=self.begins,
            intervals=(
                *_intervals(work.lessons, work.form, self.begins, last),
                *(interval for each in work.engaged for interval in _of_engagement(each, since, last)),
            ),
            declared=tuple(
                DeclaredHours(
                    employer=employer, minutes_per_week=minutes, working_days=weekdays, first_day=since, last_day=last
                )
                for employer, minutes, weekdays in _declared(work)
            ),
        )
        verdict = working_time.check(facts, self.policies)
        reasons = [Reason(rule=_JUDGED_FORM, outcome=Outcome.PASS, measured=work.form), *verdict.reasons]
        if work.hours_unknown:
            reasons.append(Reason(rule="COMPANY_HOURS_UNKNOWN", outcome=Outcome.WARN))
        return Verdict(policy_version=verdict.policy_version, reasons=tuple(reasons))


def _intervals(lessons: Iterable[Slot], form: Form | None, first: date, last: date) -> tuple[WorkInterval, ...]:
    slots = (roster.Slot(weekday=slot.weekday, starts=_clock(slot.start), ends=_clock(slot.end)) for slot in lessons)
    # Seconded, the lessons fall under the company's contract and within its hours.
    employer = _COMPANY if form is Form.SECONDMENT else _SCHOOL
    return roster.rostered(slots, first, last, employer=employer, form=form)


def _of_engagement(engagement: Engagement, since: date, last: date) -> tuple[WorkInterval, ...]:
    first, last = max(engagement.first_day or since, since), min(engagement.last_day or last, last)
    return _intervals(engagement.slots.slots, engagement.form, first, last)


def _declared(work: Work) -> list[tuple[str, int, frozenset[int]]]:
    declared = []
    if work.company is not None:
        declared.append((_COMPANY, work.company.minutes_per_week, work.company.weekdays))
    if work.taken:
        declared.append((_ELSEWHERE, work.taken, work.taken_on))
    return declared


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def judged_form(working_time: Verdict) -> Form:
    """Return the form under which working time was judged: the preferred one in which the hours fit."""
    judged = next(reason for reason in working_time.reasons if reason.rule == _JUDGED_FORM)
    return Form(str(judged.measured))


def without_vog(law: Law, issued: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return for whom no VOG can be there in time, by the day of issue; the law is asked once per day."""
    days, which = np.unique(issued, return_inverse=True)
    verdicts = [law.vog(None if day == ABSENT else date.fromordinal(int(day))) for day in days]
    return np.array([not verdict.ok for verdict in verdicts], dtype=np.bool_)[which]
