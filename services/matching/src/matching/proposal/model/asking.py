"""How many to ask at once for the free places of a vacancy: so many that all are probably filled, and few let down."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from events.words import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from common.policy import Policies

CERTAIN: Final = 10_000
"""Chances, shares and expected people are whole ten-thousandths."""

Outcomes = Mapping[tuple[Form, int | None], "Outcome"]
"""By form and the upper limit of a distance band in km, None of the open one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How proposals of one region, form and distance band ended; of how many and of nobody in particular."""

    asked: int
    consented: int
    """How many of them had the consent of every party."""


@dataclass(frozen=True, slots=True)
class Consents:
    """How many of those who are asked will consent, each by an independent chance; exact, in whole numbers."""

    weights: tuple[int, ...]
    """Of none, one, two and so on consents; the last is of as many as there are places, or more."""
    whole: int
    """The sum of the weights: ``CERTAIN`` to the power of how many are asked."""
    expected: int
    """The expected number of consents, in ten-thousandths."""

    @classmethod
    def of(cls, places: int, chances: Iterable[int]) -> Consents:
        """Return the distribution for those who are asked; ``places`` is at least 1."""
        found = cls((1, *[0] * places), 1, 0)
        for chance in chances:
            found = found.beside(chance)
        return found

    def beside(self, chance: int) -> Consents:
        """Return the distribution with one more who is asked."""
        refusal = CERTAIN - chance
        moved = (
            self.weights[0] * refusal,
            *(more * refusal + fewer * chance for fewer, more in pairwise(self.weights)),
        )
        # Beyond the last place a consent moves nothing: the last weight keeps what it loses above.
        weights = (*moved[:-1], moved[-1] + self.weights[-1] * chance)
        return Consents(weights, self.whole * CERTAIN, self.expected + chance)

    def fills(self, share: int) -> bool:
        """Whether all places are filled with at least this chance."""
        return self.weights[-1] * CERTAIN >= share * self.whole

    def lets_down(self, limit: int) -> bool:
        """Whether more than ``limit`` ten-thousandths of a person are expected to consent and find no place."""
        placed = sum(number * weight for number, weight in enumerate(self.weights))
        return self.expected * self.whole - placed * CERTAIN > limit * self.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Policy ``matching.asking``."""

    target_share: int
    """No more are asked once every place is filled with at least this chance, in ten-thousandths."""
    most_per_place: int
    """No more than this are asked for one free place; 1 is one at a time."""
    surplus_per_place: int
    """How many may be expected to consent without a place, per free place, in ten-thousandths of a person."""
    bands_km: tuple[int, ...]
    """The upper limits of the distance bands; the last band is open."""
    start: Mapping[Form, tuple[int, ...]]
    """Per form and band the chance, in ten-thousandths, that every party consents, before outcomes are known."""
    least_sample: int
    """Fewer outcomes than this say nothing yet."""
    prior_weight: int
    """As how many outcomes the chance of the start counts beside those that are known."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Asking:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.asking", day).value
        return cls(
            target_share=value["targetShare"],
            most_per_place=value["mostPerPlace"],
            surplus_per_place=value["surplusPerPlace"],
            bands_km=tuple(value["bandsKm"]),
            start={form: tuple(value["start"][form]) for form in Form},
            least_sample=value["leastSample"],
            prior_weight=value["priorWeight"],
        )

    def band(self, kilometres: int) -> int:
        """Return the number of a distance's band; 0 is the nearest."""
        return bisect_left(self.bands_km, kilometres)

    def within_km(self, kilometres: int) -> int | None:
        """Return the upper limit of a distance's band; None of the open one."""
        return (*self.bands_km, None)[self.band(kilometres)]

    def chance(self, form: Form, kilometres: int, outcomes: Outcomes = MappingProxyType({})) -> int:
        """Return the chance that every party consents, in ten-thousandths; ``outcomes`` are those of the region.

        The mean of a beta distribution: what was learnt, with the chance of the start as a prior.
        """
        start = self.start[form][self.band(kilometres)]
        known = outcomes.get((form, self.within_km(kilometres)))
        if known is None or known.asked < self.least_sample:
            return start
        weight = self.prior_weight + known.asked
        return (start * self.prior_weight + known.consented * CERTAIN) // weight

    def room(self, free: int, asked: int) -> int:
        """Return how many more may be asked at most, beside those who are asked already."""
        return max(free * self.most_per_place - asked, 0)

    def enough(self, free: int, asked: Sequence[int]) -> bool:
        """Whether those who are asked, with these chances, are enough whoever comes next."""
        return len(asked) >= free and (
            not self.room(free, len(asked)) or Consents.of(free, asked).fills(self.target_share)
        )

    def how_many(self, free: int, asked: Sequence[int], following: Sequence[int]) -> int:
        """Return how many of ``following``, the best first, to ask beside those who are asked already.

        One for each free place; beyond these, others until the places are filled with the wanted chance, as long as
        no more than the policy allows are expected to be let down.
        """
        known = Consents.of(free, asked)
        for number, chance in enumerate(following[: self.room(free, len(asked))]):
            wider = known.beside(chance)
            if len(asked) + number >= free and (
                known.fills(self.target_share) or wider.lets_down(self.surplus_per_place * free)
            ):
                return number
            known = wider
        return min(len(following), self.room(free, len(asked)))
