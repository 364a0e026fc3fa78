"""Find the openings near a trainer, assess each, and count the others who fit."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

from common.persistence.transaction import Tx
from matching.edition import store as editions
from matching.opening.model import Looked, Looking, Near, Seen, Turn, Turns, odds, subjects_of
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.profile.store import profiles
from matching.proposal.model.asking import Asking
from matching.ranking.model.assessment import Standing
from matching.ranking.model.blindness import Blindness
from matching.ranking.model.criteria import Criteria
from matching.ranking.model.outlook import others_fitting
from matching.ranking.model.ranking import rank
from matching.ranking.usecases import WAYS
from matching.vacancy.model.opening import Opening
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies

_TURN: Final = 20
"""Openings, of up to half a millisecond each, after which other requests get a turn."""


async def look(tx: Tx, trainer_id: UUID) -> Looked | None:
    """Return the openings that a trainer fits or nearly fits; None of a trainer whom matching does not know.

    As many as policy ``matching.openings`` allows are looked at, the nearest first.

    Raises:
        Missing: a policy row is not known here yet.
    """
    profile = await profiles.profile(tx, trainer_id)
    if profile is None:
        return None
    policies, day = await tx.policies(), tx.today
    looking, criteria = Looking.of(policies, day), Criteria.of(policies, day, day)
    found = await vacancies.nearest(
        tx, profile.place, looking.box(profile, criteria), subjects_of(profile, criteria), at_most=looking.at_most
    )
    openings = [opening for each in found if (opening := opening_of(each.facts)) is not None]
    near = list[Near]()
    for number, one in enumerate(looking.near(profile, openings, policies, day), start=1):
        if one is not None:
            near.append(one)
        if number % _TURN == 0:
            await asyncio.sleep(0)
    return Looked(profile=profile, vacancies={each.id: each for each in found}, near=tuple(near))


async def see(tx: Tx, profile: Profile, vacancy: Vacancy, opening: Opening, turns: Turns) -> Seen:
    """Assess one opening for a trainer, with the smallest changes that would help and with the odds.

    The others are those whom outsiders see today. A count of this moment would show who came, changed or left.

    Raises:
        Missing: a policy row is not known here yet.
    """
    policies, day, trainer_id = await tx.policies(), tx.today, profile.trainer_id
    ranking = rank(opening, Pool([profile]), policies, day)
    assessed, turn = ranking.explain(trainer_id), turns.at(vacancy)
    async with editions.shown_pool(tx, opening.region) as pool:
        others = others_fitting(opening, pool, policies, day, beside=trainer_id)
    asking = Asking.of(policies, day)
    form = (*assessed.forms, *opening.accepted_forms)[0]
    return Seen(
        vacancy=vacancy,
        assessed=assessed,
        ways=ranking.ways(trainer_id, at_most=WAYS),
        turn=turn,
        odds=odds(
            others,
            opening.places,
            Blindness.of(policies, day),
            asking,
            chance=asking.chance(form, assessed.kilometres),
            askable=turn is Turn.FREE and assessed.standing is not Standing.REJECTED,
        ),
    )
