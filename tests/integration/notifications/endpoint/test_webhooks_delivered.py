"""Partners are told: signed, in order, again and again until they take it, and never twice without saying so."""

from __future__ import annotations

import asyncio
import base64

from standardwebhooks import Webhook
from starlette.responses import Response

from events.contracts import ContractCancelled, ContractOffered, ContractSigned, SignatureGiven
from events.matching import ProposalConsented, ProposalMade
from events.registry import TrainerAvailable, VacancyFilled, VacancyPosted
from notifications.endpoint import tables
from notifications.endpoint.channels.webhooks import Webhooks
from notifications.endpoint.model.endpoint import Endpoint, Status
from notifications.endpoint.store.endpoints import store as endpoint_store
from notifications.endpoint.usecases import endpoints
from notifications.endpoint.usecases.asking import Questions
from notifications.endpoint.usecases.delivering import Deliverer
from tests.integration.notifications.at_work import Cast, Got, Notifications, Receiver, rounds, webhooks
from tests.support.sample import eventually


def names(partner: Receiver) -> list[str]:
    return [got.event["type"].removeprefix("nl.hybride-techniekopleiders.") for got in partner.got]


async def test_a_partner_gets_the_signed_event_once(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    (record,) = await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    await rounds(deliverer)
    (got,) = partner.got
    assert Webhook(listening.secret).verify(got.body, dict(got.headers)) == got.event
    assert got.headers["content-type"].startswith("application/cloudevents+json")
    assert got.headers["webhook-id"] == got.event["id"] == record.headers["ce_id"]
    assert got.event["data"]["contractId"] == str(cast.contract)
    assert got.event["sequence"] == "1"
    (row,) = await at_work.rows(tables.deliveries)
    assert (row.status, row.attempts, row.answer) == ("delivered", 1, 204)


async def test_an_address_is_asked_first_and_gets_nothing_before_it_allows(
    at_work: Notifications, partner: Receiver, channel: Webhooks, deliverer: Deliverer, cast: Cast
) -> None:
    await at_work.meet(cast)
    partner.allows = None
    endpoint = await at_work.register(cast.school, f"{partner.url}/hook")
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await Questions(at_work.database, channel).run_due()
    await rounds(deliverer)
    assert partner.asked == ["hto.example"]
    assert partner.got == []
    assert (await at_work.endpoint(endpoint)).status == "pending"
    partner.allows = "hto.example"
    assert await Questions(at_work.database, channel).run_due() == 0, "not before its time"
    at_work.pass_time(seconds=10)
    assert await Questions(at_work.database, channel).run_due() == 1
    await rounds(deliverer)
    assert names(partner) == ["contract.signed.v1"], "what happened meanwhile was kept"


async def test_a_partner_sees_its_own_cases_and_the_events_that_it_asked_for(
    at_work: Notifications, partner: Receiver, channel: Webhooks, deliverer: Deliverer, cast: Cast
) -> None:
    await at_work.meet(cast)
    stranger = Cast()
    await at_work.meet(stranger)
    await at_work.register(cast.company, f"{partner.url}/hook", "contract.signed", "trainer.available")
    await Questions(at_work.database, channel).run_due()
    await at_work.hear(cast.event(TrainerAvailable), stranger.event(TrainerAvailable))
    await at_work.hear(
        stranger.event(ContractSigned), cast.event(ContractOffered), cast.event(ContractSigned), source="contracts"
    )
    await rounds(deliverer)
    assert sorted(names(partner)) == ["contract.signed.v1", "trainer.available.v1"]
    assert {got.event["data"]["trainerId"] for got in partner.got} == {str(cast.trainer)}


async def test_a_proposal_does_not_show_the_school_the_candidates_employer(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    await at_work.hear(cast.event(ProposalMade), source="matching")
    await rounds(deliverer)
    told = partner.got[0].event["data"]
    assert (told["companyId"], told["trainerId"], told["proposalId"]) == (None, None, str(cast.proposal))


async def test_events_of_one_subject_come_in_order_and_wait_for_the_one_that_failed(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    partner.always(500)
    await at_work.hear(cast.event(ContractOffered), source="contracts")
    await rounds(deliverer)
    await at_work.hear(cast.event(SignatureGiven), cast.event(ContractSigned), source="contracts")
    await at_work.hear(cast.event(ProposalConsented), source="matching")
    await rounds(deliverer)
    assert list(dict.fromkeys(names(partner))) == ["contract.offered.v1", "proposal.consented.v1"]
    partner.answer = None
    partner.got.clear()
    at_work.pass_time(seconds=10)
    await rounds(deliverer)
    in_contract = [name for name in names(partner) if not name.startswith("proposal")]
    assert in_contract == ["contract.offered.v1", "contract.signature.given.v1", "contract.signed.v1"]


async def test_attempts_follow_the_schedule_and_then_the_delivery_is_kept(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    partner.always(500)
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    for hours in (0, 1, 1, 1, 3, 6, 12, 16, 23, 27):
        at_work.pass_time(hours=hours)
        await rounds(deliverer)
    tried = len(partner.got)
    assert len({got.headers["webhook-id"] for got in partner.got}) == 1
    (row,) = await at_work.rows(tables.deliveries)
    assert (row.status, row.attempts, row.answer, row.reason) == ("kept", 10, 500, "answered 500")
    at_work.pass_time(days=30)
    await rounds(deliverer)
    assert len(partner.got) == tried, "kept, and not tried again by itself"
    partner.answer = None
    async with at_work.database.begin(actor="test") as tx:
        assert await endpoints.redeliver(tx, listening, event_id=row.event_id, since=None, until=None) == 1
    await rounds(deliverer)
    assert (await at_work.rows(tables.deliveries))[0].status == "delivered"


async def test_a_redirect_is_a_failure_and_is_not_followed(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    partner.always(302, Location=f"{partner.url}/hook")
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    assert len(partner.got) == 1
    assert (await at_work.rows(tables.deliveries))[0].reason == "answered 302"


async def test_an_answer_of_gone_disables_the_endpoint_and_its_owner_gets_a_letter(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    partner.always(410)
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    found = await at_work.endpoint(listening)
    assert (found.status, found.disabled_because) == ("disabled", "gone")
    await at_work.hear(cast.event(ContractCancelled), source="contracts")
    at_work.pass_time(days=1)
    await rounds(deliverer)
    assert len(partner.got) == 1
    assert (await at_work.told())[-1] == "endpoint.disabled.v1"


async def test_a_partner_that_asks_for_patience_is_left_alone_as_long(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    partner.always(429, Retry_After="3600")
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    await at_work.hear(cast.event(ProposalConsented), source="matching")
    at_work.pass_time(minutes=30)
    await rounds(deliverer)
    assert len(partner.got) == 1
    partner.answer = None
    at_work.pass_time(minutes=31)
    await rounds(deliverer)
    assert len(partner.got) == 3


async def test_five_days_of_failure_switch_an_endpoint_off_and_enabling_brings_what_was_kept(
    at_work: Notifications, partner: Receiver, channel: Webhooks, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    partner.always(503)
    await at_work.hear(cast.event(ContractOffered), source="contracts")
    await rounds(deliverer)
    at_work.pass_time(days=4)
    await at_work.deadlines()
    assert (await at_work.endpoint(listening)).status == "enabled"
    at_work.pass_time(days=1, seconds=1)
    await at_work.deadlines()
    assert (await at_work.endpoint(listening)).status == "disabled"
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    partner.answer = None
    partner.got.clear()
    async with at_work.database.begin(actor="test") as tx:
        resumed = await endpoints.resume(tx, await endpoint_store.get(tx, listening.id))
    assert resumed.status is Status.PENDING
    await Questions(at_work.database, channel).run_due()
    await rounds(deliverer)
    assert names(partner) == ["contract.offered.v1", "contract.signed.v1"]


async def test_one_success_ends_the_days_of_failure(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    partner.always(500)
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    partner.answer = None
    at_work.pass_time(hours=1)
    await rounds(deliverer)
    at_work.pass_time(days=6)
    await at_work.deadlines()
    assert (await at_work.endpoint(listening)).status == "enabled"


async def test_a_crash_before_the_delivery_was_noted_delivers_again_under_the_same_id(
    at_work: Notifications, partner: Receiver, channel: Webhooks, listening: Endpoint, cast: Cast
) -> None:
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    held = partner.hold()
    dying = asyncio.create_task(Deliverer(at_work.database, channel).run_due())
    await held.arrived.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    held.go_on.set()
    assert await Deliverer(at_work.database, channel).run_due() == 0, "the lease still holds"

    async def taken() -> bool:
        return len(partner.got) == 1

    await eventually(taken)
    await at_work.run("UPDATE deliveries SET leased_until = clock_timestamp() - interval '1 second'")
    await rounds(Deliverer(at_work.database, channel))
    assert len(partner.got) == 2
    assert len({got.headers["webhook-id"] for got in partner.got}) == 1
    assert (await at_work.rows(tables.deliveries))[0].status == "delivered"


async def test_several_workers_deliver_each_event_once_and_in_order(
    at_work: Notifications, partner: Receiver, channel: Webhooks, listening: Endpoint, cast: Cast
) -> None:
    for _ in range(10):
        await at_work.hear(cast.event(ContractOffered), cast.event(SignatureGiven), source="contracts")
        await at_work.hear(cast.event(ProposalConsented), source="matching")
    await asyncio.gather(*(rounds(Deliverer(at_work.database, channel)) for _ in range(3)))
    # A worker stops when nothing is free for it: the last one takes what the others had under way.
    await rounds(Deliverer(at_work.database, channel))
    assert len({got.headers["webhook-id"] for got in partner.got}) == len(partner.got) == 30
    of_contract = [got.headers["webhook-id"] for got in partner.got if "/contract/" not in got.event["subject"]]
    subject = f"contract/{cast.contract}"
    rows = await at_work.rows(tables.deliveries, tables.deliveries.c.position)
    assert [got.event["id"] for got in partner.got if got.event["subject"] == subject] == [
        str(row.event_id) for row in rows if row.subject == subject
    ]
    assert of_contract


async def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    async with at_work.database.begin(actor="test") as tx:
        rotated = await endpoints.rotate(tx, await endpoint_store.get(tx, listening.id))
    await at_work.hear(cast.event(ContractOffered), source="contracts")
    await rounds(deliverer)
    for secret in (listening.secret, rotated.secret):
        assert Webhook(secret).verify(partner.got[0].body, dict(partner.got[0].headers))
    at_work.pass_time(days=1, seconds=1)
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    assert len(partner.got[1].headers["webhook-signature"].split()) == 1
    assert len(base64.b64decode(rotated.secret.removeprefix("whsec_"))) == 32


async def test_all_since_a_moment_are_delivered_again_also_those_from_before_the_endpoint(
    at_work: Notifications, partner: Receiver, channel: Webhooks, deliverer: Deliverer, cast: Cast
) -> None:
    await at_work.meet(cast)
    at_work.pass_time(hours=1)
    since = at_work.database.clock.now()
    await at_work.hear(cast.event(ContractOffered), cast.event(ContractSigned), source="contracts")
    endpoint = await at_work.register(cast.location, f"{partner.url}/hook", "contract.offered", "contract.signed")
    await Questions(at_work.database, channel).run_due()
    await rounds(deliverer)
    assert partner.got == []
    for _ in range(2):
        async with at_work.database.begin(actor="test") as tx:
            assert await endpoints.redeliver(tx, endpoint, event_id=None, since=since, until=None) == 2
        await rounds(deliverer)
    assert names(partner) == ["contract.offered.v1", "contract.signed.v1"] * 2


async def test_a_removed_endpoint_is_owed_nothing(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    await at_work.hear(cast.event(ContractOffered), source="contracts")
    async with at_work.database.begin(actor="test") as tx:
        removed = await endpoints.remove(tx, await endpoint_store.get(tx, listening.id))
    assert removed.secret == ""
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    assert partner.got == []
    assert await at_work.rows(tables.deliveries) == []


async def test_a_hanging_partner_does_not_hold_up_the_others(
    at_work: Notifications, partner: Receiver, channel: Webhooks, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    release, other = asyncio.Event(), Cast()

    async def hang_for_the_first(got: Got) -> Response:
        if got.event["subject"] == f"vacancy/{cast.vacancy}":
            await release.wait()
        return Response(status_code=204)

    partner.answer = hang_for_the_first
    await at_work.hear(cast.event(VacancyFilled))
    at_work.casts.append(other)
    await at_work.hear(other.contact("school"), other.event(VacancyPosted))
    await at_work.register(other.board, f"{partner.url}/hook")
    await Questions(at_work.database, channel).run_due()
    await at_work.hear(other.event(VacancyFilled))
    async with asyncio.timeout(10):
        while names(partner) != ["vacancy.filled.v1"]:
            await deliverer.round()
    assert partner.got[0].event["subject"] == f"vacancy/{other.vacancy}"
    release.set()
    await rounds(deliverer)
    assert len(partner.got) == 2


async def test_an_address_that_leads_inside_is_never_called(
    at_work: Notifications, partner: Receiver, cast: Cast
) -> None:
    port = partner.address.partition(":")[2]
    async with webhooks() as guarded:
        assert (await guarded.ask(f"http://127.0.0.1:{port}/hook")).failure == "address is not allowed"
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"):
            answer = await guarded.ask(f"https://{host}:{port}/hook")
            assert answer.failure in {"address is not public", "name not found"}, host
    assert partner.asked == []


async def test_a_huge_answer_is_not_read_to_its_end(
    at_work: Notifications, partner: Receiver, deliverer: Deliverer, listening: Endpoint, cast: Cast
) -> None:
    async def flood(got: Got) -> Response:
        del got
        return Response(b"x" * 3_000_000, status_code=200)

    partner.answer = flood
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    assert (await at_work.rows(tables.deliveries))[0].status == "delivered"
