"""A curious school reads every route of every service: before everybody agreed it learns of nobody who it is."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

import httpx2
import pytest
from pydantic.alias_generators import to_camel
from starlette.routing import Route

from common.persistence.transaction import uuid7
from demo import journey
from demo.cast import Cast
from demo.stage import Stage
from hto.client import Who
from hto.services import NAMES
from matching.ranking.model.blindness import Viewer
from matching.ranking.store import blind
from operations.console.app import Console
from operations.console.session import COOKIE
from tests.e2e.own_routes import own_routes
from tests.e2e.system import TRAINER, System, at_the_beginning, see
from tests.integration.matching.blindness_attacker import FOUND, LUCKY, Sighting, followed

CROWD: Final = 64
PLACES: Final = 8
AT_ONCE: Final = 8
_NOT_THERE: Final = (
    *("contractId", "assignmentId", "lineId", "qualificationId", "endpointId", "messageId"),
    *("parkedId", "changeId", "moveId"),
    *(to_camel(name) for own in own_routes() for name in own.not_of_a_school),
)
"""Of these a school has none before everybody agreed, or they are not its own."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


@dataclass(frozen=True)
class Applying:
    """When people applied: in real and in business time."""

    since: tuple[datetime, datetime]
    until: tuple[datetime, datetime]

    def real(self, milliseconds: int) -> bool:
        """Whether it was while people applied, by the machine's clock; a whole day is no moment."""
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds % 86_400_000 else None
        return moment is not None and self.since[0] - timedelta(milliseconds=1) <= moment < self.until[0]

    def business(self, moment: datetime) -> bool:
        """Whether it was while people applied, by the services' clock."""
        return self.since[1] <= moment < self.until[1]


@dataclass
class World:
    """Sixty-four trainers, three vacancies of one school, and all that this school was ever answered."""

    system: System
    on: Stage
    crowd: list[Cast]
    applying: Applying
    vacancies: list[UUID]
    truths: dict[str, str] = field(default_factory=dict)
    """Whom candidate and proposal ids are of; only the referee knows."""
    answers: dict[str, str] = field(default_factory=dict)
    """Of the school, by address."""
    employers: dict[str, str] = field(default_factory=dict)
    """Of the company that they all work for."""
    strangers: dict[str, str] = field(default_factory=dict)
    """Of another company."""

    @property
    def trainers(self) -> list[str]:
        return [str(each.trainer) for each in self.crowd]


@pytest.fixture(scope="module")
async def world(on_postgresql: System) -> World:
    on = on_postgresql.stage()
    await at_the_beginning(on)
    await on.quiet()
    dice, since = random.Random(64), now(on_postgresql)
    crowd = [replace(on.cast, trainer=uuid7(), qualification=uuid7()) for _ in range(CROWD)]
    turns = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(register(on_postgresql, each, turns, dice.randrange(12)) for each in crowd))
    await on.quiet()
    applying = Applying(since, now(on_postgresql))
    await on.school.post("/notifications/v1/webhook-endpoints", on.cast.subscription(on_postgresql.receiver.url))
    found = World(on_postgresql, on, crowd, applying, [uuid7() for _ in range(3)])
    for each in found.vacancies:
        await on.portal.put(f"/registry/v1/vacancies/{each}", {**on.cast.question, "places": PLACES})

    async def all_asked() -> bool:
        return all([len(await proposals_of(found, each)) >= PLACES for each in found.vacancies])

    await on.until("each place has somebody who is asked", all_asked)
    await on.until("the last question is in its case", lambda: in_cases(found))
    await found_out(found)
    proposals = [one for each in found.vacancies for one in await proposals_of(found, each)]
    found.answers = await read_everything(found, on.cast.as_school, known_to_a_school(found, proposals))
    for number, one in enumerate(on_postgresql.receiver.deliveries):
        found.answers[f"webhook {number}"] = one.body.decode() + str(one.headers)
    of_a_company = {"organisationId": [str(on.cast.company)], "trainerId": found.trainers[:3]}
    known = {**known_to_a_school(found, proposals), **of_a_company}
    found.employers = await read_everything(found, on.cast.as_company, known)
    stranger = on_postgresql.stage()
    await see(stranger, await journey.the_company_registers(stranger))
    await see(stranger, await journey.the_company_is_confirmed(stranger))
    known["organisationId"].append(str(stranger.cast.company))
    found.strangers = await read_everything(found, stranger.cast.as_company, known)
    return found


def now(system: System) -> tuple[datetime, datetime]:
    """The real and the business moment."""
    return datetime.now(UTC), system.running.services["registry"].database.clock.now()


async def register(system: System, cast: Cast, turns: asyncio.Semaphore, years: int) -> None:
    """Somebody becomes a trainer, as in the journey; nothing waits for what follows from it."""
    on, trainer = system.stage(cast), f"/registry/v1/trainers/{cast.trainer}"
    async with turns:
        for step in TRAINER:
            if step is journey.the_trainer_makes_an_offer:
                offer = {**cast.profile, "experienceYears": years}
                await on.trainer.change(f"{trainer}/profile", offer, of=trainer)
            else:
                await step(on)


async def proposals_of(world: World, vacancy: UUID) -> list[dict[str, Any]]:
    return [one async for one in world.on.school.all("/matching/v1/proposals", vacancyId=vacancy, limit=500)]


async def in_cases(world: World) -> bool:
    """Whether operations has heard of every proposal, and the school's webhook as well."""
    delivered = [one.event for one in world.system.receiver.deliveries]
    for vacancy in world.vacancies:
        steps = [one["event"] for one in await world.on.steps(vacancy)]
        sent = [one for one in delivered if one["data"].get("vacancyId") == str(vacancy)]
        if steps.count("proposal.made") < PLACES or len([one for one in sent if "made" in one["type"]]) < PLACES:
            return False
    return True


async def found_out(world: World) -> None:
    """Let the referee note whom candidate ids and proposals are of."""
    database = world.system.running.services["matching"].database
    async with database.begin(actor="test") as tx:
        names = await blind.pseudonyms(tx)
        for vacancy in world.vacancies:
            for trainer in world.trainers:
                viewer: Viewer = ("school", str(world.on.cast.school))
                world.truths[str(names.of(vacancy, 1, viewer, UUID(trainer)))] = trainer
    for vacancy in world.vacancies:
        for one in await proposals_of(world, vacancy):
            world.truths[one["id"]] = world.truths[one["candidateId"]]


# -- what a school has, and every address it can make of it ----------------------------------------------------------


def known_to_a_school(world: World, proposals: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What it has by the name that a path gives it. A new kind of id: say here what a school has of it."""
    cast = world.on.cast
    return {
        "organisationId": [str(one) for one in (cast.board, cast.school, cast.location)],
        "vacancyId": [str(one) for one in world.vacancies],
        "proposalId": [one["id"] for one in proposals],
        "rankingId": sorted({one["rankingId"] for one in proposals}),
        "candidateId": sorted({one["candidateId"] for one in proposals})[:3],
        "caseId": [str(one) for one in (*world.vacancies, cast.location)],
        "trainerId": world.trainers[:1],
        "region": [cast.region],
        "code": ["vat.rates"],
        "validFrom": ["2026-01-01"],
        **{name: [str(uuid7())] for name in _NOT_THERE},
    }


async def read_everything(world: World, who: Who, known: dict[str, list[str]]) -> dict[str, str]:
    """Get every address of every service; return the answers with what their headers tell."""
    token, answers = await world.on.client.token(who), dict[str, str]()
    async with httpx2.AsyncClient(base_url=world.system.settings.public_url, trust_env=False) as client:
        for name in NAMES:
            for path in addresses(await document_of(client, name), known):
                where = f"/{name}/v1{path}"
                answers[where] = await answer(client, where, {"Authorization": f"Bearer {token}"})
        for path in console_pages(world, known):
            answers[path] = await answer(client, path, {"Cookie": f"{COOKIE}={token}"})
    return answers


async def document_of(client: httpx2.AsyncClient, name: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/{name}/v1/openapi.json")).json()
    return found


async def answer(client: httpx2.AsyncClient, address: str, headers: dict[str, str]) -> str:
    """What one address answers, its headers included; all pages of it."""
    text, cursor = "", ""
    while True:
        response = await client.get(f"{address}{cursor}", headers=headers)
        assert response.status_code < 500, (address, response.text)
        told = {key: value for key, value in response.headers.items() if key not in {"date", "content-length"}}
        text += f"{response.text}\n{json.dumps(told)}\n"
        following = response.json().get("nextCursor") if "json" in told.get("content-type", "") else None
        if not following:
            return text
        cursor = f"?cursor={following}"


def addresses(document: Mapping[str, Any], known: Mapping[str, list[str]]) -> Iterator[str]:
    """Every GET of a service with what the school knows filled in."""
    for path, operations in document["paths"].items():
        if "get" in operations:
            yield from filled(path, known)


def filled(path: str, known: Mapping[str, list[str]]) -> Iterator[str]:
    name = path.partition("{")[2].partition("}")[0]
    if not name:
        yield path
        return
    assert name in known, f"{path} asks for {name}: say what a school has of it"
    for value in known[name]:
        yield from filled(path.replace(f"{{{name}}}", value), known)


def console_pages(world: World, known: Mapping[str, list[str]]) -> Iterator[str]:
    """Every page of the console that is read; its stream of changes answers with what the others do."""
    pages = Console(SimpleNamespace(settings=world.system.settings)).app().routes  # type: ignore[arg-type]
    names = {"{case_id:uuid}": "{caseId}", "{parked_id:uuid}": "{parkedId}"}
    for page in pages:
        if isinstance(page, Route) and "GET" in (page.methods or ()):
            path = page.path
            for theirs, ours in names.items():
                path = path.replace(theirs, ours)
            for one in filled(path, known):
                yield f"/console{one}"


# -- the attacks -----------------------------------------------------------------------------------------------------


async def test_every_service_and_the_console_were_asked(world: World) -> None:
    """The attack is worth something: the school sees all who fit, its cases, its feed and its webhooks."""
    asked = {where.split("/")[1] for where in world.answers if where.startswith("/")}
    assert asked == {*NAMES, "console"}
    assert len(world.answers) > 100
    for vacancy in world.vacancies:
        ranking = world.answers[f"/matching/v1/vacancies/{vacancy}/ranking"]
        assert len({id_ for id_ in world.truths if id_ in ranking}) == CROWD
        assert "proposal.made" in world.answers[f"/operations/v1/cases/{vacancy}/steps"]
    assert "proposal.made" in world.answers["/notifications/v1/events"]
    assert any("proposal.made" in said for where, said in world.answers.items() if where.startswith("webhook"))


async def test_no_answer_names_anybody(world: World) -> None:
    cast = world.on.cast
    secrets = {*world.trainers, str(cast.company), cast.company_body["kvk"], cast.company_body["name"]}
    secrets |= {text for each in world.crowd for text in each.personal}
    secrets -= {world.trainers[0]}  # which the school asked for by itself
    assert [(where, secret) for where, said in world.answers.items() for secret in secrets if secret in said] == []


async def test_no_employer_reads_whose_proposal_it_is_before_the_trainer_consented(world: World) -> None:
    """It knows its people, and that somebody of them is proposed: nothing puts the two together."""
    cases = {str(one) for one in world.vacancies} | {id_ for id_ in world.truths if id_ not in world.trainers}
    shown = [one for said in world.employers.values() for one in objects(said) if "items" not in one]
    texts = [json.dumps(one) for one in shown]
    assert any(str(world.vacancies[0]) in text and "proposal" in text for text in texts), "it sees its proposals"
    assert any(world.trainers[1] in text for text in texts), "it sees its people"
    both = [text for text in texts if any(id_ in text for id_ in cases) and any(id_ in text for id_ in world.trainers)]
    assert both == []


async def test_another_company_reads_of_nobody(world: World) -> None:
    cast, asked_for = world.on.cast, set(world.trainers[:3])
    hidden = {*world.trainers, *(text for each in world.crowd for text in each.personal)} - asked_for
    told = [(where, id_) for where, said in world.strangers.items() for id_ in hidden if id_ in said]
    assert told == []
    answered = [where for where, said in world.strangers.items() if str(cast.company) in said]
    assert [where for where in answered if str(cast.company) not in where] == []


async def test_no_trainer_is_followed_from_one_vacancy_to_the_next_by_all_services_together(world: World) -> None:
    seen = [await sightings(world, vacancy) for vacancy in world.vacancies]
    assert [len(each) for each in seen] == [CROWD] * 3
    assert followed(seen) > LUCKY


async def test_an_attacker_who_knows_the_rank_follows_many(world: World) -> None:
    """The attack can win: a number that is the same at each vacancy is found, whatever its name."""
    seen = [await sightings(world, vacancy) for vacancy in world.vacancies]
    for each in seen:
        for one in each:
            one.seen.append({"deep": [{"weight": world.trainers.index(one.truth)}]})
    assert followed(seen) < FOUND


async def sightings(world: World, vacancy: UUID) -> list[Sighting]:
    """Every object of any answer in which a candidate or a proposal of this vacancy is named."""
    found = dict[str, Sighting]()
    mine = await ids_at(world, vacancy)
    for where, said in world.answers.items():
        kind = where.split(" ")[0].rpartition("/")[2]
        for one in objects(said):
            named = {value for value in one.values() if isinstance(value, str)} & mine.keys()
            for id_ in named:
                shown = found.setdefault(mine[id_], Sighting(mine[id_]))
                shown.seen.append({kind if "-" not in kind else "one": one})
    return list(found.values())


async def ids_at(world: World, vacancy: UUID) -> dict[str, str]:
    """Candidate and proposal ids of one vacancy."""
    proposals = await proposals_of(world, vacancy)
    listed = [id_ for id_ in world.truths if id_ in world.answers[f"/matching/v1/vacancies/{vacancy}/ranking"]]
    return {id_: world.truths[id_] for id_ in (*listed, *(one["id"] for one in proposals))}


def objects(said: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in a text, the inner ones as well."""
    reader = json.JSONDecoder()
    for line in said.splitlines():
        if line.startswith("{"):
            yield from inner(reader.raw_decode(line)[0])


def inner(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inner(each)


async def test_no_id_and_no_moment_shows_when_a_trainer_applied(world: World) -> None:
    """What is from before the question tells a day at most: ids hold real time, moments business time."""
    asked_for = {world.trainers[0]}
    assert finer_than_a_day(f'"{world.trainers[1]}"', world.applying)
    told = {where: finer_than_a_day(said, world.applying) - asked_for for where, said in world.answers.items()}
    assert {where: found for where, found in told.items() if found} == {}


def finer_than_a_day(said: str, applying: Applying) -> set[str]:
    """Ids and moments from the time in which people applied."""
    made = {str(id_) for id_ in ids_in(said) if id_.version == 7 and applying.real(id_.int >> 80)}
    moments = {text for text in _MOMENT.findall(said) if "T00:00:00" not in text}
    return made | {text for text in moments if applying.business(datetime.fromisoformat(text))}


def ids_in(said: str) -> set[Any]:
    found = set()
    for text in said.replace("\\", " ").replace('"', " ").replace("/", " ").replace("=", " ").split():
        if len(text) == 36 and text.count("-") == 4:
            found.add(UUID(text))
    return found


async def test_no_filter_and_no_path_knows_anybody(world: World) -> None:
    """Somebody known from elsewhere gets the same answer as nobody, wherever an id can be asked for."""
    cast, token = world.on.cast, await world.on.client.token(world.on.cast.as_school)
    hidden, nobody, different = (world.trainers[1], str(cast.company)), str(uuid7()), []
    async with httpx2.AsyncClient(base_url=world.system.settings.public_url, trust_env=False) as client:
        for name in NAMES:
            for path in id_questions(await document_of(client, name)):
                said = []
                for who in (*hidden, nobody):
                    address = f"/{name}/v1{path.replace('{}', who)}"
                    response = await client.get(address, headers={"Authorization": f"Bearer {token}"})
                    said.append((response.status_code, response.text.replace(who, "…")))
                if len(set(said)) > 1:
                    different.append((name, path, said))
    assert different == []


def id_questions(document: Mapping[str, Any]) -> Iterator[str]:
    """Every path and every filter into which one id fits; other parts of a path are somebody's that is not there."""
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            if '"uuid"' not in json.dumps(parameter["schema"]):
                continue
            if parameter["in"] == "path":
                asked = path.replace(f"{{{parameter['name']}}}", "{}")
            else:
                asked = f"{path}?{parameter['name']}={{}}"
            while "{" in asked.replace("{}", ""):
                name = asked.replace("{}", "").partition("{")[2].partition("}")[0]
                asked = asked.replace(f"{{{name}}}", str(UUID(int=7)))
            yield asked
