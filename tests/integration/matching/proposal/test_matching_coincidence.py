"""A board that watches several of its vacancies at once: nothing that happens there is seen to be of one trainer."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final

import pytest

from common.persistence.transaction import uuid7
from events.matching import ProposalWithdrawn
from events.registry import ProfileState, TrainerLeft, VacancyPosted
from events.words import Party, Slot
from matching.candidate.usecases import shortlist
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import NotPossible, Status
from matching.proposal.usecases import answers, trainers
from matching.proposal.usecases.proposing import REMIND
from matching.ranking.store import blind
from tests.integration.matching.blindness_attacker import (
    LUCKY,
    Sighting,
    link,
    luck,
    recognised,
    shuffled,
)
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import OTHER_BOARD, SCHOOL, TUESDAY, UTRECHT, profile, vacancy

DESK: Final = {"org": None, "role": "desk", "regions": ["AM13"]}
MOVERS: Final = 16
HALF: Final = Slot(day=2, starts=time(8, 30), ends=time(10, 30))


async def get(matching: Matching, path: str, status: int = 200, **token: Any) -> Any:
    answer = await matching.client.get(path, headers=matching.headers(**(token or {"org": SCHOOL})))
    assert answer.status_code == status, answer.text
    return answer.json()


async def listed(matching: Matching, asked: VacancyPosted, **token: Any) -> set[str]:
    path = f"/vacancies/{asked.vacancy_id}/ranking?limit=500"
    return {item["candidateId"] for item in (await get(matching, path, **token))["items"]}


async def asked_at(matching: Matching, *asked: VacancyPosted) -> list[int]:
    """How many proposals each vacancy has."""
    return [len(await matching.proposals_for(each.vacancy_id)) for each in asked]


# -- one question of a board at a time -------------------------------------------------------------------------------


async def test_a_new_trainer_is_asked_by_one_waiting_vacancy_of_each_board(matching: Matching) -> None:
    """Seen red: all four were asked in one transaction. Who waits longest comes first."""
    ours = [vacancy() for _ in range(3)]
    wednesday = TUESDAY.model_copy(update={"day": 3})
    theirs = vacancy(board_id=OTHER_BOARD, roster=[wednesday])
    for each in (*ours, theirs):
        await matching.hear(each)
        await matching.pass_time(minutes=1)
    await matching.hear(profile(availability=[TUESDAY, wednesday], desired_minutes_per_week=420))
    await matching.settle()
    assert await asked_at(matching, *ours, theirs) == [1, 0, 0, 1]


async def test_a_trainer_who_declined_is_asked_by_the_next_vacancy_at_a_moment_of_that_vacancy(
    matching: Matching,
) -> None:
    first, second = vacancy(), vacancy()
    await matching.hear(profile(), first)
    await matching.hear(second)
    await matching.settle()
    [proposal] = await matching.proposals_for(first.vacancy_id)
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, proposal.id, Party.TRAINER, "schedule")
    await matching.settle()
    assert await asked_at(matching, first, second) == [1, 0]
    await matching.pass_time(days=1)
    assert await asked_at(matching, first, second) == [1, 1]


async def test_a_vacancy_that_a_trainer_declined_keeps_no_other_of_its_board_from_asking(matching: Matching) -> None:
    """The one that waits longest was declined in this round: the next one asks, when the trainer offers more."""
    first, second, comes = vacancy(), vacancy(), profile()
    await matching.hear(comes, first)
    await matching.hear(second)
    await matching.settle()
    [proposal] = await matching.proposals_for(first.vacancy_id)
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, proposal.id, Party.TRAINER, "schedule")
    await matching.hear(profile(trainer_id=comes.trainer_id, experience_years=9))
    await matching.settle()
    assert await asked_at(matching, first, second) == [1, 1]


# -- whoever goes is gone at once, and not seen to go everywhere at once ---------------------------------------------


async def chosen_twice(matching: Matching) -> tuple[ProfileState, list[Proposal]]:
    """A trainer of whom the school itself proposed a second time, without knowing."""
    comes, first, second = profile(), vacancy(), vacancy()
    await matching.hear(comes, first)
    await matching.hear(second)
    async with matching.database.begin(actor="test") as tx:
        await shortlist(tx, second.vacancy_id, comes.trainer_id, "school")
    found = [*await matching.proposals_for(first.vacancy_id), *await matching.proposals_for(second.vacancy_id)]
    assert len(found) == 2
    return comes, found


async def test_one_proposal_is_withdrawn_at_once_and_the_other_of_the_board_later(matching: Matching) -> None:
    """Seen red: both were withdrawn in one transaction."""
    comes, found = await chosen_twice(matching)
    await matching.hear(profile(trainer_id=comes.trainer_id, status="paused"))
    await matching.settle()
    assert len(await matching.told(ProposalWithdrawn)) == 1
    shown = (await get(matching, "/proposals"))["items"]
    assert sorted((each["status"], each["reason"]) for each in shown) == [("proposed", None), ("withdrawn", None)]
    assert {each["version"] for each in shown if each["status"] == "proposed"} == {1}
    for proposal in found:
        planned = await matching.deadlines_of(proposal.id)
        assert REMIND not in planned, "nobody is reminded of what is over for the trainer"
    await matching.pass_time(days=1)
    assert {each.proposal_id for each in await matching.told(ProposalWithdrawn)} == {each.id for each in found}


async def test_for_the_trainer_everything_is_over_at_once(matching: Matching) -> None:
    comes, found = await chosen_twice(matching)
    await matching.hear(profile(trainer_id=comes.trainer_id, status="paused"))
    themselves: dict[str, Any] = {"org": None, "role": "trainer", "trainer": str(comes.trainer_id)}
    shown = (await get(matching, "/proposals", **themselves))["items"]
    assert [(each["status"], each["reason"]) for each in shown] == [("withdrawn", "trainer_paused")] * 2
    held = await only_open(matching, found)
    async with matching.database.begin(actor="test") as tx:
        with pytest.raises(NotPossible):
            await answers.consent(tx, held.id, Party.TRAINER)
    async with matching.database.begin(actor="test") as tx:
        await answers.remind(tx, held.id)
    assert (await only_open(matching, found)).reminders == 0


async def test_a_proposal_that_is_over_for_the_trainer_is_never_accepted(matching: Matching) -> None:
    """Also where the trainer had consented, and takes part again before the school was told."""
    comes, found = await chosen_twice(matching)
    for proposal in found:
        async with matching.database.begin(actor="test") as tx:
            await answers.consent(tx, proposal.id, Party.TRAINER)
    await matching.hear(profile(trainer_id=comes.trainer_id, status="paused"))
    await matching.hear(comes)
    held = await only_open(matching, found)
    async with matching.database.begin(actor="test") as tx:
        lapsed = await answers.consent(tx, held.id, Party.SCHOOL)
    assert (lapsed.status, lapsed.reason) == (Status.LAPSED, "no_longer_eligible")
    await matching.pass_time(days=1)
    assert len(await matching.told(ProposalWithdrawn)) == 1


async def only_open(matching: Matching, found: list[Proposal]) -> Proposal:
    """The one that is open still."""
    now = [each for one in found for each in await matching.proposals_for(one.vacancy_id)]
    (held,) = (each for each in now if each.status is Status.PROPOSED)
    return held


# -- lists and counts are of an edition ------------------------------------------------------------------------------


async def test_one_who_comes_changes_no_list_of_the_day_nor_of_the_next(matching: Matching) -> None:
    """Seen red: every list of every vacancy changed at the moment at which the profile came in."""
    asked = vacancy(places=9)
    await matching.hear(*(profile() for _ in range(4)), asked)
    first = await listed(matching, asked)
    await matching.hear(profile())
    assert await listed(matching, asked) == first
    assert len(await listed(matching, asked, **DESK)) == 5, "the desk sees everybody"
    await matching.pass_time(days=1)
    assert await listed(matching, asked) == first
    await matching.hear(profile(), profile())
    assert await listed(matching, asked) == first, "the edition of a day stays as it is"
    await matching.pass_time(days=1)
    assert len(await listed(matching, asked)) == 7


async def test_in_a_quiet_area_a_list_is_renewed_in_the_end(matching: Matching) -> None:
    asked = vacancy(places=9)
    await matching.hear(*(profile() for _ in range(4)), asked)
    await listed(matching, asked)
    for _ in range(10):  # nothing changes: the area is complete every day
        await matching.pass_time(days=1)
        await listed(matching, asked)
    await matching.hear(profile())
    for day in range(1, 8):
        await matching.pass_time(days=1)
        assert len(await listed(matching, asked)) == (5 if day >= 7 else 4)


async def test_another_areas_changes_hide_nobody(matching: Matching) -> None:
    asked = vacancy(places=9)
    await matching.hear(*(profile() for _ in range(4)), profile(region="AM01"), asked)
    first = await listed(matching, asked)
    await matching.hear(profile(), profile(region="AM01"), profile(region="AM01"))
    await matching.pass_time(days=1)
    assert await listed(matching, asked) == first


async def test_the_first_look_in_a_region_shows_who_is_there_and_no_later_one_of_that_day(matching: Matching) -> None:
    here, there = vacancy(places=9), vacancy(places=9, region="AM01")
    await matching.hear(*(profile() for _ in range(3)), here, there)
    assert len(await listed(matching, here)) == 3
    await matching.hear(profile(region="AM01"))
    assert len(await listed(matching, here)) == 3
    assert len(await listed(matching, there)) == 4
    await matching.hear(profile(region="AM01"))
    assert len(await listed(matching, there)) == 4


async def test_the_first_trainer_of_a_region_waits_for_others(matching: Matching) -> None:
    asked = vacancy(places=9)
    await matching.hear(profile(), asked)
    assert len(await listed(matching, asked)) == 1
    await matching.hear(profile(region="AM01"))
    for day in range(1, 10):
        await matching.pass_time(days=1)
        assert len(await listed(matching, asked)) == (2 if day >= 8 else 1)


async def test_a_trainer_who_goes_leaves_the_lists_together_with_others(matching: Matching) -> None:
    crowd, asked = [profile() for _ in range(6)], vacancy(places=9)
    await matching.hear(*crowd, asked)
    first = await listed(matching, asked)
    counts = await get(matching, f"/vacancies/{asked.vacancy_id}/screening")
    await matching.hear(TrainerLeft(trainer_id=crowd[0].trainer_id, reason="own_wish"))
    await matching.pass_time(days=1)
    assert await listed(matching, asked) == first
    assert await get(matching, f"/vacancies/{asked.vacancy_id}/screening") == counts
    for each in crowd[1:3]:
        await matching.hear(TrainerLeft(trainer_id=each.trainer_id, reason="own_wish"))
    await matching.pass_time(days=1)
    assert len(await listed(matching, asked)) == 3


async def test_a_trainer_who_left_cannot_be_proposed_though_still_listed(matching: Matching) -> None:
    crowd, asked = [profile() for _ in range(4)], vacancy(places=1)
    await matching.hear(*crowd, asked)
    await listed(matching, asked)
    goes = crowd[3].trainer_id
    await matching.hear(TrainerLeft(trainer_id=goes, reason="own_wish"))
    async with matching.database.begin(actor="test") as tx:
        names = await blind.pseudonyms(tx)
    known = str(names.of(asked.vacancy_id, 1, ("school", str(SCHOOL)), goes))
    assert known in await listed(matching, asked)
    path = f"/vacancies/{asked.vacancy_id}/proposals"
    headers = matching.headers(org=SCHOOL, write=True)
    answer = await matching.client.post(path, headers=headers, json={"candidateId": known})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("cannot-be-proposed")
    assert goes.hex not in answer.text.replace("-", "")


async def test_an_erased_trainer_is_listed_nowhere_any_more(matching: Matching) -> None:
    crowd, asked = [profile() for _ in range(4)], vacancy(places=9)
    await matching.hear(*crowd, asked)
    assert len(await listed(matching, asked)) == 4
    async with matching.database.begin(actor="test") as tx:
        await trainers.scrub(tx, crowd[0].trainer_id)
    assert len(await listed(matching, asked)) == 3


# -- the attacker ----------------------------------------------------------------------------------------------------


@dataclass
class Watch:
    """What a board notes that reads everything about three vacancies again and again."""

    matching: Matching
    vacancies: list[VacancyPosted]
    began: datetime
    seen: dict[int, dict[str, list[datetime]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    """By vacancy and candidate id: each moment at which the candidate was there, or a proposal was open."""
    texts: dict[int, str] = field(default_factory=dict)
    changed: list[tuple[datetime, set[int]]] = field(default_factory=list)
    """Moments at which something was other than a minute ago, and at which vacancies."""

    async def poll(self) -> None:
        now, moved = self.matching.database.clock.now(), set[int]()
        for number, asked in enumerate(self.vacancies):
            text = ""
            for path in await self._paths(asked):
                answer = await self.matching.client.get(path, headers=self.matching.headers(org=SCHOOL))
                if answer.status_code != 200:
                    continue
                telling = {name: value for name, value in answer.headers.items() if name in {"etag", "last-modified"}}
                text += answer.text + str(telling)
                for item in answer.json().get("items", []):
                    if item.get("status", "proposed") == "proposed" and item.get("candidateId"):
                        self.seen[number][item["candidateId"]].append(now)
            if self.texts.get(number, text) != text:
                moved.add(number)
            self.texts[number] = text
        if moved:
            self.changed.append((now, moved))

    async def _paths(self, asked: VacancyPosted) -> list[str]:
        document = (await self.matching.client.get("/openapi.json")).json()
        found = [path for path, operations in document["paths"].items() if "get" in operations]
        mine = [path.replace("{vacancyId}", str(asked.vacancy_id)) for path in found if "{vacancyId}" in path]
        paged = [f"{path}?limit=500" if path.endswith("/ranking") else path for path in mine]
        return [*paged, f"/proposals?vacancyId={asked.vacancy_id}&limit=500"]

    async def sightings(self, trainers: list[ProfileState]) -> list[list[Sighting]]:
        """Who came or went while the board watched, vacancy by vacancy; only the referee knows who it is."""
        async with self.matching.database.begin(actor="test") as tx:
            names = await blind.pseudonyms(tx)
        found = []
        for number, asked in enumerate(self.vacancies):
            truths = {
                str(names.of(asked.vacancy_id, 1, ("school", str(SCHOOL)), each.trainer_id)): str(each.trainer_id)
                for each in trainers
            }
            mine = [(truths[id_], moments) for id_, moments in self.seen[number].items() if id_ in truths]
            found.append([self._sighting(truth, moments) for truth, moments in sorted(mine)])
        return found

    def _sighting(self, truth: str, moments: list[datetime]) -> Sighting:
        first, last = (int((moment - self.began).total_seconds()) // 60 for moment in (moments[0], moments[-1]))
        # The days are what a board is meant to see: guessing among those of the same days is allowed.
        days = f"{moments[0].date()}/{moments[-1].date()}"
        return Sighting(truth, 0.0, [{"first": first, "last": last, "status": days}])


async def test_a_board_that_reads_everything_every_minute_links_nobody(matching: Matching) -> None:
    """Sixteen trainers come, change and leave within six days, each at a minute of its own.

    Seen red: with each of them at three vacancies in the same minutes, all were linked.
    """
    dice = random.Random(7)
    watched = [vacancy(places=60, location_id=uuid7()) for _ in range(3)]
    await matching.hear(*(someone(dice) for _ in range(12)))
    for each in watched:
        await matching.hear(each)
        await matching.pass_time(hours=5)
    began = matching.database.clock.now()
    watch, movers = Watch(matching, watched, began), [someone(dice) for _ in range(MOVERS)]
    await watch.poll()
    for at, events in moves(movers, dice):
        today = matching.database.clock.now().date()
        await matching.pass_time(seconds=int((began + at - matching.database.clock.now()).total_seconds()))
        if matching.database.clock.now().date() != today:
            await watch.poll()
        await matching.hear(*events)
        await matching.settle()
        await watch.poll()
    seen, chance = await watch.sightings(movers), random.Random(1)
    assert all(len(each) > MOVERS // 2 for each in seen), "there is something to link"
    for other in seen[1:]:
        assert linked(seen[0], other, chance) > LUCKY
    days = {moment.date(): moment for moment, _ in reversed(watch.changed)}
    assert [moved for moment, moved in watch.changed if len(moved) > 1 and moment != days[moment.date()]] == []


def linked(ours: list[Sighting], theirs: list[Sighting], chance: random.Random) -> float:
    """How probable it is that guessing links as many as by the minutes at which they came and went."""
    guesses = link(ours, theirs, chance)
    found = recognised(ours, [one.truth for one in theirs], guesses)
    return luck(found, lambda: recognised(ours, shuffled(theirs, chance), guesses))


def someone(dice: random.Random) -> ProfileState:
    return profile(
        latitude=UTRECHT[0] + dice.uniform(-0.1, 0.1),
        longitude=UTRECHT[1] + dice.uniform(-0.1, 0.1),
        availability=[dice.choice([TUESDAY, HALF])],
        travel_km=60,
    )


def moves(movers: list[ProfileState], dice: random.Random) -> list[tuple[timedelta, list[Any]]]:
    """When whom of them comes, offers something else, and leaves: day by day enough of them not to be alone."""
    found = list[tuple[timedelta, list[Any]]]()
    for number, each in enumerate(movers):
        comes = timedelta(days=number % 2, minutes=dice.randrange(1, 1380))
        changes = timedelta(days=2 + number % 2, minutes=dice.randrange(1, 1380))
        leaves = timedelta(days=4 + number % 2, minutes=dice.randrange(1, 1380))
        other = each.model_copy(update={"experience_years": 9, "availability": [TUESDAY]})
        gone = TrainerLeft(trainer_id=each.trainer_id, reason="own_wish")
        found += [(comes, [each]), (changes, [other]), *([(leaves, [gone])] if number % 4 else [])]
    return sorted(found, key=lambda move: move[0])
