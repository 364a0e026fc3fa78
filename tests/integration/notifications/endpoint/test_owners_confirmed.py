"""Nothing goes to an address that an organisation gave before somebody confirmed that it is what it says."""

from __future__ import annotations

from typing import Any

from common.persistence.transaction import uuid7
from events.registry import ContactState
from notifications.endpoint import tables
from notifications.endpoint.channels.webhooks import Webhooks
from notifications.endpoint.usecases import endpoints
from notifications.endpoint.usecases.asking import Questions
from notifications.endpoint.usecases.delivering import Deliverer
from tests.integration.notifications.at_work import Notifications, Receiver, made, rounds, webhooks
from tests.integration.notifications.raw_receivers import owe
from tests.integration.notifications.test_notifications_api import URL, acting_for, api
from tests.support.serving import Serving

__all__ = ["api"]
NOT_YET = "the organisation is not confirmed yet"


async def reason(at_work: Notifications) -> str | None:
    (row,) = await at_work.rows(tables.health)
    found: str | None = row.reason
    return found


async def ask(at_work: Notifications, channel: Webhooks) -> int:
    return await Questions(at_work.database, channel).run_due()


async def test_an_address_is_asked_once_its_owner_is_confirmed(at_work: Notifications, partner: Receiver) -> None:
    """Registry tells the contact of nobody who is not confirmed. Seen red: it was asked at once."""
    owner = uuid7()
    async with webhooks(partner.address) as channel:
        endpoint = await at_work.register_for(owner, f"{partner.url}/hook")
        await owe(at_work, endpoint, subjects=1)
        assert await ask(at_work, channel) == 0
        at_work.pass_time(days=3)
        assert await ask(at_work, channel) == 0
        await rounds(Deliverer(at_work.database, channel))
        assert (partner.asked, partner.got, await reason(at_work)) == ([], [], NOT_YET)
        await at_work.hear(made(ContactState, partyId=owner, party="school"))
        assert await reason(at_work) is None
        assert await ask(at_work, channel) == 1
        await rounds(Deliverer(at_work.database, channel))
    assert (len(partner.asked), len(partner.got)) == (1, 1)


async def test_asking_again_changes_nothing_of_that(at_work: Notifications, partner: Receiver) -> None:
    endpoint = await at_work.register_for(uuid7(), f"{partner.url}/hook")
    async with at_work.database.begin(actor="test") as tx:
        await endpoints.resume(tx, endpoint)
    async with webhooks(partner.address) as channel:
        assert await ask(at_work, channel) == 0
    assert (partner.asked, await reason(at_work)) == ([], NOT_YET)


async def test_endpoints_of_unconfirmed_owners_hold_up_no_other(at_work: Notifications, partner: Receiver) -> None:
    for _ in range(Questions.LANES + 1):
        await at_work.register_for(uuid7(), f"{partner.url}/hook")
    confirmed = await at_work.register(uuid7(), f"{partner.url}/hook")
    async with webhooks(partner.address) as channel:
        assert await ask(at_work, channel) == 1
    assert (await at_work.endpoint(confirmed)).status == "enabled"


async def test_a_contact_that_changes_later_has_nobody_asked_again(at_work: Notifications, partner: Receiver) -> None:
    owner = uuid7()
    await at_work.register(owner, f"{partner.url}/hook")
    async with webhooks(partner.address) as channel:
        assert await ask(at_work, channel) == 1
        await at_work.hear(made(ContactState, partyId=owner, party="school", email="new@school.example"))
        assert await ask(at_work, channel) == 0


async def test_an_endpoint_of_an_unconfirmed_owner_says_so(api: Serving) -> None:
    owner = uuid7()
    school = acting_for(api, owner)
    made_here: Any = await school.post("/webhook-endpoints", {"ownerId": str(owner), "url": URL}, status=201)
    assert (made_here["status"], made_here["reason"]) == ("pending", NOT_YET)
    assert made_here["secret"].startswith("whsec_")
    path = f"/webhook-endpoints/{made_here['id']}"
    assert (await school.get(path))["reason"] == NOT_YET
    assert (await school.post(f"{path}/_enable", status=202))["reason"] == NOT_YET
