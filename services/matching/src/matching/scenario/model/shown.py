"""The figures of a scenario as they are stored and shown: rounded with a secret, small cells left out."""

# Who could change a rule by one kilometre and see one person more would know where that person lives. So nothing
# exact is stored: each cell is rounded with its own offset, the same in every scenario (ADR 0023), and what a plan is
# worth in points is not shown at all.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from common.policy import Policies
    from matching.scenario.model.estimates import Estimate, Simulated
    from matching.scenario.model.figures import Amounts, Figures

_MINUTES, _CENTS, _CERTAIN, _DAY = 60, 100, 10_000, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The amounts of one group, or of all; None is too small to be shown."""

    places: int
    matches: int | None
    expected: int | None
    """Matches to which all sides will probably consent."""
    hours: int | None
    school_euros: int | None
    company_euros: int | None
    vat_euros: int | None
    vat_undecided: int | None
    """Matches whose VAT only a fiscal review could name; it is counted as 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The amounts of one region, school type, subject or form."""

    by: str
    code: str
    amounts: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingRule:
    """A rule, and about how many pairs of a trainer and a vacancy it keeps apart."""

    rule: str
    pairs: int | None
    alone: int | None
    """Those that no other rule keeps apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """About how many vacancies and people the change would move."""

    filled: int | None
    emptied: int | None
    planned: int | None
    dropped: int | None
    elsewhere: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A mean of simulated years, and between which numbers it is with 95 % certainty; None is too small to be shown."""

    mean: int | None = None
    low: int | None = None
    high: int | None = None

    @property
    def is_certain(self) -> bool:
        """Whether the dice alone would hardly bring it: both ends are shown, on the same side of nothing."""
        return self.low is not None and self.high is not None and self.low * self.high > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Numbers of simulated years, a year each; or the differences from those of now."""

    filled: Range = Range()
    """Places."""
    median_days: Range = Range()
    """After so many days half of the places that are filled were filled."""
    p90_days: Range = Range()
    asked: Range = Range()
    letters: Range = Range()
    """To trainers."""
    asked_in_vain: Range = Range()
    """Trainers whose question was withdrawn when the last place was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Years:
    """Simulated years under one set of rules."""

    runs: int
    """How many years were drawn."""
    places: int
    """That are to be filled in each."""
    filled_percent: int | None
    letters_per_hundred_placements: int | None
    measured: Measured
    change: Measured | None
    """The difference from the same years under the rules of now; None of those themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One plan of a scenario."""

    gap_per_million: int
    """How much better any other plan could be at most, in millionths."""
    optimal: bool
    cut: bool
    people: int | None
    total: Cell
    groups: tuple[Group, ...] = ()
    bindings: tuple[BindingRule, ...] = ()
    moved: Moved | None = None
    """None of the plan of now."""
    simulated: Years | None = None
    """None where none was asked for, or no time was left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutter:
    """Policies ``programme.figures``, ``matching.scenario`` and ``matching.simulation``: how all is rounded."""

    people: Rounding
    hours: Rounding
    euros: Rounding
    days: Rounding
    """Of hours: a time to fill is shown in whole days."""
    placements: int
    """From how many on a time to fill is shown."""

    @classmethod
    def of(cls, policies: Policies, day: date, secret: bytes, *, simulate: bool = False) -> Shutter:
        """Read the rows that hold on ``day``; that of simulated years where there are any.

        Raises:
            MissingDependency: one is not known here yet.
        """
        own = policies.on("matching.scenario", day).value
        hours, euros = own["hoursRoundTo"], own["eurosRoundTo"]
        return cls(
            people=Rounding.of(policies.on("programme.figures", day).value, secret),
            hours=Rounding(suppress_below=hours, step=hours, secret=secret),
            euros=Rounding(suppress_below=euros, step=euros, secret=secret),
            days=Rounding(suppress_below=0, step=_DAY, secret=secret),
            placements=int(policies.on("matching.simulation", day).value["leastPlacements"]) if simulate else 0,
        )

    def shown(self, found: Figures, *, now: bool) -> Shown:
        """Return what may be shown of a plan."""
        moves = found.moves
        return Shown(
            gap_per_million=found.gap,
            optimal=found.optimal,
            cut=found.cut,
            people=self._count("people", found.people),
            total=self._cell("total", found.total),
            groups=tuple(
                Group(by=by, code=code, amounts=self._cell(f"{by}/{code}", amounts))
                for by, group in found.groups.items()
                for code, amounts in group.items()
            ),
            bindings=self._bindings(found),
            moved=None
            if now
            else Moved(
                filled=self._count("filled", moves.filled),
                emptied=self._count("emptied", moves.emptied),
                planned=self._count("planned", moves.planned),
                dropped=self._count("dropped", moves.dropped),
                elsewhere=self._count("elsewhere", moves.elsewhere),
            ),
            simulated=None if found.simulated is None else self._years(found.simulated),
        )

    def _years(self, found: Simulated) -> Years:
        """Return what may be shown of simulated years; shares follow from what is shown, and add nothing to it."""
        enough = found.measures["filled"].mean >= self.placements
        measured = self._measured("year", found.measures, with_days=enough)
        change = None
        if found.change is not None:
            change = self._measured("change", found.change, with_days=enough)
        filled, letters = measured.filled.mean, measured.letters.mean
        return Years(
            runs=found.runs,
            places=found.places,
            filled_percent=None if filled is None else min(100 * filled // found.places, 100),
            letters_per_hundred_placements=100 * letters // filled if filled and letters else None,
            measured=measured,
            change=change,
        )

    def _measured(self, name: str, found: Mapping[str, Estimate], *, with_days: bool) -> Measured:
        counts = {
            shown: self._range(f"{name}/{shown}", found[of], self.people)
            for shown, of in (
                ("filled", "filled"),
                ("asked", "asked"),
                ("letters", "letters"),
                ("asked_in_vain", "in_vain"),
            )
        }
        days = {
            f"{shown}_days": self._range(f"{name}/{shown}", found[f"{shown}_hours"], self.days, unit=_DAY)
            for shown in ("median", "p90")
            if with_days
        }
        return Measured(**counts, **days)

    def _range(self, name: str, found: Estimate, rounding: Rounding, *, unit: int = 1) -> Range:
        return Range(
            **{
                end: self._signed(f"{name}/{end}", getattr(found, end), rounding, unit)
                for end in ("mean", "low", "high")
            }
        )

    def _signed(self, name: str, number: int, rounding: Rounding, unit: int) -> int | None:
        shown = rounding.published(f"scenario/{name}", abs(number))
        return None if shown is None else shown // unit if number >= 0 else -shown // unit

    def _bindings(self, found: Figures) -> tuple[BindingRule, ...]:
        rounded = [
            BindingRule(
                rule=each.rule,
                pairs=self._count(f"{each.rule}/pairs", each.pairs),
                alone=self._count(f"{each.rule}/alone", each.alone),
            )
            for each in found.bindings
        ]
        # By what is shown: an order by exact numbers would show more than the numbers do.
        return tuple(sorted(rounded, key=lambda each: (-(each.alone or 0), -(each.pairs or 0), each.rule)))

    def _cell(self, name: str, amounts: Amounts) -> Cell:
        return Cell(
            places=amounts.places,
            matches=self._count(f"{name}/matches", amounts.matches),
            expected=self._count(f"{name}/expected", amounts.expected // _CERTAIN),
            hours=self.hours.published(f"scenario/{name}/hours", amounts.minutes // _MINUTES),
            school_euros=self._euros(f"{name}/school", amounts.school_cents),
            company_euros=self._euros(f"{name}/company", amounts.company_cents),
            vat_euros=self._euros(f"{name}/vat", amounts.vat_cents),
            vat_undecided=self._count(f"{name}/undecided", amounts.undecided),
        )

    def _count(self, name: str, number: int) -> int | None:
        return self.people.published(f"scenario/{name}", number)

    def _euros(self, name: str, cents: int) -> int | None:
        shown = self.euros.published(f"scenario/{name}", abs(cents) // _CENTS)
        return shown if shown is None or cents >= 0 else -shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One plan under changed rules; ``value`` is that of a sweep, None without one."""

    value: Any = None
    plan: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a scenario: the plan of now, and that of each point."""

    now: Shown
    points: tuple[Point, ...]
    absent: tuple[str, ...] = ("pupils",)
    """What was asked and no data have."""
