"""Whoever had an address hears that it was changed, and is then forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from common.persistence.transaction import uuid7
from events.registry import TrainerAnonymised, TrainerAvailable
from notifications.message import tables
from notifications.message.channels.mail import SmtpChannel, Tls
from notifications.message.usecases import retention
from notifications.tables import metadata
from tests.integration.notifications.at_work import Cast, Notifications
from tests.integration.notifications.message.test_letters_sent import Box, mail_server, words

NEW = "elsewhere@example.org"
LETTER = ("address-changed", "trainer")


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    async with mail_server(Box()) as found:
        yield found


@pytest.fixture
def smtp(box: Box) -> SmtpChannel:
    return SmtpChannel(host="127.0.0.1", port=box.port, tls=Tls.OPPORTUNISTIC)


async def test_the_former_address_of_a_person_hears_of_a_change_and_nobody_else_does(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    """Seen red: no letter was planned."""
    cast = Cast()
    await at_work.hear(cast.contact("trainer", language="en"))
    await at_work.hear(cast.contact("trainer", email=NEW, name="Somebody Else", contactName="Somebody Else"))
    assert await at_work.send(smtp) == 1
    (mail,) = box.mails
    assert (mail["To"], mail["Subject"]) == ("trainer@example.org", "Your mail address was changed")
    assert "Was that not you?" in words(mail)
    assert "help@hto.example" in words(mail)
    assert not any(word in mail.as_string() for word in (NEW, "elsewhere", "Somebody", "Petra"))
    (message,) = await at_work.rows(tables.messages)
    assert (message.status, message.recipient_id, message.facts) == ("sent", cast.trainer, {"parties": {}})
    assert "example.org" not in str([message, *await at_work.rows(metadata.tables["outbox"])])


async def test_the_same_address_is_no_change(at_work: Notifications) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer", email=None, contactName=None), cast.contact("trainer"))
    await at_work.hear(cast.contact("trainer", email="Trainer@Example.org"), cast.contact("trainer", name="P. Prik"))
    assert await at_work.messages() == {}


@pytest.mark.parametrize(("role", "called"), [("school", "school"), ("company", "company")])
async def test_the_former_contact_of_an_organisation_hears_of_it(
    at_work: Notifications, box: Box, smtp: SmtpChannel, role: str, called: str
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact(role), cast.contact(role, email=NEW))
    await at_work.hear(cast.contact(role, email=None, contactName=None))
    assert await at_work.send(smtp) == 2
    assert {mail["To"] for mail in box.mails} == {f"{role}@example.org", NEW}
    assert await at_work.messages() == {("address-changed", called): "sent"}


async def test_a_desk_hears_of_it_too(at_work: Notifications, box: Box, smtp: SmtpChannel) -> None:
    cast, desk = Cast(), {"party": None, "email": "desk@example.org"}
    await at_work.hear(cast.contact("company", **desk), cast.contact("company", **{**desk, "email": NEW}))
    assert await at_work.send(smtp) == 1
    assert await at_work.messages() == {("address-changed", "owner"): "sent"}


async def test_a_contact_of_many_locations_gets_one_letter_of_one_change(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    board, moment = uuid7(), at_work.database.clock.now()
    locations = [Cast(board=board, school=board) for _ in range(4)]
    for email, at in (("board@example.org", moment), (NEW, moment + timedelta(seconds=1))):
        states = [
            cast.contact("school", partyId=id_, boardId=board, email=email)
            for cast, id_ in [(locations[0], board), *((cast, cast.location) for cast in locations)]
        ]
        await at_work.hear(*states, at=at)
    await at_work.send(smtp)
    assert [mail["To"] for mail in box.mails] == ["board@example.org"]


async def test_an_address_is_forgotten_a_day_after_its_letter(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.rule("retention.former_address", {"daysAfterSending": 1})
    await at_work.hear(cast.contact("trainer"), cast.contact("trainer", email=NEW))

    async def left_after(**time: float) -> list[str]:
        at_work.pass_time(**time)
        async with at_work.database.begin(actor="test") as tx:
            await retention.purge_former_addresses(tx)
        return [row.address for row in await at_work.rows(tables.former_addresses)]

    assert await left_after(days=3) == ["trainer@example.org"]  # the letter has not gone out
    await at_work.send(smtp)
    assert await left_after(hours=20) == ["trainer@example.org"]
    assert await left_after(hours=5) == []
    assert len(box.mails) == 1


async def test_an_erased_trainer_has_no_former_address_and_gets_no_letter(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable), cast.contact("trainer", email=NEW))
    await at_work.hear(cast.event(TrainerAnonymised))
    assert await at_work.rows(tables.former_addresses) == []
    await at_work.send(smtp)
    assert box.mails == []
