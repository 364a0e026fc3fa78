"""Over the event log: what registry says elsewhere becomes a proposal here, and what is told here is on the log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from common.clock import business_day
from common.messaging.log import EventLog, Topic
from common.persistence.migrations import runner
from common.service.runtime import ServiceRuntime
from events import modernise
from events.matching import ProposalMade, VacancyWaiting
from events.registry import ContactState, ProfileState
from matching.app import service
from matching.profile.store import profiles
from tests.conformance.quick import quick_log
from tests.support.asking import profile, vacancy
from tests.support.at_work import seed_policies
from tests.support.containers import Kafka, a_broker
from tests.support.plumbing import policy_row
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, make_tables, settings_for, teller


@dataclass
class Pair:
    registry: ServiceRuntime
    matching: ServiceRuntime
    log: EventLog


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    with a_broker() as broker:
        yield broker


@pytest.fixture(params=["postgresql", pytest.param("kafka", marks=pytest.mark.containers)])
async def pair(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> AsyncIterator[Pair]:
    on_kafka = request.param == "kafka"
    log = quick_log(
        f"kafka://localhost:{request.getfixturevalue('kafka').port}" if on_kafka else await fresh_database()
    )
    others = [Topic(name=f"hto.{name}.events", partitions=6) for name in ("contracts", "notifications", "operations")]
    states = [Topic(name=state.topic, partitions=6, compacted=True) for state in (ProfileState, ContactState)]
    policies = Topic(name="hto.registry.policies", partitions=1, compacted=True)
    registry = Topic(name="hto.registry.events", partitions=6)
    await log.create_topics([registry, *service.topics, *others, *states, policies])
    names = ["registry", "matching", "contracts", "notifications", "operations"]
    here = ServiceRuntime(teller(), settings_for(await fresh_database(), "postgresql://unused/unused"), log, names)
    await make_tables(here.database)
    url = await fresh_database()
    await runner.upgrade(service, url)
    there = ServiceRuntime(service, settings_for(url, "postgresql://unused/unused"), log, names)
    await seed_policies(there.database)
    try:
        yield Pair(here, there, log)
    finally:
        await there.stop()
        await here.stop()
        await log.stop()


async def test_a_vacancy_and_a_trainer_find_each_other_over_the_log(pair: Pair) -> None:
    """The trainer wants too few minutes until a rule lets them be enough: then the vacancy is searched for again."""
    asked, comes = vacancy(), profile(desired_minutes_per_week=60)
    await pair.registry.start(worker=True)
    await pair.matching.start(worker=True)
    async with pair.registry.database.begin(actor="test") as tx:
        tx.publish(asked, case=asked.vacancy_id)
    subscription = await pair.log.subscribe([service.topics[0].name], group=None)
    told = list[object]()

    async def waiting() -> bool:
        for record in await subscription.poll(limit=100, wait=0.1):
            told.append(modernise(record.headers["ce_type"], record.value or b""))
        return any(isinstance(event, VacancyWaiting) for event in told)

    await eventually(waiting)
    async with pair.registry.database.begin(actor="test") as tx:
        tx.publish(comes, case=comes.trainer_id)

    async def known() -> bool:
        async with pair.matching.database.begin(actor="test") as tx:
            return await profiles.profile(tx, comes.trainer_id) is not None

    await eventually(known)
    async with pair.matching.database.begin(actor="test") as tx:
        fit = (await tx.policies()).on("matching.fit", tx.today)
    day = business_day(pair.matching.database.clock.now())
    async with pair.registry.database.begin(actor="test") as tx:
        tx.publish(policy_row("matching.fit", day, fit.version + 1, {**fit.value, "ownMinutesShare": 100}))

    async def proposed() -> bool:
        await waiting()
        return any(isinstance(event, ProposalMade) and event.trainer_id == comes.trainer_id for event in told)

    await eventually(proposed)
    await subscription.close()
