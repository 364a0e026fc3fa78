"""A curious school with six locations attacks through every route: it recognises nobody better than by guessing."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from common.envelope import Envelope
from common.persistence.transaction import uuid7
from events import modernise
from events.matching import ProposalEvent
from events.registry import ProfileState, VacancyPosted
from events.words import Slot
from matching.ranking.store import blind
from matching.ranking.usecases import rank_pool
from matching.vacancy.model.published import opening_of
from notifications.feed.model import bodies_of
from tests.integration.matching.blindness_attacker import (
    FOUND,
    LUCKY,
    Point,
    Sighting,
    circle,
    decoded,
    followed,
    home,
    in_order_of,
    kilometres,
    link,
    luck,
    orders,
    recognised,
    shuffled,
)
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import COMPANY, SCHOOL, TUESDAY, UTRECHT, profile, vacancy
from tests.support.at_work import at_work
from tests.support.postgres import Postgres, create_database, drop_database

CROWD: Final = 64
CORNERS: Final = ((0.0, 0.0), (0.13, 0.05), (-0.12, 0.08), (0.03, -0.2), (0.05, 0.22), (-0.1, -0.15))
CENTRES: Final[list[Point]] = [(UTRECHT[0] + north, UTRECHT[1] + east) for north, east in CORNERS]
GRID: Final[list[Point]] = [
    (UTRECHT[0] + north / 100, UTRECHT[1] + east * 1.6 / 100) for north in range(-32, 33) for east in range(-32, 33)
]
SHORTER: Final = Slot(day=2, starts=time(8, 30), ends=time(11, 30))


@dataclass
class World:
    """Sixty-four trainers, six vacancies of one school, and what that school saw of them."""

    matching: Matching
    trainers: list[ProfileState]
    vacancies: list[VacancyPosted]
    seen: list[list[Sighting]]
    raw: list[str]
    """Every answer as it came."""

    @property
    def names(self) -> list[str]:
        """The trainers in the order in which they registered, which their ids tell."""
        return [str(each.trainer_id) for each in self.trainers]

    @property
    def homes(self) -> dict[str, Point]:
        return {str(each.trainer_id): (each.latitude, each.longitude) for each in self.trainers}


def crowd(dice: random.Random) -> list[ProfileState]:
    """Trainers around Utrecht who all fit, in all sorts."""
    employed = {
        "company_id": COMPANY,
        "employer_agreed": True,
        "company_minutes_per_week": 1200,
        "company_days": [2, 3, 4],
    }
    return [
        profile(
            latitude=UTRECHT[0] + dice.uniform(-0.25, 0.25),
            longitude=UTRECHT[1] + dice.uniform(-0.4, 0.4),
            trades=[dice.choice(["electrical", "pie"])],
            availability=[dice.choice([TUESDAY, TUESDAY, SHORTER])],
            experience_years=dice.randrange(40),
            desired_minutes_per_week=dice.randrange(170, 400),
            desired_months=dice.randrange(1, 24),
            travel_km=dice.randrange(75, 90),
            **(employed if dice.random() < 0.5 else {}),
        )
        for _ in range(CROWD)
    ]


@pytest.fixture(scope="module")
async def world(
    postgres_server: Postgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    url = await create_database(postgres_server, template=migrated)
    folder: Path = tmp_path_factory.mktemp("blindness")
    async with at_work(Matching, url, folder) as matching:
        dice = random.Random(64)
        found = World(matching, crowd(dice), [], [], [])
        await matching.hear(*found.trainers)
        for centre in CENTRES:
            found.vacancies.append(
                vacancy(places=12, location_id=uuid7(), latitude=centre[0], longitude=centre[1], minutes_per_week=210)
            )
            await matching.hear(found.vacancies[-1])
        found.seen = [await look(found, asked) for asked in found.vacancies]
        yield found
    await drop_database(postgres_server, url)


async def look(world: World, asked: VacancyPosted) -> list[Sighting]:
    """Collect all that the school can read about a vacancy's candidates, whichever fields there are."""
    truths = await true_names(world, asked)
    found, sheets = dict[str, Sighting](), list[dict[str, Any]]()
    for path in await paths_of(world, asked):
        items = await read(world, path)
        sheets += [{"sheet": item} for item in items if "information-sheet" in path]
        for place, item in enumerate(items):
            candidate = item.get("candidateId")
            if candidate in truths:
                one = found.setdefault(candidate, Sighting(truths[candidate]))
                one.seen.append({path.split("?")[0].rpartition("/")[2]: item})
                if path.split("?")[0].endswith("ranking"):
                    one.place = place / len(items)
    bodies = await feed_of(world)
    for one in found.values():
        of_it = {value["id"] for each in one.seen for value in each.values() if "rankingId" in value}
        one.seen += [{"event": body} for body in bodies if body["data"].get("proposalId") in of_it]
        one.seen += [each for each in sheets if each["sheet"]["proposalId"] in of_it]
    return list(found.values())


async def paths_of(world: World, asked: VacancyPosted) -> list[str]:
    """Every address of the service that can be read, with what the school knows filled in."""
    document = (await world.matching.client.get("/openapi.json")).json()
    proposals = await read(world, f"/proposals?vacancyId={asked.vacancy_id}&limit=500")
    known = {
        "vacancyId": [str(asked.vacancy_id)],
        "proposalId": [each["id"] for each in proposals],
        "rankingId": sorted({each["rankingId"] for each in proposals}),
    }
    paths = [f"/proposals?vacancyId={asked.vacancy_id}"]
    for path, operations in document["paths"].items():
        if "get" not in operations or path == "/proposals":
            continue
        name = path.partition("{")[2].partition("}")[0]
        paths += [path.replace(f"{{{name}}}", value) for value in known.get(name, [] if name else [""])]
    return paths


async def read(world: World, path: str) -> list[dict[str, Any]]:
    """Read all pages of an address, with what its headers and cursors tell; 403 and 404 are nothing."""
    items, cursor = list[dict[str, Any]](), ""
    paged = path.partition("?")[0].rpartition("/")[2] in {"ranking", "proposals", "waiting-vacancies"}
    while True:
        address = f"{path}{'&' if '?' in path else '?'}limit=17{cursor}" if paged and "limit" not in path else path
        response = await world.matching.client.get(address, headers=world.matching.headers(org=SCHOOL))
        world.raw.append(response.text)
        if response.status_code in {403, 404}:
            return items
        assert response.status_code == 200, response.text
        telling = {name: value for name, value in response.headers.items() if name in {"etag", "last-modified"}}
        if "json" not in response.headers["content-type"]:
            return [{"page": response.text, "proposalId": path.split("/")[2], "headers": telling}]
        body = response.json()
        if "items" not in body:
            return [{**body, "headers": telling}]
        items += body["items"]
        if not body.get("nextCursor"):
            return items
        items[-1] = {**items[-1], "cursor": decoded(body["nextCursor"])}
        cursor = f"&cursor={body['nextCursor']}"


async def feed_of(world: World) -> list[dict[str, Any]]:
    """What the school's feed and webhooks say of proposals."""
    outbox = world.matching.database.metadata.tables["outbox"]
    async with world.matching.database.begin(actor="test") as tx:
        rows = (await tx.execute(outbox.select().order_by(outbox.c.position))).all()
    bodies = []
    for row in rows:
        event = modernise(row.type, row.payload)
        if isinstance(event, ProposalEvent):
            envelope = Envelope.from_headers(row.headers)
            assert envelope.parties is not None
            texts = bodies_of(envelope, event, envelope.parties)
            body = json.loads(texts.by_party.get(SCHOOL, texts.shown))
            world.raw.append(json.dumps(body))
            bodies.append(body)
    return bodies


async def true_names(world: World, asked: VacancyPosted) -> dict[str, str]:
    """Whom each candidate id is of; only the referee has the key."""
    async with world.matching.database.begin(actor="test") as tx:
        names = await blind.pseudonyms(tx)
    return {
        str(names.of(asked.vacancy_id, 1, ("school", str(SCHOOL)), each.trainer_id)): str(each.trainer_id)
        for each in world.trainers
    }


async def as_it_was(world: World, asked: VacancyPosted) -> list[Sighting]:
    """The ranking as it once was shown: a stable id, and measures to the kilometre."""
    opening = opening_of(asked)
    assert opening is not None
    async with world.matching.database.begin(actor="test") as tx:
        ranked = (await rank_pool(tx, opening)).ranking
    rows = [row for row, _ in ranked.standings()]
    profiles = ranked.evidence.profiles
    return [
        Sighting(
            str(profiles[row].trainer_id),
            place / len(rows),
            [
                {
                    "trainerId": str(profiles[row].trainer_id),
                    "kilometres": int(ranked.evidence.screening.kilometres[row]),
                    "experienceYears": profiles[row].experience_years,
                }
            ],
        )
        for place, row in enumerate(rows)
    ]


def located(seen: Sequence[Sequence[Sighting]], homes: dict[str, Point]) -> tuple[int, float]:
    """How many homes the attacker finds within 3 km, and how probable it is that guessing finds as many."""
    chance, first = random.Random(2), seen[0]
    guesses = [link(first, other, chance) for other in seen[1:]]
    points = []
    for number, one in enumerate(first):
        sightings = [one, *(other[guess[number]] for other, guess in zip(seen[1:], guesses, strict=True))]
        circles = [(centre, *circle(each)) for centre, each in zip(CENTRES, sightings, strict=True)]
        points.append(home(circles, GRID))

    def right(truths: Sequence[str]) -> int:
        return sum(kilometres(point, homes[truth]) < 3 for point, truth in zip(points, truths, strict=True))

    found = right([one.truth for one in first])
    return found, luck(found, lambda: right(shuffled(first, chance)))


def registered(seen: Sequence[Sighting], names: Sequence[str]) -> float:
    """How probable it is that guessing finds as many by the order in which trainers registered."""
    chance, found = random.Random(3), orders(seen)
    right = in_order_of(names, [one.truth for one in seen], found)
    return luck(right, lambda: in_order_of(names, shuffled(seen, chance), found), times=199)


async def test_the_school_sees_everybody_who_fits(world: World) -> None:
    """The attack is worth something: the school knows all sixty-four, with bands, and some are proposed."""
    assert [len(seen) for seen in world.seen] == [CROWD] * 6
    looks = {one.looks[:3] for seen in world.seen for one in seen}
    assert {"same", "related"} <= {subject for subject, _, _ in looks}
    assert len({distance for _, distance, _ in looks}) > 2
    assert any("event" in each for one in world.seen[0] for each in one.seen)


async def test_no_trainer_is_followed_from_one_vacancy_to_the_next(world: World) -> None:
    assert followed(world.seen) > LUCKY


async def test_no_home_is_computed_from_six_locations(world: World) -> None:
    assert located(world.seen, world.homes)[1] > LUCKY


async def test_no_order_shows_who_registered_when(world: World) -> None:
    for seen in world.seen:
        assert registered(seen, world.names) > LUCKY


async def test_no_order_of_proposals_shows_their_rank(world: World) -> None:
    """Neither their ids nor the order in which they were made, listed or published follow the ranking."""
    ranks, chance = list[list[int]](), random.Random(5)
    for asked in world.vacancies[:5]:
        made = await world.matching.proposals_for(asked.vacancy_id)
        ranks.append([each.grounds.rank for each in made])
        assert len(made) == 12
    found = sum(in_rank(each) for each in ranks)
    ways = (found, sum(66 - in_rank(each) for each in ranks))
    assert luck(max(ways), lambda: sum(in_rank(chance.sample(each, 12)) for each in ranks)) > LUCKY


def in_rank(ranks: Sequence[int]) -> int:
    """Count the pairs of which the better one comes first."""
    return sum(one < other for number, one in enumerate(ranks) for other in ranks[number + 1 :])


async def test_no_answer_names_a_trainer_or_an_employer(world: World) -> None:
    everything = "".join(world.raw)
    assert not [name for name in (*world.names, str(COMPANY)) if name in everything]


async def test_a_filter_or_a_proposal_by_a_known_trainer_says_nothing(world: World) -> None:
    """Somebody known from elsewhere gets the same answer as nobody."""
    asked, known, nobody = world.vacancies[0], world.names[0], str(uuid7())
    answers = []
    for name in (known, nobody):
        headers = world.matching.headers(org=SCHOOL, write=True)
        found = await world.matching.client.get(f"/proposals?trainerId={name}", headers=headers)
        path = f"/vacancies/{asked.vacancy_id}/proposals"
        refused = await world.matching.client.post(path, headers=headers, json={"candidateId": name})
        answers.append((found.status_code, found.text, refused.status_code, refused.text.replace(name, "…")))
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][2]) == (200, 404)


async def test_an_earlier_contract_helps_nobody_recognise_the_trainer(world: World) -> None:
    """After some were revealed, later vacancies show nothing by which they are known again."""
    first = world.vacancies[0]
    proposals = await read(world, f"/proposals?vacancyId={first.vacancy_id}&status=proposed")
    for proposal in proposals[:6]:
        for party, token in (
            ("school", {"org": SCHOOL}),
            ("trainer", {"org": None, "role": "trainer", "trainer": (await trainer_of(world, proposal["id"]))}),
            ("company", {"org": COMPANY, "role": "company"}),
        ):
            if party in proposal["asked"]:
                path = f"/proposals/{proposal['id']}/consents/{party}"
                response = await world.matching.client.put(path, headers=world.matching.headers(**token))
                assert response.status_code == 200, response.text
    known = await read(world, f"/proposals?vacancyId={first.vacancy_id}&status=accepted")
    assert {each["trainerId"] for each in known} <= set(world.names)
    assert len(known) == 6
    later = vacancy(places=12, location_id=uuid7())
    await world.matching.hear(later)
    seen, chance = await look(world, later), random.Random(4)
    ours = [Sighting(each["trainerId"], 0, [{"proposals": each}]) for each in known]
    guesses = link(ours, seen, chance)
    found = recognised(ours, [one.truth for one in seen], guesses)
    assert luck(found, lambda: recognised(ours, shuffled(seen, chance), guesses)) > LUCKY
    listed = {item["candidateId"] for item in await read(world, f"/vacancies/{first.vacancy_id}/ranking")}
    assert not listed & {each["candidateId"] for each in known}, "who is known is no candidate there any more"


async def trainer_of(world: World, proposal_id: str) -> str:
    found = await world.matching.proposals_for(world.vacancies[0].vacancy_id)
    return next(str(each.trainer_id) for each in found if each.id == UUID(proposal_id))


# -- the attacker can win --------------------------------------------------------------------------------------------


async def test_the_attacker_finds_every_home_where_rankings_are_as_they_were(world: World) -> None:
    seen = [await as_it_was(world, asked) for asked in world.vacancies]
    found, probability = located(seen, world.homes)
    assert (found, probability < FOUND) == (CROWD, True)
    assert followed(seen) < FOUND


def _experience(world: World, one: Sighting) -> Any:
    trainer = next(each for each in world.trainers if str(each.trainer_id) == one.truth)
    return {"experienceYears": trainer.experience_years}


def _hash(world: World, one: Sighting) -> Any:
    return {"deep": [{"token": base64.b64encode(one.truth.encode()).decode()}]}


@pytest.mark.parametrize("adds", [_experience, _hash])
async def test_a_new_field_by_which_somebody_is_known_again_is_found(
    world: World, adds: Callable[[World, Sighting], Any]
) -> None:
    seen = [[Sighting(one.truth, one.place, [*one.seen, adds(world, one)]) for one in each] for each in world.seen]
    assert followed(seen) < FOUND


async def test_an_order_by_which_somebody_is_known_again_is_found(world: World) -> None:
    by_id = [sorted(seen, key=lambda one: one.truth) for seen in world.seen]
    seen = [[Sighting(one.truth, place / CROWD, one.seen) for place, one in enumerate(each)] for each in by_id]
    assert followed(seen) < FOUND
    assert registered(seen[0], world.names) < FOUND
