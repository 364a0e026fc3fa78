"""The figures of one plan: matches, hours, costs and VAT, in all and by group, and which rules bind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from matching.scenario.model.costs import Rates, cost
from matching.scenario.model.estimates import Simulated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from common.policy import Policies
    from matching.plan.model.plan import Plan
    from matching.plan.model.snapshot import Judged, Vacant

_BY: Final = ("region", "school_type", "subject", "form")
"""By what the figures are grouped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """The sums of a group of matches, until the horizon."""

    places: int = 0
    """Free places; not by form, of which a place has none."""
    matches: int = 0
    expected: int = 0
    """Matches to which all sides will probably consent, in ten-thousandths."""
    minutes: int = 0
    school_cents: int = 0
    company_cents: int = 0
    vat_cents: int = 0
    undecided: int = 0
    """Matches whose VAT only a fiscal review could name; it is counted as 0."""

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            places=self.places + other.places,
            matches=self.matches + other.matches,
            expected=self.expected + other.expected,
            minutes=self.minutes + other.minutes,
            school_cents=self.school_cents + other.school_cents,
            company_cents=self.company_cents + other.company_cents,
            vat_cents=self.vat_cents + other.vat_cents,
            undecided=self.undecided + other.undecided,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A rule: how many pairs of a trainer and a vacancy fail it, and how many of them nothing else."""

    rule: str
    pairs: int
    alone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """The difference from the plan of now, in vacancies and in people."""

    filled: int
    """Vacancies with more of their places filled."""
    emptied: int
    """Vacancies with fewer."""
    planned: int
    """People who have a match now and had none."""
    dropped: int
    elsewhere: int
    """People who have a match in both plans, and not the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One plan in figures; values in points."""

    value: int
    bound: int
    gap: int
    """In millionths of the bound."""
    optimal: bool
    cut: bool
    people: int
    """Trainers who fit at least one vacancy."""
    total: Amounts
    groups: Mapping[str, Mapping[str, Amounts]]
    """By ``region``, ``school_type``, ``subject`` and ``form``."""
    bindings: tuple[Binding, ...]
    """Sorted: the rule that alone keeps most pairs apart comes first."""
    moves: Moves
    simulated: Simulated | None = None
    """Years of arrivals and answers under these rules; None where none was asked for, or no time was left."""

    def to_json(self) -> dict[str, Any]:
        """Return what ``of_json`` reads."""
        return asdict(self)

    @classmethod
    def of_json(cls, plain: Mapping[str, Any]) -> Figures:
        """Read what ``to_json`` wrote."""
        return cls(
            **{
                **plain,
                "total": Amounts(**plain["total"]),
                "groups": {
                    by: {code: Amounts(**each) for code, each in group.items()} for by, group in plain["groups"].items()
                },
                "bindings": tuple(Binding(**each) for each in plain["bindings"]),
                "moves": Moves(**plain["moves"]),
                "simulated": Simulated.of_json(plain["simulated"]),
            }
        )


def figures(
    judged: Judged, plan: Plan, before: Plan, vacancies: Iterable[Vacant], policies: Policies, day: date, until: date
) -> Figures:
    """Count a plan, with the costs from today to the horizon, and compare it with the plan of now.

    Raises:
        MissingDependency: a policy row is not known here yet.
    """
    rates = Rates.of(policies, day)
    pairs = {each.key: each for each in judged.market.pairs}
    total, groups = Amounts(), {by: defaultdict[str, Amounts](Amounts) for by in _BY}
    for opening, free in vacancies:
        places = Amounts(places=free)
        total += places
        for by, code in (
            ("region", opening.region or ""),
            ("school_type", str(opening.school_type)),
            ("subject", opening.subject),
        ):
            groups[by][code] += places
    for key in plan.chosen:
        pair, fit = pairs[key], judged.fits[key.person, key.opening]
        costs = cost(fit, pair.minutes, rates, policies, until)
        match = Amounts(
            matches=1,
            expected=pair.chance,
            minutes=costs.minutes,
            school_cents=costs.school_cents,
            company_cents=costs.company_cents,
            vat_cents=costs.vat_cents,
            undecided=int(costs.undecided),
        )
        total += match
        codes = (fit.at.region or "", str(fit.at.school_type), fit.at.subject, str(fit.form))
        for by, code in zip(_BY, codes, strict=True):
            groups[by][code] += match
    bindings = (Binding(rule=rule.code, pairs=each.pairs, alone=each.alone) for rule, each in judged.rejected.items())
    return Figures(
        value=plan.value,
        bound=plan.bound,
        gap=plan.gap,
        optimal=plan.optimal,
        cut=plan.cut,
        people=len(judged.market.people),
        total=total,
        groups={by: dict(sorted(found.items())) for by, found in groups.items()},
        bindings=tuple(sorted(bindings, key=lambda each: (-each.alone, -each.pairs, each.rule))),
        moves=_moves(before, plan),
    )


def _moves(before: Plan, after: Plan) -> Moves:
    earlier, later = _of_people(before), _of_people(after)
    was, is_ = _of_openings(before), _of_openings(after)
    return Moves(
        filled=sum(is_.get(each, 0) > was.get(each, 0) for each in is_),
        emptied=sum(is_.get(each, 0) < was.get(each, 0) for each in was),
        planned=len(later.keys() - earlier.keys()),
        dropped=len(earlier.keys() - later.keys()),
        elsewhere=sum(earlier[each] != later[each] for each in earlier.keys() & later.keys()),
    )


def _of_people(plan: Plan) -> dict[UUID, frozenset[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for key in plan.chosen:
        found[key.person].add(key.opening)
    return {person: frozenset(openings) for person, openings in found.items()}


def _of_openings(plan: Plan) -> dict[UUID, int]:
    found: dict[UUID, int] = defaultdict(int)
    for key in plan.chosen:
        found[key.opening] += key.part.halves
    return found
