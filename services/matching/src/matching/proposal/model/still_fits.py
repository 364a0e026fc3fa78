"""Whether an open proposal still fits, on the facts of now: the rules that no longer hold, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from common.decision import Outcome
from events.words import Party
from matching.profile.model.pool import Pool
from matching.proposal.model.still_lawful import still_lawful
from matching.ranking.model.ranking import rank
from matching.ranking.model.screening import WAIVABLE, HardRule

if TYPE_CHECKING:
    from datetime import date

    from common.decision import Verdict
    from common.policy import Policies
    from events.matching import BrokenRule
    from matching.profile.model.profile import Profile
    from matching.proposal.model.counter import Offer
    from matching.proposal.model.proposal import Proposal
    from matching.vacancy.model.opening import Opening

_HOURS: Final = HardRule.ROSTER_OVERLAP | HardRule.OWN_MINUTES | HardRule.ABSENCES


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Why a proposal no longer fits."""

    rules: tuple[BrokenRule, ...]
    verdict: Verdict
    """Everything that was found, as evidence."""


def broken(proposal: Proposal, opening: Opening, profile: Profile, policies: Policies, day: date) -> Broken | None:
    """Return the hard rules that keep the pair apart by now; None where it may go on.

    A wish of a side is set aside where the proposal was made in spite of it, and where the trainer has agreed to the
    present terms. What is only asked elsewhere does not count: the first to agree has the hours. Terms that wait for
    an answer may save it.

    Raises:
        Missing: a policy row is not known here yet.
    """
    known = {reason.rule for reason in proposal.grounds.reasons if reason.outcome is Outcome.BLOCK}
    waived = WAIVABLE if Party.TRAINER in proposal.consents else _bits(known) & WAIVABLE
    found = _broken(proposal, proposal.offer, waived, opening, profile, policies, day)
    counter = proposal.countered
    if found is None or counter is None:
        return found
    agreed = WAIVABLE if counter.by is Party.TRAINER else waived
    return found if _broken(proposal, counter.offer, agreed, opening, profile, policies, day) else None


def _broken(
    proposal: Proposal,
    offer: Offer,
    waived: HardRule,
    opening: Opening,
    profile: Profile,
    policies: Policies,
    day: date,
) -> Broken | None:
    under, person = offer.opening(opening), offer.known(profile)
    ranking = rank(under, Pool([person]), policies, day, open_counts=False)
    failed = ranking.failed_by(person.trainer_id)
    rules = failed & ~waived
    proposed = min(proposal.grounds.minutes, offer.minutes_per_week)
    lawful = still_lawful(under, person, offer.form, policies, day, proposed=proposed)
    # Hours that are agreed elsewhere by now are no wish.
    if any(each.rule == HardRule.ROSTER_OVERLAP.code and each.outcome is Outcome.BLOCK for each in lawful.reasons):
        rules |= failed & _HOURS
    if not rules:
        return None
    codes = tuple(cast("BrokenRule", rule.code) for rule in HardRule if rule & rules)
    return Broken(rules=codes, verdict=ranking.explain(person.trainer_id).verdict)


def _bits(codes: set[str]) -> HardRule:
    bits = HardRule(0)
    for rule in HardRule:
        if rule.code in codes:
            bits |= rule
    return bits
