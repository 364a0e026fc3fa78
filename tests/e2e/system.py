"""The whole system in this process, on real PostgreSQL and either log, played through its public APIs."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from common.decision import MissingDependency
from common.messaging.log import Record
from common.messaging.logs import open_log
from common.runtime.settings import Settings, load
from common.web.auth import Verifier
from demo import journey
from demo.cast import Calendar, Cast
from demo.journey import Step
from demo.receiver import Receiver, receiving
from demo.stage import Expected, Outcome, Stage
from hto.addresses import Addresses
from hto.client import Client
from hto.issuer import Issuer, create_issuer
from hto.process import Process, migrate, process, serving
from hto.reference import seed
from hto.services import NAMES, all_scopes, all_services
from tests.support.containers import Kafka
from tests.support.postgres import Postgres, free_port
from tests.support.written import written

_towns = itertools.count()


@dataclass
class System:
    """All five services, running."""

    settings: Settings
    running: Process
    client: Client
    receiver: Receiver
    issuer: Issuer

    def stage(self, cast: Cast | None = None) -> Stage:
        """A stage for one more journey, in a town of its own: other journeys' trainers live too far away."""
        calendar = Calendar.ending(datetime.now(UTC))
        return Stage(self.client, cast or Cast(calendar=calendar, number=next(_towns)), self.receiver)

    def with_another_trainer(self, on: Stage) -> Stage:
        """The same school and company, and a colleague."""
        fresh = Cast(calendar=on.cast.calendar)
        return self.stage(replace(on.cast, trainer=fresh.trainer, qualification=fresh.qualification))

    async def records(self) -> list[Record]:
        """Everything that stands on the event log now."""
        event_log = open_log(self.settings.log_admin())
        topics = [topic.name for service in all_services() for topic in service.topics]
        subscription = await event_log.subscribe(topics, group=None)
        found: list[Record] = []
        try:
            quiet = 0
            while quiet < 3:
                records = await subscription.poll(limit=1000, wait=0.3)
                found += records
                quiet = 0 if records else quiet + 1
        finally:
            await subscription.close()
            await event_log.stop()
        return found

    async def everything_written(self) -> dict[str, str]:
        """Every row of every table of every service, as text: to look for what must not be there."""
        return {
            f"{name}.{table}": rows
            for name in NAMES
            for table, rows in (await written(self.settings.database_of(name))).items()
        }


def _on_postgresql(server: Postgres, database: str) -> dict[str, object]:
    owner = server.address(database)
    parts = urlsplit(owner)
    each = parts._replace(netloc=f"hto_{{service}}@{parts.hostname}:{parts.port}").geturl()
    return {"log_url": each, "log_password": "geheim", "log_admin_url": owner}


def _on_kafka(broker: Kafka) -> dict[str, object]:
    each, admin = broker.login("hto_{service}", "geheim"), broker.administrator
    return {
        "log_url": each.url,
        "log_password": each.password,
        "log_ca_file": str(each.ca_file),
        "log_admin_url": admin.url,
        "log_admin_certificate_file": str(admin.certificate_file),
    }


@asynccontextmanager
async def system(server: Postgres, folder: Path, broker: Kafka | None) -> AsyncIterator[System]:
    """Start it on fresh databases; without a broker the log is in a sixth one.

    On either log each service has a login of its own, so that the journey shows that its rights are enough.
    """
    prefix, port = f"e2e{free_port()}", free_port()
    databases = [*(f"{prefix}_{name}" for name in NAMES), f"{prefix}_log"]
    await asyncio.to_thread(server.server.create_databases, databases)
    async with receiving("127.0.0.1", 0) as receiver:
        settings = load(
            database_url=server.address(f"{prefix}_{{service}}"),
            **(_on_kafka(broker) if broker else _on_postgresql(server, f"{prefix}_log")),
            mail_url=f"folder://{folder / 'mail'}",
            issuers=(f"http://localhost:{port}/issuer",),
            public_url=f"http://localhost:{port}",
            data_dir=folder,
            port=port,
            test_clock=True,
            rate_limit="100000/minute",
            webhook_allow=(f"127.0.0.1:{receiver.port}",),
        )
        await migrate(settings, all_services())
        await seed(settings)
        issuer = create_issuer(settings, scopes=all_scopes())
        verifier = Verifier({issuer.url: issuer.keys}, audience=settings.audience)
        async with process(settings, all_services(), api=True, worker=True, verifier=verifier) as running:
            for one in running.services.values():
                await _ready(one.ready)
            site = running.site({"/issuer": issuer.app()})
            async with (
                serving(site, host="127.0.0.1", port=port) as address,
                Client(Addresses.of(address), folder / "issuer") as client,
            ):
                yield System(settings, running, client, receiver, issuer)


async def _ready(check: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await check()
            except MissingDependency:
                await asyncio.sleep(0.05)
            else:
                return


async def through(on: Stage, *steps: Step) -> None:
    """Take these steps of the journey, and wait for what each must lead to."""
    for step in steps:
        await see(on, await step(on))


async def see(on: Stage, outcome: Outcome) -> None:
    """Wait until the expected event is seen."""
    if isinstance(outcome, Expected):
        await on.happened(outcome)


async def at_the_beginning(on: Stage) -> None:
    """Time is the Monday on which the journey begins, and everybody takes part."""
    await through(
        on,
        journey.time_goes_back,
        journey.the_school_registers,
        journey.the_school_is_confirmed,
        journey.the_company_registers,
        journey.the_company_is_confirmed,
    )


TRAINER = (
    journey.a_technician_applies,
    journey.the_trainer_confirms,
    journey.the_trainer_consents,
    journey.the_trainer_makes_an_offer,
    journey.the_trainer_claims_a_qualification,
    journey.the_desk_verifies_it,
    journey.the_desk_sees_the_vog,
    journey.the_company_agrees,
    journey.the_trainer_is_available,
)
"""A technician becomes a trainer."""
PROPOSED = (journey.the_school_asks, journey.matching_proposes_the_best)
ACCEPTED = (
    journey.consents("trainer", "The trainer"),
    journey.consents("school", "The school"),
    journey.consents("company", "The company"),
    journey.all_agreed,
)
OFFERED = (journey.a_contract_is_drafted, journey.it_is_offered, journey.the_parties_read_it)
SIGNED = (
    journey.signs("school", "The school"),
    journey.signs("trainer", "The trainer"),
    journey.signs("company", "The company"),
    journey.it_binds,
    journey.the_vacancy_is_filled,
)
TAUGHT = (
    journey.the_first_day_comes,
    journey.the_work_begins,
    journey.teaches(0),
    journey.approves(0),
)


async def settled(on: Stage, *, quiet: float = 1.0) -> list[dict[str, Any]]:
    """The case's steps, once nothing more has come for a while."""
    steps = await on.steps(on.cast.vacancy)
    while True:
        await asyncio.sleep(quiet)
        more = await on.steps(on.cast.vacancy)
        if len(more) == len(steps):
            return more
        steps = more


async def days_pass(on: Stage, days: float) -> None:
    """Move business time on."""
    await on.clock.read()
    await on.clock.set(on.clock.offset + timedelta(days=days))
