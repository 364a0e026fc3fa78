"""Changes: what one side could do so that a rule no longer keeps a pair apart, each one applied before it is named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from common.decision import Measure
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Employer
from matching.profile.model.week import Week
from matching.ranking.model.assessment import Hint, Side
from matching.ranking.model.capacity import Capacity
from matching.ranking.model.criteria import SCALE, Criteria, least
from matching.ranking.model.factors import score
from matching.ranking.model.law import Law
from matching.ranking.model.reasons import attendance
from matching.ranking.model.screening import HardRule, Screening, screen
from matching.ranking.model.steps import STEP, after_absence, fewest_absences, mornings, most_minutes
from rules.qualification import Credential, Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from common.policy import Policies
    from matching.profile.model.profile import Profile
    from matching.vacancy.model.opening import Opening

_HUNDRED: Final = 100
_AT_MOST: Final = 3
"""More changes than this are no advice."""
_TRIED: Final = 60
"""Combinations that are tried for one pair."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One trainer and one opening on one day, as they are or as they would be; what it derives it derives once."""

    opening: Opening
    profile: Profile
    policies: Policies
    day: date
    open_counts: bool = True

    @cached_property
    def criteria(self) -> Criteria:
        """The criteria as ``rank`` reads them."""
        found = Criteria.of(self.policies, self.day, max(self.opening.starts_on, self.day))
        return replace(found, open_counts=self.open_counts)

    @property
    def taken(self) -> int:
        """The minutes a week that other work takes meanwhile."""
        return Capacity(self.opening, self.criteria).taken(self.profile)

    @cached_property
    def screening(self) -> Screening:
        """The rules that need no law, of this one row."""
        return screen(self.opening, self._pool.columns, 1, self.criteria)

    @cached_property
    def law(self) -> Law:
        """The law for this opening."""
        return Law(self.opening, self.criteria, self.policies, self.day)

    def failed(self) -> HardRule:
        """Return every rule that keeps them apart, those of the law included.

        Raises:
            MissingDependency: a policy row is not known here yet.
        """
        bits = HardRule(int(self.screening.failed[0]))
        for rule, verdict in self.law.verdicts(self.profile).items():
            if not verdict.ok:
                bits |= rule
        return bits

    def total(self) -> int:
        """Return the points, in ten-thousandths."""
        return int(score(self.opening, self._pool, self.screening, self.criteria).totals[0])

    def asking(self, **other: Any) -> Pair:
        """Return the pair as it would be if the school asked something else."""
        return replace(self, opening=replace(self.opening, **other))

    def offering(self, **other: Any) -> Pair:
        """Return the pair as it would be if the trainer offered something else."""
        return replace(self, profile=replace(self.profile, **other))

    @cached_property
    def _pool(self) -> Pool:
        return Pool([self.profile])


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one side, and how to make it."""

    hint: Hint
    asks: tuple[tuple[str, object], ...] = ()
    """The fields of the opening after it."""
    offers: tuple[tuple[str, object], ...] = ()
    """The fields of the profile after it."""

    def applied(self, pair: Pair) -> Pair:
        """Return the pair after this change."""
        changed = pair.asking(**dict(self.asks)) if self.asks else pair
        return changed.offering(**dict(self.offers)) if self.offers else changed


@dataclass(frozen=True, slots=True)
class Way:
    """The fewest changes that together do it."""

    changes: tuple[Change, ...]

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The change of each side."""
        return tuple(change.hint for change in self.changes)

    def applied(self, pair: Pair) -> Pair:
        """Return the pair after all of them."""
        for change in self.changes:
            pair = change.applied(pair)
        return pair


def hints(pair: Pair, failed: HardRule) -> tuple[Hint, ...]:
    """Return for each rule in the way the changes that take it away; those of different sides are alternatives."""
    return tuple(change.hint for change in helpful(pair, failed))


def ways_in(pair: Pair, *, at_most: int) -> tuple[Way, ...]:
    """Return the smallest sets of changes after which every rule is passed, at most ``at_most``.

    Each set was applied, and every rule asked again. A set that holds a smaller one is left out.
    """
    failed = pair.failed()
    return _smallest(pair, list(helpful(pair, failed)), lambda changed: not changed.failed(), at_most) if failed else ()


def ways_up(pair: Pair, *, above: int, at_most: int) -> tuple[Way, ...]:
    """Return the smallest sets of changes after which a pair that fits has more points than ``above``."""

    def is_first(changed: Pair) -> bool:
        return changed.total() > above and not changed.failed()

    return _smallest(pair, list(_improvements(pair)), is_first, at_most)


def _smallest(pair: Pair, options: list[Change], done: Callable[[Pair], bool], at_most: int) -> tuple[Way, ...]:
    found: list[frozenset[int]] = []
    tried = 0
    for size in range(1, min(_AT_MOST, len(options)) + 1):
        for chosen in combinations(range(len(options)), size):
            if any(known <= frozenset(chosen) for known in found) or not _differ(options, chosen):
                continue
            tried += 1
            if len(found) >= at_most or tried > _TRIED:
                break
            if done(_way(options, chosen).applied(pair)):
                found.append(frozenset(chosen))
    return tuple(_way(options, sorted(each)) for each in found)


def _way(options: list[Change], chosen: Iterable[int]) -> Way:
    return Way(tuple(options[index] for index in chosen))


def _differ(options: list[Change], chosen: tuple[int, ...]) -> bool:
    """Whether these change different things: two that set the same one would undo each other."""
    fields = [name for index in chosen for name, _ in (*options[index].asks, *options[index].offers)]
    return len(fields) == len(set(fields))


def helpful(pair: Pair, failed: HardRule) -> Iterator[Change]:
    """Yield the changes that were seen to take a rule away, the easiest of each rule first."""
    for rule in HardRule:
        if rule in failed:
            yield from (change for change in _OPTIONS[rule](pair) if not _keeps_apart(rule, change.applied(pair)))


def _keeps_apart(rule: HardRule, pair: Pair) -> bool:
    match rule:
        case HardRule.ELIGIBILITY:
            return not pair.law.eligibility(pair.profile).ok
        case HardRule.VOG:
            return not pair.law.vog(pair.profile.vog_issued_on).ok
        case HardRule.WORKING_TIME:
            return not pair.law.working_time(pair.profile).ok
        case _:
            return bool(int(pair.screening.failed[0]) & rule)


def _school(rule: str, change: str, needed: object, current: object = None, unit: str = "", **asks: object) -> Change:
    hint = Hint(rule=rule, by=Side.SCHOOL, change=change, current=_shown(current), needed=_shown(needed), unit=unit)
    return Change(hint, asks=tuple(asks.items()))


def _trainer(
    rule: str, change: str, needed: object = None, current: object = None, unit: str = "", **offers: object
) -> Change:
    hint = Hint(rule=rule, by=Side.TRAINER, change=change, current=_shown(current), needed=_shown(needed), unit=unit)
    return Change(hint, offers=tuple(offers.items()))


def _shown(measure: object) -> Measure:
    return measure if measure is None or isinstance(measure, int) else str(measure)


def _only(rule: HardRule, change: str, **offers: object) -> Callable[[Pair], Iterator[Change]]:
    hint = Hint(rule=rule.code, by=Side.TRAINER, change=change)
    return lambda _: iter([Change(hint, offers=tuple(offers.items()))])


def _company(pair: Pair) -> Iterator[Change]:
    rule, opening, profile = HardRule.COMPANY_CONSENT.code, pair.opening, pair.profile
    if profile.employer is Employer.REFUSED:
        hint = Hint(rule=rule, by=Side.COMPANY, change="agree")
        yield Change(hint, offers=(("company_agreed", True),))
    possible = pair.criteria.forms[profile.employer]
    for form in sorted(possible - set(opening.accepted_forms)):
        yield _school(rule, "accept-form", form, forms=(*opening.forms, form))
    for form in opening.forms_within(possible):
        yield _trainer(rule, "accept-form", form, forms=(*profile.forms, form))


def _language(pair: Pair) -> Iterator[Change]:
    wanted = pair.opening.language
    yield _trainer(HardRule.LANGUAGE.code, "teach-in", wanted, languages=pair.profile.languages | {wanted})


def _distance(pair: Pair) -> Iterator[Change]:
    needed, limit = int(pair.screening.kilometres[0]), pair.profile.limit_km(pair.criteria.radius_km)
    yield _trainer(HardRule.DISTANCE.code, "raise-travel-limit", needed, limit, "km", travel_limit_km=needed)


def _subject(pair: Pair) -> Iterator[Change]:
    rule, wanted = HardRule.SUBJECT.code, pair.opening.subject
    for subject in sorted(pair.profile.subjects):
        yield _school(rule, "ask-subject", subject, wanted, subject=subject)
    yield _trainer(rule, "offer-subject", wanted, subjects=pair.profile.subjects | {wanted})


def _role(pair: Pair) -> Iterator[Change]:
    rule, opening, roles = HardRule.ROLE.code, pair.opening, pair.profile.roles
    yield _trainer(rule, "accept-role", opening.role, roles=roles | {opening.role})
    for role in sorted(roles):
        yield _school(rule, "offer-role", role, opening.role, role=role)


def _school_type(pair: Pair) -> Iterator[Change]:
    wanted = pair.opening.school_type
    types = pair.profile.school_types | {wanted}
    yield _trainer(HardRule.SCHOOL_TYPE.code, "accept-school-type", wanted, school_types=types)


def _form(pair: Pair) -> Iterator[Change]:
    rule, opening, profile = HardRule.COMMON_FORM.code, pair.opening, pair.profile
    possible = pair.criteria.forms[profile.employer]
    for form in opening.forms_within(possible):
        yield _trainer(rule, "accept-form", form, forms=(*profile.forms, form))
    for form in profile.forms:
        if form in possible:
            yield _school(rule, "accept-form", form, forms=(*opening.forms, form))


def _roster(pair: Pair) -> Iterator[Change]:
    rule, opening, profile = HardRule.ROSTER_OVERLAP.code, pair.opening, pair.profile
    share = pair.criteria.overlap_share
    usable = int(pair.screening.minutes[0])
    yield from _fewer_minutes(pair, rule, usable * SCALE // share if share else 0)
    wanted = opening.roster or mornings(opening.minutes_needed, profile.availability)
    more = Week((*profile.availability.slots, *wanted.slots))
    missing = ", ".join(str(slot) for slot in wanted.slots)
    yield _trainer(rule, "be-available", missing, unit="slot", availability=more)
    if opening.roster is not None and profile.availability.minutes >= least(opening.minutes_per_week, share):
        moved = ", ".join(str(slot) for slot in profile.availability.slots)
        yield _school(rule, "move-lessons", moved, unit="slot", roster=profile.availability)


def _own_minutes(pair: Pair) -> Iterator[Change]:
    rule, profile, share = HardRule.OWN_MINUTES.code, pair.profile, pair.criteria.own_minutes_share
    wanted = profile.minutes_per_week or 0
    left = max(wanted - pair.taken, 0)
    yield from _fewer_minutes(pair, rule, left * SCALE // share if share else 0)
    needed = least(pair.opening.minutes_needed, share) + pair.taken
    yield _trainer(rule, "want-minutes", needed, wanted, "min/week", minutes_per_week=needed)


def _employer_limit(pair: Pair) -> Iterator[Change]:
    rule, profile = HardRule.EMPLOYER_LIMIT.code, pair.profile
    limit = profile.employer_minutes or 0
    needed = pair.opening.minutes_needed + pair.taken
    hint = Hint(rule=rule, by=Side.COMPANY, change="let-teach", current=limit, needed=needed, unit="min/week")
    yield Change(hint, offers=(("employer_minutes", needed),))
    yield from _fewer_minutes(pair, rule, max(limit - pair.taken, 0))


def _fewer_minutes(pair: Pair, rule: str, at_most: int) -> Iterator[Change]:
    """Yield that the school asks less, in whole half hours."""
    now, minutes = pair.opening.minutes_per_week, at_most // STEP * STEP
    if 0 < minutes < now:
        yield _school(rule, "ask-minutes", minutes, now, "min/week", minutes_per_week=minutes)


def _absences(pair: Pair) -> Iterator[Change]:
    """Yield that the trainer is there more often, without naming when; and that the lessons begin afterwards."""
    opening, rule = pair.opening, HardRule.ABSENCES.code
    there, enough = attendance(opening, pair.criteria, int(pair.screening.minutes[0]), int(pair.screening.weekly[0]))
    fewer = fewest_absences(opening, pair.criteria, pair.profile)
    yield _trainer(rule, "be-there", enough, there, "%", absences=fewer)
    later = after_absence(opening, pair.criteria, pair.profile)
    if later is not None and later <= (opening.ends_on or later):
        yield _school(rule, "start-later", later, opening.starts_on, "day", starts_on=later)


def _eligibility(pair: Pair) -> Iterator[Change]:
    rule, opening, profile = HardRule.ELIGIBILITY.code, pair.opening, pair.profile
    yield from _fewer_minutes(pair, rule, _most_minutes(pair, HardRule.ELIGIBILITY))
    for role in type(opening.role):
        if role is not opening.role:
            yield _school(rule, "offer-role", role, opening.role, role=role)
    held = {each.credential for each in profile.held}
    for credential in Credential:
        if credential not in held:
            more = (*profile.held, Held(credential=credential))
            yield _trainer(rule, "qualify", credential, unit="credential", held=more)


def _most_minutes(pair: Pair, rule: HardRule) -> int:
    """Return the most minutes a week below what is asked at which a rule lets the pair pass."""
    return most_minutes(
        pair.opening.minutes_per_week - 1,
        lambda minutes: not _keeps_apart(rule, pair.asking(minutes_per_week=minutes)),
    )


def _vog(pair: Pair) -> Iterator[Change]:
    opening = pair.opening
    day = pair.law.vog_ready_on(pair.profile.vog_issued_on)
    if day is not None:
        ends_on = None if opening.ends_on is None else max(opening.ends_on, day)
        yield _school(HardRule.VOG.code, "start-later", day, opening.starts_on, "day", starts_on=day, ends_on=ends_on)


def _working_time(pair: Pair) -> Iterator[Change]:
    rule, opening, profile = HardRule.WORKING_TIME.code, pair.opening, pair.profile
    yield from _fewer_minutes(pair, rule, _most_minutes(pair, HardRule.WORKING_TIME))
    for form in sorted(pair.criteria.forms[profile.employer] - set(opening.accepted_forms)):
        yield _school(rule, "accept-form", form, forms=(*opening.forms, form))


def _improvements(pair: Pair) -> Iterator[Change]:
    """Yield what earns a pair that fits more points."""
    opening, profile = pair.opening, pair.profile
    now = pair.total()
    wanted = [
        _trainer(
            "extent",
            "want-minutes",
            opening.minutes_per_week + pair.taken,
            profile.minutes_per_week,
            "min/week",
            minutes_per_week=opening.minutes_per_week + pair.taken,
        ),
        *(
            []
            if opening.months is None
            else [_trainer("extent", "want-months", opening.months, profile.months, "months", months=opening.months)]
        ),
        *(
            []
            if opening.roster is None
            else [
                _trainer(
                    "availability",
                    "be-available",
                    ", ".join(map(str, opening.roster.slots)),
                    unit="slot",
                    availability=Week((*profile.availability.slots, *opening.roster.slots)),
                )
            ]
        ),
        *([_trainer("availability", "be-there", _HUNDRED, unit="%", absences=())] if profile.absences else []),
        _trainer(
            "schoolType",
            "accept-school-type",
            opening.school_type,
            school_types=profile.school_types | {opening.school_type},
        ),
        *(
            _trainer("form", "prefer-form", form, forms=(form, *(other for other in profile.forms if other != form)))
            for form in opening.first_forms
            if form in pair.criteria.forms[profile.employer]
        ),
        *(
            _school("form", "prefer-form", form, forms=(form, *(other for other in opening.forms if other != form)))
            for form in profile.forms[:1]
            if form in pair.criteria.forms[profile.employer]
        ),
        *(
            []
            if profile.months is None
            else [_school("extent", "ask-months", profile.months, opening.months, "months", months=profile.months)]
        ),
    ]
    yield from (change for change in wanted if change.applied(pair).total() > now)


_OPTIONS: Final[dict[HardRule, Callable[[Pair], Iterator[Change]]]] = {
    HardRule.AVAILABLE: _only(HardRule.AVAILABLE, "resume", paused=False),
    HardRule.CONSENT: _only(HardRule.CONSENT, "consent", consented=True),
    HardRule.QUIET_WEEK: _only(HardRule.QUIET_WEEK, "end-quiet-week", quiet=False),
    HardRule.COMPANY_CONSENT: _company,
    HardRule.LANGUAGE: _language,
    HardRule.DISTANCE: _distance,
    HardRule.ROSTER_OVERLAP: _roster,
    HardRule.ELIGIBILITY: _eligibility,
    HardRule.VOG: _vog,
    HardRule.WORKING_TIME: _working_time,
    HardRule.SUBJECT: _subject,
    HardRule.ROLE: _role,
    HardRule.SCHOOL_TYPE: _school_type,
    HardRule.COMMON_FORM: _form,
    HardRule.OWN_MINUTES: _own_minutes,
    HardRule.EMPLOYER_LIMIT: _employer_limit,
    HardRule.ABSENCES: _absences,
}
