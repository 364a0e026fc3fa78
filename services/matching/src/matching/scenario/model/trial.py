"""The work of one scenario: the plan of now, and the plan of each point, over one snapshot."""

# It travels to the process that solves. What points have in common is computed once: screening where no rule of it
# is overridden, and the verdicts on working time, which are the dearest of all, where those rules stay.

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from matching.plan.model.plan import solve
from matching.plan.model.search import Watch
from matching.scenario.model.estimates import summary
from matching.scenario.model.figures import Figures, figures
from matching.scenario.model.year import Assumptions, World, simulate

if TYPE_CHECKING:
    from common.policy import Policies
    from matching.plan.model.market import Market
    from matching.plan.model.plan import Plan
    from matching.plan.model.search import Aim
    from matching.plan.model.snapshot import Judged, Screened, Snapshot
    from matching.ranking.model.law import Hours
    from matching.scenario.model.estimates import Simulated
    from matching.scenario.model.year import Year

_OF_ELIGIBILITY: Final = ("qualification",)
_OF_WORKING_TIME: Final = ("working_time",)
"""The rules that are asked of one person, after screening."""
_OF_AIM: Final = ("matching.asking", "matching.plan")
"""The rules that count only what fits: chances, weights, limits of a search."""
_OF_SCREENING: Final = ("matching.bonuses", "matching.limits", "matching.scoring", "matching.weights")
"""Those rules of screening that no law about one person reads."""
_OF_COST: Final = ("vat", "matching.scenario")
_OF_TIME: Final = ("matching.terms",)
"""The rules that only a simulated year reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A scenario to compute, in the process of the solver: its market is that of now, what is beside it are points."""

    snapshot: Snapshot
    points: tuple[Policies, ...]
    until: date
    """The horizon: costs are counted to this day."""
    aim: Aim
    simulate: bool = False
    """Whether years are simulated as well, under the rules of now and of each point."""
    _now: list[_Now] = field(default_factory=list)

    def __call__(self) -> Market:
        """Make the market of now.

        Raises:
            MissingDependency: a policy row is not known here yet.
        """
        hours: Hours = {}
        screened = self.snapshot.screened()
        judged = self.snapshot.judged(screened, hours)
        self._now[:] = [_Now(screened=screened, judged=judged, hours=hours)]
        return judged.market

    def beside(self, _market: Market, plan: Plan, watch: Watch) -> bytes:
        """Return the figures of now and of each point as JSON, in their order; ``read_figures`` reads them."""
        now, policies = self._now[0], self.snapshot.policies
        years = self._years(now.judged, policies, watch, "now")
        found = [self._figures(now.judged, plan, plan, policies, summary(years, None))]
        for number, changed in enumerate(self.points, start=1):
            name = f"point {number} of {len(self.points)}"
            watch.report(name, plan.value, plan.bound)
            judged, other = self._point(now, plan, changed, watch)
            same = self._is_of_cost(changed)
            then = years if same else self._years(judged, changed, watch, name)
            found.append(self._figures(judged, other, plan, changed, summary(then, years)))
        return json.dumps([each.to_json() for each in found]).encode()

    def _point(self, now: _Now, plan: Plan, policies: Policies, watch: Watch) -> tuple[Judged, Plan]:
        changed = _changed(self.snapshot.policies, policies)
        without: tuple[str, ...] = (*_OF_COST, *_OF_TIME)
        if _within(changed, without):
            return now.judged, plan
        snapshot, without = replace(self.snapshot, policies=policies), (*without, *_OF_AIM)
        of_law = (*_OF_ELIGIBILITY, *_OF_WORKING_TIME)
        screened = now.screened if _within(changed, (*without, *of_law)) else snapshot.screened()
        # A verdict on working time is of the form, too, and which form that is screening decides; the verdict stays.
        hours = {} if any(_is_of(code, "working_time") for code in changed) else now.hours
        known = now.judged if _within(changed, (*without, *_OF_SCREENING, *_OF_ELIGIBILITY)) else None
        judged = snapshot.judged(screened, hours, known)
        return judged, solve(judged.market, self.aim, Watch(seconds=watch.seconds))

    def _is_of_cost(self, policies: Policies) -> bool:
        return _within(_changed(self.snapshot.policies, policies), _OF_COST)

    def _years(self, judged: Judged, policies: Policies, watch: Watch, name: str) -> list[Year]:
        """Return a year for each seed, as many as there is time for."""
        if not self.simulate:
            return []
        assumptions = Assumptions.of(policies, self.snapshot.day)
        world = World.of(judged, self.snapshot.vacancies, self.snapshot.day)
        years: list[Year] = []
        for seed in range(assumptions.seeds):
            if watch.seconds() <= 0:
                break
            watch.report(f"{name}: year {seed + 1} of {assumptions.seeds}", 0, 0)
            years.append(simulate(world, assumptions, seed))
        return years

    def _figures(
        self, judged: Judged, plan: Plan, before: Plan, policies: Policies, simulated: Simulated | None
    ) -> Figures:
        vacancies = self.snapshot.vacancies
        found = figures(judged, plan, before, vacancies, policies, self.snapshot.day, self.until)
        return replace(found, simulated=simulated)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Now:
    screened: tuple[Screened, ...]
    judged: Judged
    hours: Hours


def read_figures(document: bytes) -> list[Figures]:
    """Read what a trial found: the plan of now, then each point."""
    return [Figures.of_json(each) for each in json.loads(document)]


def _changed(now: Policies, then: Policies) -> list[str]:
    return [code for code, rows in then.rows.items() if rows != now.rows.get(code)]


def _within(codes: list[str], rules: tuple[str, ...]) -> bool:
    return all(any(_is_of(code, rule) for rule in rules) for code in codes)


def _is_of(code: str, rule: str) -> bool:
    return code == rule or code.startswith(f"{rule}.")
