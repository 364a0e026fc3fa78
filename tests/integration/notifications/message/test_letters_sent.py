"""From an event to a letter in somebody's box: once, in their language, and blind until everybody agreed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from common.messaging.consumer.dispatch import Dispatch
from common.persistence.transaction import uuid7
from events import Event
from events.contracts import (
    ContractAmended,
    ContractCancelled,
    ContractDissolved,
    ContractDrafted,
    ContractExtensionExpired,
    ContractExtensionOffered,
    ContractOffered,
    ContractRefused,
    ContractReturned,
    ContractSigned,
    ContractSuspended,
    HoursApproved,
    HoursSubmitted,
    SignatureGiven,
)
from events.matching import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    ProposalReminded,
    ProposalWithdrawn,
    VacancyWaiting,
)
from events.registry import (
    OrganisationRegistered,
    TrainerAnonymised,
    TrainerApplied,
    TrainerAvailable,
    TrainerLeft,
    VacancyPosted,
)
from notifications.fact import tables as fact_tables
from notifications.message import tables as message_tables
from notifications.message.channels.mail import FolderChannel, Sender, SmtpChannel, Tls, channel_of
from notifications.message.store import messages
from notifications.message.usecases.recipients import erase_contact
from notifications.tables import metadata
from tests.integration.notifications.at_work import Cast, Notifications, made

EVERYBODY = ("trainer", "school", "company")


@dataclass
class Box:
    """What a mail server took, and what it refuses."""

    port: int = 0
    mails: list[Any] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    at_data: str | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.at_data:
            return self.at_data
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=default))
        return "250 OK"

    def to(self, address: str) -> EmailMessage:
        (mail,) = [mail for mail in self.mails if address in mail["To"]]
        assert isinstance(mail, EmailMessage)
        return mail


@asynccontextmanager
async def mail_server(box: Box) -> AsyncIterator[Box]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    async with mail_server(Box()) as found:
        yield found


@pytest.fixture
def smtp(box: Box) -> SmtpChannel:
    return SmtpChannel(host="127.0.0.1", port=box.port, tls=Tls.OPPORTUNISTIC)


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_an_application_asks_for_its_confirmation_in_the_applicants_language(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer", language="en"), cast.event(TrainerApplied))
    assert await at_work.send(smtp) == 1
    mail = box.to("trainer@example.org")
    assert mail["Subject"] == "Confirm your application as a hybrid technology trainer"
    assert "Dear Sir or Madam" in words(mail)
    assert f"/registry/v1/trainers/{cast.trainer}" in words(mail)
    html = mail.get_body(("html",))
    assert html is not None
    assert "Sir or Madam" in html.get_content()
    assert await at_work.messages() == {("application-received", "trainer"): "sent"}
    assert await at_work.told() == ["message.sent.v1"]
    assert await at_work.rows(message_tables.outgoing) == []


@pytest.mark.parametrize("event", [TrainerApplied, TrainerLeft])
async def test_a_letter_to_an_address_that_nobody_confirmed_has_no_word_of_the_applicant(
    at_work: Notifications, box: Box, smtp: SmtpChannel, event: type[Any]
) -> None:
    cast, words_of_a_stranger = Cast(), "Win een fiets, lees evil.example"
    facts = {"reason": "own_wish"} if event is TrainerLeft else {}
    await at_work.hear(
        cast.contact("trainer", name=words_of_a_stranger, contactName=words_of_a_stranger), cast.event(event, **facts)
    )
    assert await at_work.send(smtp) == 1
    assert "evil" not in box.to("trainer@example.org").as_string()


async def test_an_event_delivered_twice_is_one_letter(at_work: Notifications, box: Box, smtp: SmtpChannel) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer"))
    (record,) = await at_work.hear(cast.event(TrainerAvailable))
    await at_work.handle([record])
    # Even where the inbox was lost: the message's own key holds.
    await Dispatch(at_work.database, at_work.dispatch.handlers, "rebuilt").batch([record])
    await at_work.send(smtp)
    await at_work.send(smtp)
    assert len(box.mails) == 1


async def test_a_proposal_names_nobody_before_everybody_agreed_and_everybody_after(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.hear(cast.event(ProposalMade, asked=list(EVERYBODY)), source="matching")
    await at_work.send(smtp)
    assert len(box.mails) == 3
    for role in EVERYBODY:
        text = words(box.to(f"{role}@example.org"))
        others = [cast.contact(other) for other in EVERYBODY if other != role]
        assert not any(other.name in text or str(other.contact_name) in text for other in others)
    box.mails.clear()
    await at_work.hear(cast.event(ProposalAccepted), source="matching")
    await at_work.send(smtp)
    text = words(box.to("school@example.org"))
    assert "Petra Prikkebeen, trainer@example.org" in text
    assert "Draaierij De Spil, Contact company, company@example.org" in text
    assert "- de school" not in text


async def test_only_those_who_have_not_answered_are_reminded(at_work: Notifications) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.hear(cast.event(ProposalReminded, left=["company"]), source="matching")
    assert await at_work.messages() == {("proposal-reminder", "company"): "planned"}


async def test_a_question_that_is_over_before_it_went_out_stays_in(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.hear(cast.event(ProposalMade, asked=list(EVERYBODY)), source="matching")
    await at_work.hear(cast.event(ProposalDeclined, party="trainer"), source="matching")
    await at_work.send(smtp)
    assert {mail["To"].addresses[0].addr_spec for mail in box.mails} == {"school@example.org", "company@example.org"}
    assert await at_work.messages() == {
        **{("proposal-asked", role): "obsolete" for role in EVERYBODY},
        ("proposal-declined", "school"): "sent",
        ("proposal-declined", "company"): "sent",
    }
    assert (await at_work.told()).count("message.dropped.v1") == 3


@pytest.mark.parametrize(
    ("event", "facts", "word", "told"),
    [
        (ProposalDeclined, {"party": "company", "reason": "employer"}, "werkgever", set()),
        (ProposalDeclined, {"party": "trainer", "reason": "distance"}, "reisafstand", set()),
        (ProposalWithdrawn, {"reason": "trainer_left"}, "doet niet meer mee", {"trainer"}),
        (ProposalWithdrawn, {"reason": "no_longer_fits", "rules": ["DISTANCE"]}, "verder reizen", {"trainer"}),
        (ProposalWithdrawn, {"reason": "rules_changed"}, "regels zijn veranderd", set(EVERYBODY)),
        (ProposalWithdrawn, {"reason": "vacancy_filled"}, "vervuld", set(EVERYBODY)),
        (ProposalLapsed, {"reason": "no_longer_eligible"}, "past volgens de regels", {"trainer"}),
        (ContractDissolved, {"reason": "vog_not_shown"}, "niet op tijd getoond", {"trainer"}),
        (ContractSuspended, {"reason": "absence"}, "afwezigheid", {"trainer"}),
    ],
)
async def test_a_letter_shows_no_side_the_facts_of_another(
    at_work: Notifications,
    box: Box,
    smtp: SmtpChannel,
    event: type[Event],
    facts: dict[str, Any],
    word: str,
    told: set[str],
) -> None:
    """Seen red: each of a trainer's vacancies read that the trainer had left, and everybody why another declined."""
    cast = Cast()
    await at_work.meet(cast)
    source = "matching" if event.__module__ == "events.matching" else "contracts"
    await at_work.hear(cast.event(event, **facts), source=source)
    await at_work.send(smtp)
    assert box.mails
    read = {mail["To"].addresses[0].username for mail in box.mails if word in words(mail)}
    assert read == told
    assert all("None" not in words(mail) for mail in box.mails)


async def test_a_proposal_that_lapsed_with_its_contract_has_the_contracts_letter_only(at_work: Notifications) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.hear(cast.event(ProposalLapsed, reason="contract_cancelled"), source="matching")
    assert await at_work.messages() == {}
    await at_work.hear(cast.event(ContractCancelled), source="contracts")
    assert set(await at_work.messages()) == {("contract-cancelled", role) for role in EVERYBODY}


async def test_a_contract_goes_to_its_signatories_and_then_to_those_who_have_not_signed(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.meet(cast)
    offered = cast.event(ContractOffered, mandatory=["company", "school"], invited=["trainer"])
    await at_work.hear(offered, source="contracts")
    await at_work.send(smtp)
    assert "Uw handtekening is nodig" in words(box.to("company@example.org"))
    assert "kennis van te nemen" in words(box.to("trainer@example.org"))
    box.mails.clear()
    await at_work.hear(cast.event(SignatureGiven, party="school", left=["company"]), source="contracts")
    await at_work.send(smtp)
    assert "Uw handtekening is nog nodig" in words(box.to("company@example.org"))
    assert "door: de werkgever" in words(box.to("trainer@example.org"))
    box.mails.clear()
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await at_work.send(smtp)
    assert len(box.mails) == 3


async def test_changed_terms_drop_the_old_offer_and_keep_the_new_one(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    """All of it is heard at once: only what came before the change is over. Seen red without the order."""
    cast = Cast()
    await at_work.meet(cast)
    first, second = (
        cast.event(ContractOffered, documentVersion=version, mandatory=["school"], invited=[]) for version in (1, 2)
    )
    given = cast.event(SignatureGiven, party="school", left=["trainer"])
    await at_work.hear(first, given, cast.event(ContractAmended, documentVersion=1), second, source="contracts")
    await at_work.send(smtp)
    rows = sorted((row.template, row.status, row.role) for row in await at_work.rows(message_tables.messages))
    assert rows == [
        *(("contract-amended", "sent", role) for role in sorted(EVERYBODY)),
        ("contract-offered", "obsolete", "school"),
        ("contract-offered", "sent", "school"),
        *(("signature-given", "obsolete", role) for role in ("company", "trainer")),
    ]
    assert any("Versie 1 geldt niet meer" in words(mail) for mail in box.mails)


async def test_a_returned_draft_says_what_is_missing_and_who_puts_it_right(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.meet(cast)
    finding = {"rule": "SUPERVISOR", "outcome": "block"}
    await at_work.hear(cast.event(ContractReturned, findings=[finding]), source="contracts")
    await at_work.send(smtp)
    assert "er is geen begeleider genoemd" in words(box.to("school@example.org"))
    assert "Vul de afspraken aan" in words(box.to("school@example.org"))
    assert "De school vult het aan" in words(box.to("trainer@example.org"))


async def test_an_extension_asks_for_signatures_until_it_is_over(at_work: Notifications) -> None:
    cast = Cast()
    await at_work.meet(cast)
    offered = cast.event(ContractExtensionOffered, mandatory=["school", "trainer"], invited=[])
    await at_work.hear(offered, source="contracts")
    assert await at_work.messages() == {("extension-offered", role): "planned" for role in ("school", "trainer")}
    await at_work.hear(cast.event(ContractExtensionExpired), source="contracts")
    assert await at_work.messages() == {
        **{("extension-offered", role): "obsolete" for role in ("school", "trainer")},
        **{("extension-expired", role): "planned" for role in EVERYBODY},
    }


async def test_a_refusal_gives_its_reasons_in_words(at_work: Notifications, box: Box, smtp: SmtpChannel) -> None:
    cast = Cast()
    await at_work.meet(cast)
    finding = {"rule": "GUEST_CAP", "outcome": "block", "measured": "480", "limit": "360", "unit": "minutes"}
    passed = {"rule": "VOG_AGE", "outcome": "pass"}
    await at_work.hear(cast.event(ContractRefused, findings=[finding, passed]), source="contracts")
    await at_work.send(smtp)
    text = words(box.to("school@example.org"))
    assert "meer gastlessen dan zonder bevoegdheid mag (het is 8 uur, de grens is 6 uur)" in text
    assert "VOG" not in text


async def test_letters_go_to_whom_the_envelope_names_and_wait_for_no_earlier_event(at_work: Notifications) -> None:
    """Seen red while the recipients were learned from events that name everybody."""
    cast = Cast()
    at_work.casts.append(cast)
    await at_work.hear(*(cast.contact(role) for role in ("trainer", "school", "company")))
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    assert set(await at_work.messages()) == {("contract-signed", role) for role in ("trainer", "school", "company")}


async def test_an_event_written_before_envelopes_named_parties_reaches_everybody(at_work: Notifications) -> None:
    cast = Cast()
    await at_work.hear(*(cast.contact(role) for role in ("trainer", "school", "company")))
    new = [at_work.record(cast.event(kind), source="contracts") for kind in (ContractDrafted, ContractSigned)]
    old = [
        replace(record, headers={name: text for name, text in record.headers.items() if name != "ce_parties"})
        for record in new
    ]
    await at_work.handle(old)
    assert set(await at_work.messages()) == {("contract-signed", role) for role in ("trainer", "school", "company")}


async def test_hours_go_to_the_school_and_their_approval_to_the_trainer(at_work: Notifications) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.hear(cast.event(HoursSubmitted), cast.event(HoursApproved), source="contracts")
    assert set(await at_work.messages()) == {("hours-submitted", "school"), ("hours-approved", "trainer")}


async def test_the_desk_of_the_region_gets_a_letter_about_a_vacancy_that_waits_long(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast, desk = Cast(), uuid7()
    await at_work.meet(cast)
    await at_work.hear(
        made(OrganisationRegistered, organisationId=desk, kind="desk", region="AM28"),
        cast.contact("school", partyId=desk, party=None, name="Loket Brainport", email="desk@example.org"),
        cast.event(VacancyPosted, region="AM28"),
    )
    await at_work.run("DELETE FROM outgoing")
    await at_work.run("DELETE FROM messages")
    await at_work.hear(cast.event(VacancyWaiting, escalated=False), source="matching")
    assert set(await at_work.messages()) == {("vacancy-waiting", "school")}
    await at_work.hear(cast.event(VacancyWaiting, escalated=True), source="matching")
    await at_work.send(smtp)
    assert box.to("desk@example.org")["Subject"] == "Een vacature in uw regio wacht al lang"


async def test_a_letter_waits_for_the_contact_and_nothing_is_lost(at_work: Notifications) -> None:
    cast = Cast()
    await at_work.hear(cast.event(TrainerApplied))
    assert await at_work.messages() == {}
    assert len(await at_work.rows(metadata.tables["parked_events"])) == 1
    await at_work.hear(cast.contact("trainer"))
    await at_work.dispatch.redrive("hto.registry.events", str(cast.trainer))
    assert await at_work.messages() == {("application-received", "trainer"): "planned"}
    assert await at_work.rows(metadata.tables["parked_events"]) == []


async def test_a_recipient_without_address_is_written_to_as_soon_as_there_is_one(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer", email=None, contactName=None), cast.event(TrainerAvailable))
    await at_work.send(smtp)
    (waiting,) = await at_work.rows(message_tables.outgoing)
    assert waiting.reason == "no address"
    await at_work.hear(cast.contact("trainer"))
    assert await at_work.send(smtp) == 1
    assert len(box.mails) == 1


async def test_an_erased_person_gets_no_letter(at_work: Notifications, box: Box, smtp: SmtpChannel) -> None:
    """Seen red without ``~contacts.c.erased`` in the upsert, and with the contact kept."""
    cast = Cast()
    await at_work.meet(cast)
    await at_work.hear(cast.event(TrainerAvailable))
    await at_work.hear(cast.event(TrainerAnonymised))
    await at_work.dispatch.batch([at_work.tombstone(cast.contact("trainer"))])
    await at_work.hear(cast.contact("trainer"))  # an older state that comes in late
    await at_work.hear(cast.event(ContractCancelled), source="contracts")
    await at_work.send(smtp)
    assert await at_work.messages() == {
        ("available", "trainer"): "obsolete",
        ("contract-cancelled", "school"): "sent",
        ("contract-cancelled", "company"): "sent",
    }
    assert not any("Petra" in mail.as_string() for mail in box.mails)
    contact = next(row for row in await at_work.rows(fact_tables.contacts) if row.party_id == cast.trainer)
    assert (contact.name, contact.contact_name, contact.email, contact.erased) == (None, None, None, True)
    assert "erasure.confirmed.v1" in await at_work.told()


async def test_a_refusal_for_good_bounces_and_one_for_now_is_tried_again(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    box.refuses = {"school@example.org": "550 no such user", "company@example.org": "451 later"}
    await at_work.send(smtp)
    assert await at_work.messages() == {
        ("contract-signed", "trainer"): "sent",
        ("contract-signed", "school"): "bounced",
        ("contract-signed", "company"): "planned",
    }
    (waiting,) = await at_work.rows(message_tables.outgoing)
    assert (waiting.attempts, waiting.reason) == (1, "put off with 451")
    box.refuses = {}
    assert await at_work.send(smtp) == 0, "not before its time"
    at_work.pass_time(hours=1)
    assert await at_work.send(smtp) == 1
    assert (await at_work.told()).count("message.bounced.v1") == 1


async def test_an_answer_that_is_no_answer_of_smtp_bounces_nothing(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    """Seen red: a letter bounced for good with 999."""
    cast = Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))
    box.at_data = "999 what"
    await at_work.send(smtp)
    (waiting,) = await at_work.rows(message_tables.outgoing)
    assert waiting.reason == "answer cannot be read"


async def test_a_message_put_off_for_days_bounces_in_the_end(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))
    box.at_data = "452 mailbox full"
    at_work.pass_time(days=6)
    await at_work.send(smtp)
    assert await at_work.messages() == {("available", "trainer"): "bounced"}


async def test_a_mail_server_that_is_away_costs_no_message(at_work: Notifications, smtp: SmtpChannel) -> None:
    cast = Cast()
    await at_work.meet(cast)
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    assert await at_work.send(SmtpChannel(host="127.0.0.1", port=1)) == 0
    assert {row.reason for row in await at_work.rows(message_tables.outgoing)} == {"mail server away"}
    assert set((await at_work.messages()).values()) == {"planned"}
    at_work.pass_time(seconds=31)
    assert await at_work.send(smtp) == 3


@dataclass
class Then:
    """A mail channel after which something happens before its letter is noted as sent."""

    channel: SmtpChannel
    happens: Callable[[], Awaitable[object]]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Sender]:
        async with self.channel.open() as self._sender:
            yield self

    async def send(self, mail: EmailMessage) -> None:
        await self._sender.send(mail)
        await self.happens()

    async def is_open(self) -> bool:
        return await self._sender.is_open()


async def test_a_crash_after_handing_over_sends_again_under_the_same_message_id(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))
    handed_over = asyncio.Event()

    async def never_ends() -> None:
        handed_over.set()
        await asyncio.Event().wait()

    dying = asyncio.create_task(at_work.send(Then(smtp, never_ends)))
    await handed_over.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert await at_work.send(smtp) == 0, "the lease still holds"
    await at_work.run("UPDATE outgoing SET leased_until = clock_timestamp() - interval '1 second'")
    assert await at_work.send(smtp) == 1
    assert len(box.mails) == 2
    assert len({mail["Message-ID"] for mail in box.mails}) == 1


async def test_a_letter_handed_over_while_the_database_goes_is_recorded_when_it_is_back(
    at_work: Notifications, box: Box, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))

    async def everybody_is_thrown_out() -> None:
        server = await asyncpg.connect(at_work.database.url)
        await server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await server.close()

    assert await at_work.send(Then(smtp, everybody_is_thrown_out)) == 1
    assert len(box.mails) == 1
    assert await at_work.rows(message_tables.outgoing) == [], "noted: nobody sends it again when the lease ends"


async def test_two_workers_send_each_message_once(at_work: Notifications, box: Box, smtp: SmtpChannel) -> None:
    for _ in range(20):
        cast = Cast()
        await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))
    done = await asyncio.gather(at_work.send(smtp), at_work.send(smtp))
    assert sum(done) == 20
    assert len({mail["Message-ID"] for mail in box.mails}) == len(box.mails) == 20


@pytest.mark.parametrize("before", ["nothing", "its recipient got an address"])
async def test_recording_and_dropping_a_letter_at_one_moment_do_not_deadlock(
    at_work: Notifications, smtp: SmtpChannel, before: str
) -> None:
    """Everybody locks a letter before its place on the queue. Seen red without that, in ``finish`` and ``hurry``."""
    cast = Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))
    await at_work.run("UPDATE outgoing SET reason = :reason", reason=messages.NO_ADDRESS)
    handed_over, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        handed_over.set()
        await go_on.wait()

    sending = asyncio.create_task(at_work.send(Then(smtp, wait)))
    await handed_over.wait()
    async with at_work.database.begin(actor="test") as tx:
        if before == "nothing":
            await messages.planned_for(tx, cast.trainer)
        else:
            await messages.expedite(tx, cast.trainer)
        go_on.set()
        await asyncio.sleep(0.2)  # now the sender waits for the letter, and should hold nothing
        await tx.execute(text("SET LOCAL lock_timeout = '100ms'"))
        await erase_contact(tx, cast.trainer)
    await sending
    assert await at_work.messages() == {("available", "trainer"): "obsolete"}
    assert await at_work.rows(message_tables.outgoing) == []


async def test_a_letter_that_cannot_be_written_stays_owed_and_visible(
    at_work: Notifications, smtp: SmtpChannel
) -> None:
    cast = Cast()
    await at_work.hear(cast.contact("trainer", email="not an address"), cast.event(TrainerAvailable))
    assert await at_work.send(smtp) == 0
    (waiting,) = await at_work.rows(message_tables.outgoing)
    assert waiting.reason == "failed on our side"


async def test_the_folder_holds_one_file_per_message(at_work: Notifications) -> None:
    channel = channel_of(at_work.settings)
    assert isinstance(channel, FolderChannel)
    cast = Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))
    assert await at_work.send(channel) == 1
    (row,) = await at_work.rows(message_tables.messages)
    (file,) = (at_work.settings.data_dir / "mail").iterdir()
    assert file.name == f"{row.id}.eml"
    assert message_from_bytes(file.read_bytes(), policy=default)["To"] == "Petra Prikkebeen <trainer@example.org>"


async def test_a_letter_has_the_day_of_its_event_however_late_that_is_handled(at_work: Notifications) -> None:
    """Seen red: redriven three days later the letter was dated three days later."""
    cast = Cast()
    happened = at_work.database.clock.now()
    record = at_work.record(cast.event(TrainerApplied))
    await at_work.dispatch.batch([record])
    at_work.database.clock.offset += timedelta(days=3)
    await at_work.hear(cast.contact("trainer"))
    assert await at_work.dispatch.redrive(record.topic, record.key) == 1
    (letter,) = await at_work.rows(message_tables.messages)
    assert letter.planned_at - happened < timedelta(hours=1)
