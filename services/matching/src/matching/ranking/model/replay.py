"""A ranking that can be repeated: its inputs as bytes, the ruleset's fingerprint, and its outcome as bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter

from common.errors import Conflict
from common.policy import Policies, PolicyRow
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.ranking.model.assessment import Standing
from matching.ranking.model.ranking import Ranking, rank
from matching.vacancy.model.opening import Opening

EDITION: Final = 3
"""The edition of the code behind a ranking; a change that moves any outcome raises it (a golden test watches)."""


class OtherRuleset(Conflict):
    """This ranking was made under ruleset {made_under}, not under {present}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything that a ranking depends on; profiles stand in the order of their ids."""

    opening: Opening
    profiles: tuple[Profile, ...]
    policies: tuple[PolicyRow, ...]
    day: date
    ruleset: str
    open_counts: bool = True

    @classmethod
    def of(cls, opening: Opening, pool: Pool, policies: Policies, day: date) -> Snapshot:
        """Take the inputs of ``rank`` as they are now."""
        return cls(
            opening=opening,
            profiles=tuple(sorted(pool, key=lambda profile: profile.trainer_id)),
            policies=_rows(policies),
            day=day,
            ruleset=ruleset(policies),
        )

    @classmethod
    def parse(cls, data: bytes) -> Snapshot:
        """Read what ``encode`` wrote.

        Raises:
            ValueError: it is something else.
        """
        return _SNAPSHOT.validate_json(data)

    def encode(self) -> bytes:
        """Return canonical JSON."""
        return canonical(self)

    def replay(self) -> Ranking:
        """Rank again.

        Raises:
            OtherRuleset: the rules have changed since, so that the outcome could differ.
        """
        policies = Policies.of(self.policies)
        if (present := ruleset(policies)) != self.ruleset:
            raise OtherRuleset(made_under=self.ruleset, present=present)
        return rank(self.opening, Pool(self.profiles), policies, self.day, open_counts=self.open_counts)


def ruleset(policies: Policies) -> str:
    """Return the fingerprint of the rules: the edition of the code and every policy row."""
    return hashlib.sha256(canonical({"edition": EDITION, "policies": _rows(policies)})).hexdigest()


def outcome(ranking: Ranking) -> bytes:
    """Return a ranking as canonical JSON: the shortlist in words, everybody in columns.

    The columns are in the order of ``Ranking.standings``; ``failed`` holds ``HardRule`` bits.
    """
    evidence = ranking.evidence
    standings = list(ranking.standings())
    rows = [row for row, _ in standings]
    return canonical(
        {
            "vacancy": evidence.opening.vacancy_id,
            "day": evidence.day,
            "policy_version": evidence.criteria.policy_version,
            "complete": ranking.complete,
            "shortlist": ranking.shortlist,
            "reserve": sum(standing is Standing.RESERVE for _, standing in standings),
            "trainers": [str(evidence.profiles[row].trainer_id) for row in rows],
            "failed": ranking.failed[rows].tolist(),
            "totals": evidence.scores.totals[rows].tolist(),
            "kilometres": evidence.screening.kilometres[rows].tolist(),
            "minutes": evidence.screening.minutes[rows].tolist(),
        }
    )


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys, sorted sets and no spaces: equal values give equal bytes."""
    return json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value) if item.init}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _rows(policies: Policies) -> tuple[PolicyRow, ...]:
    rows = (row for group in policies.rows.values() for row in group)
    return tuple(sorted(rows, key=lambda row: (row.code, row.version, row.valid_from)))


_SNAPSHOT: Final = TypeAdapter(Snapshot)
# PolicyRow names this type for the type checker only.
_SNAPSHOT.rebuild(_types_namespace={"date": date})
