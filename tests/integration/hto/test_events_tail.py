"""`hto events tail` on a log of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from common.messaging.log import Message, Topic
from common.messaging.pglog import PostgresLog
from common.runtime.log_login import LogLogin
from hto.cli import app
from hto.commands.events import _tail
from hto.services import NAMES
from tests.support.postgres import FreshDatabase

SECRET = "what the event says"


async def log_with(url: str, *messages: Message) -> None:
    log = PostgresLog(url)
    await log.create_topics(Topic(name=f"hto.{name}.events", partitions=2) for name in NAMES)
    await add(log, *messages)
    await log.stop()


async def add(log: PostgresLog, *messages: Message) -> None:
    producer = await log.producer("test")
    assert len(await producer.send(messages, within=10)) == len(messages)
    await producer.close()


def message(name: str, key: str, **attributes: str) -> Message:
    service = "matching" if name.startswith("proposal") else "registry"
    headers: Mapping[str, str] = {
        "ce_type": f"nl.hybride-techniekopleiders.{name}.v1",
        "ce_subject": f"{name.split('.', maxsplit=1)[0]}/{key}",
        "content-type": "application/json",
        **{f"ce_{attribute}": value for attribute, value in attributes.items()},
    }
    return Message(topic=f"hto.{service}.events", key=key, value=SECRET.encode(), headers=headers)


MESSAGES = (
    message("vacancy.posted", "v1", correlationid="case-1"),
    message("vacancy.changed", "v1", correlationid="case-1"),
    message("proposal.made", "p1", correlationid="case-1"),
)


async def test_a_line_shows_name_subject_and_case_of_an_event_and_never_its_payload(
    fresh_database: FreshDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await fresh_database()
    await log_with(url, *MESSAGES)
    await _tail(LogLogin(url=url), None, from_start=True, follow=False, as_json=False)
    out = capsys.readouterr().out
    assert sorted(line.split()[1] for line in out.splitlines()) == [
        "proposal.made.v1",
        "vacancy.changed.v1",
        "vacancy.posted.v1",
    ]
    assert out.index("vacancy.posted") < out.index("vacancy.changed"), "one key's events keep their order"
    assert all("v1" in line or "p1" in line for line in out.splitlines())
    assert out.count("case-1") == 3
    assert SECRET not in out


async def test_machines_get_one_document_per_line(
    fresh_database: FreshDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await fresh_database()
    await log_with(url, *MESSAGES)
    await _tail(LogLogin(url=url), ["hto.matching.events"], from_start=True, follow=False, as_json=True)
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert found["topic"] == "hto.matching.events"
    assert (found["key"], found["offset"], found["subject"]) == ("p1", 0, "proposal/p1")
    assert SECRET not in line


async def test_without_from_start_only_later_events_are_printed(
    fresh_database: FreshDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await fresh_database()
    await log_with(url, *MESSAGES)
    following = asyncio.create_task(_tail(LogLogin(url=url), None, from_start=False, follow=True, as_json=False))
    log, said = PostgresLog(url), ""
    try:
        while "trainer.left" not in said:
            assert not following.done()
            await add(log, message("trainer.left", "t1"))
            await asyncio.sleep(0.1)
            said += capsys.readouterr().out
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await log.stop()
    assert "vacancy.posted" not in said


async def test_a_topic_that_is_not_there_and_a_log_that_is_away_are_said(
    fresh_database: FreshDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await fresh_database()
    await log_with(url)

    def hto(*arguments: str) -> int:
        with pytest.raises(SystemExit) as end:
            app(["events", "tail", "--no-follow", *arguments])
        return int(end.value.code or 0)

    assert await asyncio.to_thread(hto, "--log-url", url, "--topic", "hto.payroll.events") == 2
    assert "hto.payroll.events" in capsys.readouterr().err
    assert await asyncio.to_thread(hto, "--log-url", "postgresql://nobody@127.0.0.1:1/none") == 1
    assert "does not answer" in capsys.readouterr().err
