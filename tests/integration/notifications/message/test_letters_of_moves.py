"""An organisation that goes on under another one: each address is told once how that ended."""

from __future__ import annotations

from uuid import UUID

import pytest

from common.persistence.transaction import uuid7
from events import Event
from events.registry import ContactState, OrganisationMoveAsked, OrganisationMoveEnded
from notifications.message import tables
from tests.integration.notifications.at_work import Notifications, made


def contact(party: UUID, email: str | None) -> ContactState:
    return made(ContactState, partyId=party, party="school", contactName="Contact", email=email)


class Sides:
    """A location, its present school and the wanted one."""

    def __init__(self) -> None:
        self.moved, self.present, self.wanted, self.move = uuid7(), uuid7(), uuid7(), uuid7()

    def told(self, kind: type[Event], *recipients: UUID, **facts: str) -> list[Event]:
        ids = {"moveId": self.move, "movedId": self.moved, "parentId": self.wanted}
        return [made(kind, **ids, recipientId=recipient, **facts) for recipient in recipients]

    def ended(self) -> list[Event]:
        return self.told(OrganisationMoveEnded, self.moved, self.present, self.wanted, outcome="made")


async def told(at_work: Notifications) -> list[UUID]:
    return [row.recipient_id for row in await at_work.rows(tables.messages)]


@pytest.mark.parametrize("in_one_run", [True, False])
async def test_an_address_that_two_organisations_share_gets_one_letter(
    at_work: Notifications, *, in_one_run: bool
) -> None:
    """A location without a contact of its own has its school's. Seen red: that contact got the letter twice."""
    sides = Sides()
    at = {sides.moved: "Contact@wanted.example", sides.present: "x@present.example"}
    await at_work.hear(*(contact(party, email) for party, email in at.items()))
    await at_work.hear(contact(sides.wanted, "contact@wanted.example"))
    if in_one_run:
        await at_work.hear(*sides.ended())
    else:
        for event in sides.ended():
            await at_work.hear(event)
            await at_work.run("UPDATE messages SET status = 'sent'")
    assert sorted(await told(at_work)) == sorted([sides.moved, sides.present])
    other = Sides()
    await at_work.hear(*other.told(OrganisationMoveEnded, sides.wanted, outcome="expired"))
    assert sides.wanted in await told(at_work), "another move is another letter"


async def test_organisations_without_an_address_wait_for_theirs_each_by_itself(at_work: Notifications) -> None:
    sides = Sides()
    await at_work.hear(*(contact(party, None) for party in (sides.moved, sides.present, sides.wanted)))
    await at_work.hear(*sides.ended())
    assert len(await told(at_work)) == 3


async def test_a_parent_that_is_both_is_asked_for_each_side(at_work: Notifications) -> None:
    """The two questions are different ones."""
    sides = Sides()
    await at_work.hear(contact(sides.present, "one@board.example"), contact(sides.wanted, "one@board.example"))
    asked = [
        *sides.told(OrganisationMoveAsked, sides.present, side="present"),
        *sides.told(OrganisationMoveAsked, sides.wanted, side="wanted"),
    ]
    await at_work.hear(*asked)
    assert sorted(await told(at_work)) == sorted([sides.present, sides.wanted])
