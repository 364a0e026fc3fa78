"""As a worker runs it: over the event log, with its own loops, to the folder and the partner; and what it forgets."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from common.messaging.log import Topic
from common.messaging.pglog import PostgresLog
from common.persistence.migrations import runner
from common.persistence.transaction import Tx
from common.runtime.settings import Settings
from common.service.runtime import ServiceRuntime
from events.contracts import ContractSigned
from events.matching import ProposalMade
from events.registry import ContactState, TrainerAnonymised, TrainerAvailable, VacancyPosted
from notifications.app import service
from notifications.endpoint import tables as endpoint_tables
from notifications.endpoint.usecases import endpoints
from notifications.endpoint.usecases import retention as endpoint_retention
from notifications.endpoint.usecases.asking import Questions
from notifications.endpoint.usecases.delivering import Deliverer
from notifications.feed import tables as feed_tables
from notifications.message import tables as message_tables
from notifications.message.channels.mail import FolderChannel, channel_of
from notifications.message.usecases import retention
from tests.integration.notifications.at_work import Cast, Notifications, Receiver, rounds, webhooks
from tests.support.migrations import differences
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, running, teller

NAMES = ["registry", "matching", "notifications", "operations"]


async def test_an_event_committed_elsewhere_arrives_by_mail_and_by_webhook(
    fresh_database: FreshDatabase, partner: Receiver, tmp_path: Path
) -> None:
    event_log = PostgresLog(await fresh_database())
    await event_log.create_topics([*teller().topics, *service.topics])
    extra = [
        Topic(name=ContactState.topic, partitions=6, compacted=True),
        Topic(name="hto.registry.policies", partitions=1, compacted=True),
    ]
    await event_log.create_topics([*extra, *(Topic(name=f"hto.{name}.events", partitions=6) for name in NAMES)])
    url = await fresh_database()
    await runner.upgrade(service, url)
    settings = Settings(
        database_url=url, log_url=url, data_dir=tmp_path, webhook_allow=(partner.address,), test_clock=True
    )
    here = ServiceRuntime(service, settings, event_log, NAMES)
    cast = Cast()
    async with running(teller(), await fresh_database(), event_log) as there:
        try:
            async with here.database.begin(actor="test") as tx:
                await endpoints.register(
                    tx,
                    owner_id=cast.location,
                    url=f"{partner.url}/hook",
                    event_types=("vacancy.posted",),
                    right_form=True,
                )
            await here.start(worker=True)
            await there.start(worker=True)
            async with there.database.begin(actor="test") as tx:
                tx.publish(cast.event(VacancyPosted))  # before anybody knows whom to write to
                tx.publish(cast.event(TrainerAvailable))
                for role in ("trainer", "school"):
                    tx.publish(cast.contact(role))

            async def arrived() -> bool:
                files = list((tmp_path / "mail").glob("*.eml")) if (tmp_path / "mail").exists() else []
                return len(files) == 2 and len(partner.got) == 1

            await eventually(arrived)
            assert partner.got[0].event["type"].endswith("vacancy.posted.v2")
            async with there.database.begin(actor="test") as tx:
                tx.publish(TrainerAnonymised(trainer_id=cast.trainer))

            async def only_the_schools_is_left() -> bool:
                return [("trainer@" in path.read_text()) for path in (tmp_path / "mail").glob("*.eml")] == [False]

            await eventually(only_the_schools_is_left)
        finally:
            await here.stop()
            await event_log.stop()


async def test_the_migrations_go_up_down_and_up_again(fresh_database: FreshDatabase) -> None:
    url = await fresh_database()
    await runner.upgrade(service, url)
    assert await differences(service, url) == []
    await runner.downgrade(service, url)
    await runner.upgrade(service, url)
    assert await differences(service, url) == []


async def _keep_for(at_work: Notifications, *, content_days: int) -> None:
    await at_work.rule("retention.message_content", {"contentDays": content_days, "metadataDays": 365})


async def _tidy(tx: Tx) -> int:
    """All that an hour forgets."""
    parts = (*retention.PURGES[:1], *endpoint_retention.PURGES)
    return sum([await part(tx) for part in parts])


@pytest.fixture
def folder(at_work: Notifications) -> FolderChannel:
    channel = channel_of(at_work.settings)
    assert isinstance(channel, FolderChannel)
    return channel


async def _letters(at_work: Notifications) -> list[str]:
    """Whom the letters in the folder went to."""
    paths = sorted((at_work.settings.data_dir / "mail").glob("*.eml"))
    return sorted(str(message_from_bytes(path.read_bytes(), policy=default)["To"].addresses[0]) for path in paths)


async def test_letters_of_who_is_erased_and_those_that_name_them_leave_the_folder(
    at_work: Notifications, folder: FolderChannel
) -> None:
    erased, other = Cast(), Cast()
    await at_work.meet(erased)
    await at_work.meet(other)
    for cast in (erased, other):
        await at_work.hear(cast.event(ContractSigned), source="contracts")
        assert await at_work.send(folder) == 3
    # Who posts a vacancy is told so; that letter names no trainer.
    await at_work.hear(erased.event(VacancyPosted))
    assert await at_work.send(folder) == 1
    stray = at_work.settings.data_dir / "mail" / "notes.txt"
    stray.write_text("not a letter")
    message = next(row for row in await at_work.rows(message_tables.messages) if row.recipient_id == erased.trainer)
    partial = at_work.settings.data_dir / "mail" / f".{message.id}.17.partial"
    partial.write_text("half of a letter")
    assert await retention.clear(at_work.database, folder) == 0
    before = await retention.erased(at_work.database)
    await at_work.hear(TrainerAnonymised(trainer_id=erased.trainer))
    assert await retention.erased(at_work.database) == before + 1
    assert await retention.clear(at_work.database, folder) == 4
    assert len(await _letters(at_work)) == 4
    assert not partial.exists()
    assert stray.exists()


@pytest.mark.parametrize(("content_days", "left"), [(90, 1), (30, 0)])
async def test_a_letter_leaves_the_folder_with_what_its_message_said(
    at_work: Notifications, folder: FolderChannel, content_days: int, left: int
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))
    assert await at_work.send(folder) == 1
    await _keep_for(at_work, content_days=content_days)
    at_work.pass_time(days=60)
    async with at_work.database.begin(actor="test") as tx:
        await _tidy(tx)
    assert await retention.clear(at_work.database, folder) == 1 - left
    assert len(await _letters(at_work)) == left


async def test_a_folder_that_no_letter_has_made_yet_is_nothing_to_clear(
    at_work: Notifications, folder: FolderChannel
) -> None:
    assert await retention.clear(at_work.database, folder) == 0


async def test_a_letters_text_is_purged_before_its_record_and_unsent_letters_stay(
    at_work: Notifications, partner: Receiver
) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.register(cast.board, f"{partner.url}/hook", "contract.signed")
    await at_work.register(cast.board, "https://nowhere.invalid/", "proposal.made")
    async with webhooks(partner.address) as channel:
        await Questions(at_work.database, channel).run_due()
        await at_work.hear(cast.event(ContractSigned), source="contracts")
        await rounds(Deliverer(at_work.database, channel))
    await at_work.hear(cast.event(ProposalMade, asked=["school"]), source="matching")
    await at_work.run("UPDATE messages SET status = 'sent', ended_at = planned_at WHERE template = 'contract-signed'")
    await _keep_for(at_work, content_days=90)

    async def tidied() -> tuple[int, list[bool], int, int]:
        async with at_work.database.begin(actor="test") as tx:
            rows = await _tidy(tx)
        said = [bool(row.facts) for row in await at_work.rows(message_tables.messages)]
        kept = await at_work.rows(endpoint_tables.deliveries), await at_work.rows(feed_tables.feed)
        return rows, sorted(said), len(kept[0]), len(kept[1])

    at_work.pass_time(days=89)
    assert await tidied() == (0, [True] * 4, 2, 5)
    at_work.pass_time(days=2)
    assert await tidied() == (3, [False] * 3 + [True], 2, 5)
    at_work.pass_time(days=300)
    rows, said, deliveries, feed = await tidied()
    assert (said, deliveries, feed) == ([True], 1, 1)
    assert rows == 8


async def test_an_outage_of_the_database_costs_no_delivery(at_work: Notifications, partner: Receiver) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.register(cast.board, f"{partner.url}/hook")
    async with webhooks(partner.address) as channel:
        await Questions(at_work.database, channel).run_due()
        await at_work.hear(cast.event(ContractSigned), source="contracts")
        held = partner.hold()
        delivering = asyncio.create_task(Deliverer(at_work.database, channel).run_due())
        await held.arrived.wait()
        await at_work.run("ALTER TABLE deliveries RENAME TO away")
        held.go_on.set()

        async def taken() -> bool:
            return len(partner.got) == 1

        await eventually(taken)
        await at_work.run("ALTER TABLE away RENAME TO deliveries")
        await delivering
    assert len(partner.got) == 1
    assert [row.status for row in await at_work.rows(endpoint_tables.deliveries)] == ["delivered"]
