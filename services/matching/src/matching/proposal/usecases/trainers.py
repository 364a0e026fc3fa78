"""Trainers who come, change, pause, leave or are erased: proposals are withdrawn, waiting vacancies are matched."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from common.envelope import Envelope
from common.persistence.transaction import Tx
from events.matching import WithdrawReason
from events.registry import ProfileState
from matching.edition import store as editions
from matching.edition.usecases import random_delay
from matching.fairness import usecases as fairness
from matching.profile.model.profile import Profile
from matching.profile.store import profiles
from matching.proposal.model.grounds import Occasion, best, form_of
from matching.proposal.model.proposal import Proposal
from matching.proposal.store import proposals
from matching.proposal.usecases import reviewing, search
from matching.proposal.usecases.proposing import (
    MATCH_NEW_TRAINER,
    REVIEW,
    REVIEW_RULES,
    WITHDRAW,
    end,
    hold,
    lock,
    propose,
)
from matching.ranking.model.capacity import Capacity
from matching.ranking.model.ranking import Ranked
from matching.ranking.store import blind, rankings
from matching.ranking.usecases import keep as keep_ranking
from matching.ranking.usecases import rank_alone
from matching.vacancy.model.opening import Opening
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.reach import Box
from matching.vacancy.model.vacancy import Status, Vacancy
from matching.vacancy.store import vacancies

_TURN: Final = 50
"""Comparisons, of a third of a millisecond each, after which others get a turn."""


async def keep(tx: Tx, states: Sequence[ProfileState], causes: Mapping[UUID, Envelope] | None = None) -> None:
    """Store profiles; who is available is matched with waiting vacancies, who pauses is asked nothing more.

    What an available trainer is asked is judged anew.

    ``causes`` are the envelopes of the states, by trainer: a proposal is withdrawn on the day of the pause.
    """
    changed = await profiles.put(tx, states)
    for state in changed:
        if state.status == "available":
            # After the commit: see ``vacancy.usecases.wait``.
            await tx.set_deadline(MATCH_NEW_TRAINER, state.trainer_id, tx.now, case=state.trainer_id)
    await reviewing.plan(tx, [state.trainer_id for state in changed if state.status == "available"])
    paused = [state.trainer_id for state in changed if state.status != "available"]
    await withdraw(tx, paused, "trainer_paused", causes)


async def remove(tx: Tx, trainer_id: UUID) -> None:
    """Empty a profile that registry took back."""
    await profiles.remove(tx, trainer_id)
    await withdraw(tx, [trainer_id], "trainer_left")


async def withdraw(
    tx: Tx, trainer_ids: Collection[UUID], reason: WithdrawReason, causes: Mapping[UUID, Envelope] | None = None
) -> None:
    """Withdraw what these trainers are asked at this moment; the next candidates are proposed for their vacancies.

    Of several vacancies of one board the proposal for one is withdrawn at once, each other at a moment of its own; for
    the trainer, and for whoever wants to agree, all are over at once.
    """
    at_once = set[tuple[UUID, UUID]]()
    for each in await proposals.open_of(tx, trainer_ids) if trainer_ids else ():
        if causes is not None:
            tx.cause = causes[each.trainer_id]
        if (each.trainer_id, each.board_id) in at_once:
            await _hold(tx, each, reason)
            continue
        at_once.add((each.trainer_id, each.board_id))
        proposal, vacancy = await lock(tx, each.id)
        if proposal.open:
            await end(tx, proposal.withdraw(reason, tx.now))
            await search.fill(tx, vacancy)


async def _hold(tx: Tx, proposal: Proposal, reason: WithdrawReason) -> None:
    """Withdraw a proposal later, and remind nobody of it until then."""
    if proposal.held is None:
        await hold(tx, proposal, reason)
        await tx.set_deadline(WITHDRAW, proposal.id, tx.now + await random_delay(tx), case=proposal.case)


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Erase what is personal from every copy: ids, codes and minutes stay, so that no figure changes."""
    # The profile first: its vacancies ask the next at once, and may ask whoever is still in the pool again.
    rows = await profiles.erase(tx, trainer_id)
    await withdraw(tx, [trainer_id], "trainer_left")
    for planned in (MATCH_NEW_TRAINER, REVIEW, REVIEW_RULES):
        await tx.cancel_deadline(planned, trainer_id)
    await editions.erase(tx, trainer_id)
    return rows + await proposals.erase(tx, trainer_id) + await rankings.erase(tx, trainer_id)


# -- matched with the vacancies that wait -------------------------------------------------------------------------


async def match(tx: Tx, trainer_id: UUID) -> None:
    """Match one trainer, who is new or offers something else, with the vacancies that wait; rank no other trainer."""
    profile = await profiles.profile(tx, trainer_id, lock=True)
    if profile is None or profile.paused:
        return
    box = Box.reached_by(profile)
    asked, boards = await proposals.asked_of(tx, trainer_id)
    taken, chosen = set(boards), list[UUID]()
    # The longest wait first; what it takes of the trainer's weeks is not there for those after it.
    waiting = sorted(await vacancies.waiting_within(tx, box, profile.languages), key=_since)
    for number, vacancy in enumerate(waiting, start=1):
        if number % _TURN == 0:
            await asyncio.sleep(0)
        opening = opening_of(vacancy.facts)
        if opening is None or vacancy.facts.board_id in taken or (vacancy.id, vacancy.round) in asked:
            continue
        if ranked := await rank_alone(tx, opening, profile):
            taken.add(vacancy.facts.board_id)
            chosen.append(vacancy.id)
            profile = _with(profile, opening, ranked)
    for vacancy_id in sorted(chosen):
        await _promote(tx, vacancy_id, trainer_id)


def _since(vacancy: Vacancy) -> tuple[datetime, UUID]:
    return cast("datetime", vacancy.waiting_since), vacancy.id


def _with(profile: Profile, opening: Opening, ranked: Ranked) -> Profile:
    """Return the profile as it would be with a proposal for this opening."""
    capacity = Capacity(opening, ranked.ranking.evidence.criteria)
    form = form_of(ranked.ranking.shortlist[0])
    engagement = capacity.engagement(profile, opening.vacancy_id, form, agreed=False)
    return replace(profile, engagements=(*profile.engagements, engagement))


async def _promote(tx: Tx, vacancy_id: UUID, trainer_id: UUID) -> None:
    """Propose a trainer for a vacancy that waited, if it still does and the trainer had no turn there."""
    vacancy = await vacancies.get(tx, vacancy_id, lock=True)
    asked = await proposals.asked_before(tx, vacancy.id, vacancy.round)
    profile, opening = await profiles.profile(tx, trainer_id), opening_of(vacancy.facts)
    if vacancy.status is not Status.WAITING or trainer_id in asked or profile is None or opening is None:
        return
    if ranked := await rank_alone(tx, opening, profile):
        ranking_id = blind.new_id(tx)
        candidate = best(ranked.ranking, ranking_id, 1)[0]
        vacancy = await keep_ranking(tx, vacancy, ranking_id, ranked)
        await fairness.note_fitting(tx, ranked.ranking)
        is_open = await proposals.count_open(tx, vacancy_id)
        occasion = Occasion(kind="waiting_list", free=vacancy.free, asked=is_open)
        await propose(tx, vacancy, candidate.on(occasion))
