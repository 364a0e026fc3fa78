"""Rank a vacancy's candidates for whoever looks, and propose one whom a school or desk has chosen."""

from __future__ import annotations

import asyncio
from uuid import UUID

from common.errors import Conflict, Invalid, InvalidParam, Message, Refused
from common.persistence.transaction import Tx
from events.matching import Proposer
from matching.edition import store as editions
from matching.profile.store import profiles
from matching.proposal.model.grounds import Occasion, asked_in_a_quiet_week, candidate
from matching.proposal.model.proposal import Proposal
from matching.proposal.store import proposals
from matching.proposal.usecases.proposing import propose
from matching.ranking.model.assessment import Hint, Standing
from matching.ranking.model.blindness import Blindness
from matching.ranking.model.outlook import Outlook, Prospect, options, prospect
from matching.ranking.model.ranking import Ranking
from matching.ranking.model.screening import WAIVABLE
from matching.ranking.store import blind
from matching.ranking.usecases import keep, rank_pool
from matching.ranking.wording import in_the_way
from matching.site.model import Site
from matching.site.store import sites
from matching.vacancy.model.opening import Opening
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies


class AlreadyAsked(Conflict):
    """There is an open or accepted proposal of this trainer for this vacancy."""


class DoesNotFit(Refused):
    """This trainer does not fit this vacancy: {rules}."""


class CannotBeProposed(Refused):
    """This candidate cannot be proposed for this vacancy."""


class Unplaced(Refused):
    """The location of this vacancy is unknown, so that no candidate can be ranked for it."""


async def site_of(tx: Tx, location_id: UUID) -> Site:
    """Return where the work would be: a location, or a school without any.

    Raises:
        Invalid: it is neither, or registry has not published it yet.
    """
    site = await sites.find(tx, location_id)
    if site is None:
        raise Invalid(InvalidParam("locationId", Message("There is no location or school with this id"), "unknown"))
    return site


async def rank_for(tx: Tx, vacancy: Vacancy, opening: Opening, *, support: bool) -> Ranking:
    """Rank the pool of this moment for the desk and the programme, and today's edition of it for others.

    Nothing of it is stored.
    """
    if support:
        return (await rank_pool(tx, opening)).ranking
    return await editions.ranked(tx, opening, vacancy.facts.region)


async def outlook(tx: Tx, opening: Opening) -> Outlook:
    """Count who of those whom outsiders see today fit, and what the school could ask so that more would.

    Raises:
        Missing: a policy row is not known here yet.
    """
    policies, day = await tx.policies(), tx.today
    async with editions.shown_pool(tx, opening.region) as pool:
        now, found = prospect(opening, pool, policies, day), list[tuple[Hint, Prospect]]()
        for option in options(opening, pool, policies, day):
            found.append((option.hint, prospect(option.opening, pool, policies, day)))
            await asyncio.sleep(0)  # each takes some milliseconds; others get a turn
    return Outlook.of(now, found, Blindness.of(policies, day))


async def shortlist(tx: Tx, vacancy_id: UUID, trainer_id: UUID, by: Proposer) -> Proposal:
    """Propose a candidate whom a school or desk has chosen.

    A school chooses among those who fit. A desk may also ask somebody whom only wishes keep apart, such as another
    subject or fewer hours: the broken rules are stored with the proposal. The law it cannot set aside.

    Raises:
        NoSearch, NoPlaceLeft: the search for this vacancy has ended.
        AlreadyAsked: that is what they are.
        DoesNotFit: a rule keeps them apart; a school does not learn which (``CannotBeProposed``).
        CannotBeProposed: the trainer is no longer in the talent pool.
        NotFound: there is no such vacancy.
    """
    await profiles.lock(tx, [trainer_id])
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    vacancy.must_search()
    if await proposals.has_a_part(tx, vacancy_id, trainer_id):
        raise AlreadyAsked
    opening = opening_of(vacancy.facts)
    if opening is None:
        raise Unplaced
    # A trainer who is asked elsewhere can be asked here too, and the first to agree has the hours. A refusal would show
    # that there is another question.
    ranked = await rank_pool(tx, opening, open_counts=False)
    if trainer_id not in ranked.versions:  # gone since the list was made; the error names nobody
        raise CannotBeProposed
    assessed = ranked.ranking.explain(trainer_id)
    if assessed.standing is Standing.REJECTED:
        if by == "school":
            raise CannotBeProposed
        if ranked.ranking.failed_by(trainer_id) & ~WAIVABLE:
            raise DoesNotFit(rules=in_the_way(assessed.verdict))
    ranking_id = blind.new_id(tx)
    vacancy = await keep(tx, vacancy, ranking_id, ranked)
    chosen = candidate(ranked.ranking, ranking_id, assessed)
    profile = await profiles.profile(tx, trainer_id)
    if by == "desk" and profile is not None and profile.quiet:
        chosen = asked_in_a_quiet_week(chosen)
    occasion = Occasion(kind="choice", free=vacancy.free, asked=await proposals.count_open(tx, vacancy.id))
    return (await propose(tx, vacancy, chosen.on(occasion), by=by))[1]
