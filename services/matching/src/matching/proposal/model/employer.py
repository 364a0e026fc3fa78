"""Whether a trainer's employer is a party to a proposal: it lends the trainer, or the lessons lie in its hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.words import Slot
from matching.profile.model.published import week_of
from matching.profile.model.week import Week
from matching.ranking.model.capacity import Capacity
from rules.forms import Form, Party, SigningFacts, signatories
from rules.roster import DeclaredHours, declared_slots

if TYPE_CHECKING:
    from datetime import date

    from common.policy import Policies
    from matching.profile.model.profile import Profile
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerConsent:
    """Policy ``matching.employer``, beside the forms in which the employer signs: policy ``forms.<form>``."""

    forms: frozenset[Form]
    """In these the employer is asked, whenever the lessons are."""
    side_work_law: str
    """The law under which a trainer informs the employer of other work."""
    policies: Policies

    @classmethod
    def of(cls, policies: Policies, day: date) -> EmployerConsent:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.employer", day).value
        return cls(
            forms=frozenset(map(Form, value["formsWithConsent"])),
            side_work_law=value["sideWorkLaw"],
            policies=policies,
        )

    def needed(self, form: Form, opening: Opening, profile: Profile, criteria: Criteria) -> bool:
        """Whether the employer is asked; a contract that the employer must sign is never made without it.

        Raises:
            Missing: a policy row is not known here yet.
        """
        if profile.company_id is None:
            return False
        signing = SigningFacts(day=criteria.begins)
        if form in self.forms or Party.COMPANY in signatories(form, signing, self.policies).mandatory:
            return True
        return in_company_time(opening, profile, criteria, company_week(profile, self.policies, criteria.begins))


def company_week(profile: Profile, policies: Policies, day: date) -> Week:
    """Return the hours at the company, spread as the working-time rules spread them; none where they are unknown.

    Raises:
        Missing: ``working_time.declared`` is not known on ``day``.
    """
    hours = profile.company_hours
    if hours is None:
        return Week()
    declared = DeclaredHours(
        employer="company",
        minutes_per_week=hours.minutes_per_week,
        working_days=hours.weekdays,
        first_day=day,
        last_day=day,
    )
    spread = policies.on("working_time.declared", day).value
    slots = declared_slots(declared, spread)
    return week_of(Slot(day=slot.weekday, starts=slot.starts, ends=slot.ends) for slot in slots)


def in_company_time(opening: Opening, profile: Profile, criteria: Criteria, at_work: Week) -> bool:
    """Whether the lessons, as they would be taught, lie in the hours at the company or do not fit beside them."""
    capacity = Capacity(opening, criteria)
    if opening.roster is None:
        free = capacity.free(profile)
        return free.without(at_work).minutes < min(free.minutes, opening.minutes_needed)
    lessons = Week(capacity.lessons(profile))
    if lessons.overlap(at_work):
        return True
    # A school may ask somewhat more than the trainer has offered: the rest is agreed on in its own hours.
    rest = opening.minutes_needed - lessons.minutes
    return rest > opening.roster.without(lessons).without(at_work).minutes
