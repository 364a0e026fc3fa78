"""A ranking: arithmetic over the whole pool, then the law for the best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from common.decision import Verdict
from common.errors import NotFound
from matching.profile.model.columns import Number
from matching.profile.model.engaged import halves
from matching.ranking.model.assessment import Assessment, Earned, Hint, Standing, Weighed
from matching.ranking.model.changes import Pair, Way, hints, ways_in, ways_up
from matching.ranking.model.criteria import Bonus, Criteria, Factor
from matching.ranking.model.factors import Scores, score
from matching.ranking.model.law import Law, Lawful, without_vog
from matching.ranking.model.lottery import lots, seed_of
from matching.ranking.model.reasons import forms, gap, reasons
from matching.ranking.model.screening import HardRule, Screening, screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from numpy.typing import NDArray

    from common.policy import Policies
    from matching.profile.model.pool import Pool
    from matching.profile.model.profile import Profile
    from matching.vacancy.model.opening import Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The measurements of every pair, row by row; the words are made on demand."""

    opening: Opening
    day: date
    policies: Policies
    criteria: Criteria
    profiles: tuple[Profile, ...]
    ids: NDArray[np.uint64]
    """High and low half of each trainer's id."""
    asked: NDArray[np.int32]
    """The day on which each was asked last, as an ordinal; below 0 where never, or where it may not count."""
    screening: Screening
    scores: Scores

    def law(self) -> Law:
        """Return the law for this opening."""
        return Law(self.opening, self.criteria, self.policies, self.day)

    def row_of(self, trainer_id: UUID) -> int | None:
        """Return the row of a trainer, if in the pool at the time."""
        high, low = halves(trainer_id)
        found = np.flatnonzero((self.ids[0] == np.uint64(high)) & (self.ids[1] == np.uint64(low)))
        return int(found[0]) if len(found) else None

    @property
    def lottery_seed(self) -> int:
        """The seed by which ties are drawn."""
        return seed_of(self.opening.vacancy_id, self.day)

    def in_order(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Sort rows: the highest total first, of equals who was asked longest ago, and then by lot."""
        drawn, totals = lots(self.ids[:, rows], self.lottery_seed), self.scores.totals[rows]
        return rows[np.lexsort((self.ids[1, rows], self.ids[0, rows], drawn, self.asked[rows], -totals))]

    def assess(self, row: int, lawful: Lawful, standing: Standing) -> Assessment:
        """Put one row into words."""
        opening, profile, criteria = self.opening, self.profiles[row], self.criteria
        failed = HardRule(int(self.screening.failed[row]))
        distance, minutes = int(self.screening.kilometres[row]), int(self.screening.minutes[row])
        weekly, taken = int(self.screening.weekly[row]), int(self.screening.taken[row])
        screened = Verdict(
            policy_version=criteria.policy_version,
            reasons=reasons(
                opening,
                profile,
                criteria,
                failed=failed,
                kilometres=distance,
                minutes=minutes,
                weekly=weekly,
                taken=taken,
            ),
        )
        return Assessment(
            trainer_id=profile.trainer_id,
            standing=standing,
            verdict=Verdict.all_of((screened, *lawful.values())),
            total=int(self.scores.totals[row]),
            factors=tuple(
                Weighed(factor=factor, score=int(score_), weight=criteria.weights[factor])
                for factor, score_ in zip(Factor, self.scores.factors[:, row], strict=True)
            ),
            bonuses=tuple(
                Earned(bonus=bonus, points=criteria.bonuses[bonus])
                for bonus, earned in zip(Bonus, self.scores.bonuses[:, row], strict=True)
                if earned
            ),
            kilometres=distance,
            minutes=minutes,
            forms=forms(opening, profile, criteria),
            gap=gap(opening, profile, taken),
            hints=self._hints(profile, failed, lawful),
        )

    def pair(self, profile: Profile) -> Pair:
        """Return one candidate and this opening, to be changed and judged again."""
        return Pair(
            opening=self.opening,
            profile=profile,
            policies=self.policies,
            day=self.day,
            open_counts=self.criteria.open_counts,
        )

    def _hints(self, profile: Profile, failed: HardRule, lawful: Lawful) -> tuple[Hint, ...]:
        for rule, verdict in lawful.items():
            failed |= HardRule(0) if verdict.ok else rule
        return hints(self.pair(profile), failed) if failed else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The outcome for one opening: a shortlist in words, everybody else in numbers that ``explain`` spells out."""

    evidence: Evidence
    shortlist: tuple[Assessment, ...]
    """Who passed every hard rule and may be proposed, best first; at most as many as policy asks for."""
    failed: NDArray[np.uint32]
    """Per row the ``HardRule`` bits that failed, those of the law included as far as it was asked."""
    complete: bool
    """Whether the search ended because enough passed or no candidate was left, and not because it cost too much."""

    def explain(self, trainer_id: UUID) -> Assessment:
        """Assess one candidate in full, whatever the standing; the law is asked now if it was not before.

        Raises:
            NotFound: the trainer was not in the pool.
        """
        row = self._row(trainer_id)
        for proposed in self.shortlist:
            if proposed.trainer_id == trainer_id:
                return proposed
        lawful = self.evidence.law().verdicts(self.evidence.profiles[row])
        fits = not self.failed[row] and all(verdict.ok for verdict in lawful.values())
        return self.evidence.assess(row, lawful, Standing.RESERVE if fits else Standing.REJECTED)

    def failed_by(self, trainer_id: UUID) -> HardRule:
        """Return every rule that keeps a candidate apart, those of the law included.

        Raises:
            NotFound: the trainer was not in the pool.
        """
        return self.evidence.pair(self.evidence.profiles[self._row(trainer_id)]).failed()

    def ways(self, trainer_id: UUID, *, at_most: int) -> tuple[Way, ...]:
        """Return the smallest sets of changes by which one candidate would fit or, fitting, would come first.

        Raises:
            NotFound: the trainer was not in the pool.
        """
        row = self._row(trainer_id)
        pair = self.evidence.pair(self.evidence.profiles[row])
        found = ways_in(pair, at_most=at_most)
        if found or pair.failed():
            return found
        others = (self.evidence.scores.totals[other] for other in np.flatnonzero(self.failed == 0) if other != row)
        best = int(max(others, default=-1))
        return ways_up(pair, above=best, at_most=at_most) if best >= pair.total() else ()

    def _row(self, trainer_id: UUID) -> int:
        row = self.evidence.row_of(trainer_id)
        if row is None:
            raise NotFound(what="candidate", id=trainer_id)
        return row

    def standings(self) -> Iterator[tuple[int, Standing]]:
        """Yield every row of the evidence: shortlist and reserve best first, then the rejected by trainer id."""
        shortlisted = {proposed.trainer_id for proposed in self.shortlist}
        for row in self.evidence.in_order(np.flatnonzero(self.failed == 0)).tolist():
            known = self.evidence.profiles[row].trainer_id in shortlisted
            yield row, Standing.SHORTLISTED if known else Standing.RESERVE
        rejected = np.flatnonzero(self.failed)
        ids = self.evidence.ids[:, rejected]
        for row in rejected[np.lexsort((ids[1], ids[0]))].tolist():
            yield row, Standing.REJECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A ranking of the candidates of this moment, and which version of each profile it saw."""

    ranking: Ranking
    versions: Mapping[UUID, int]


def rank(opening: Opening, pool: Pool, policies: Policies, day: date, *, open_counts: bool = True) -> Ranking:
    """Rank the pool for an opening as of ``day``; the same inputs give the same bytes.

    ``open_counts`` says whether work counts that a trainer is only asked for. Pure, except that the pool must not
    change meanwhile; afterwards it may.

    Raises:
        Missing: a policy row is not known here yet.
    """
    criteria = replace(Criteria.of(policies, day, max(opening.starts_on, day)), open_counts=open_counts)
    rows = len(pool)
    screening = screen(opening, pool.columns, rows, criteria)
    asked = pool.columns.numbers[Number.ASKED, :rows].copy()
    evidence = Evidence(
        opening=opening,
        day=day,
        policies=policies,
        criteria=criteria,
        profiles=tuple(pool),
        ids=pool.columns.ids[:, :rows].copy(),
        # A party could read from the order of equals who was asked elsewhere.
        asked=asked if criteria.open_counts else np.zeros_like(asked),
        screening=screening,
        scores=score(opening, pool, screening, criteria),
    )
    return _ask_the_law(evidence, pool.columns.numbers[:, :rows])


def _ask_the_law(evidence: Evidence, numbers: NDArray[np.int32]) -> Ranking:
    """Walk down the order until enough pass; a kind that is not eligible takes all of its kind out at once."""
    criteria, law, failed = evidence.criteria, evidence.law(), evidence.screening.failed.copy()
    fitting = np.flatnonzero(failed == 0)
    failed[fitting[without_vog(law, numbers[Number.VOG, fitting])]] |= np.uint32(HardRule.VOG)
    waiting = evidence.in_order(np.flatnonzero(failed == 0))
    shortlist: list[Assessment] = []
    kinds = numbers[Number.KIND]
    examined = 0
    while len(waiting) and len(shortlist) < criteria.shortlist_size and examined < criteria.examine_at_most:
        row, waiting = int(waiting[0]), waiting[1:]
        examined += 1
        profile = evidence.profiles[row]
        obstacle = law.obstacle(profile)
        if obstacle is None:
            shortlist.append(evidence.assess(row, law.verdicts(profile), Standing.SHORTLISTED))
        else:
            failed[row] = obstacle
        if obstacle is HardRule.ELIGIBILITY and not law.eligible_as_such(profile).ok:
            same = kinds[waiting] == kinds[row]
            failed[waiting[same]] = obstacle
            waiting = waiting[~same]
    complete = not len(waiting) or len(shortlist) >= criteria.shortlist_size
    return Ranking(evidence=evidence, shortlist=tuple(shortlist), failed=failed, complete=complete)
