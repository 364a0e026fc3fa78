"""A letter about a vacancy goes out while it is true: not once the vacancy is over, and of each kind the latest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from common.persistence.transaction import uuid7
from events import Event
from events.matching import VacancyPlaceFreed, VacancyWaiting, WaitlistPromoted
from events.registry import (
    ContactState,
    OrganisationRegistered,
    VacancyChanged,
    VacancyClosed,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)
from notifications.fact import tables as fact_tables
from notifications.fact import usecases
from notifications.message import tables as message_tables
from notifications.message.channels.mail import FolderChannel
from notifications.message.usecases.mailing import Letters
from tests.integration.notifications.at_work import Cast, Notifications, made

POSTED, WAITING = ("vacancy-posted", "school"), ("vacancy-waiting", "school")
ENDS = [VacancyWithdrawn, VacancyExpired, VacancyFilled, VacancyClosed]


@pytest.fixture
async def cast(at_work: Notifications) -> Cast:
    found = Cast()
    at_work.casts.append(found)
    await at_work.hear(found.contact("school"))
    return found


def waiting(cast: Cast, *, escalated: bool = False) -> Event:
    return cast.event(VacancyWaiting, escalated=escalated)


async def planned(at_work: Notifications) -> list[tuple[str, str]]:
    rows = await at_work.rows(
        message_tables.messages, message_tables.messages.c.planned_at, message_tables.messages.c.id
    )
    owed = {row.message_id for row in await at_work.rows(message_tables.outgoing)}
    found = [(row.template, row.role) for row in rows if row.status == "planned"]
    assert len(owed) == len(found), "what is not planned is not on the queue"
    return sorted(found)


@pytest.mark.parametrize("ends", ENDS)
async def test_a_vacancy_that_is_over_takes_its_unsent_letters_along(
    at_work: Notifications, cast: Cast, ends: type[Event]
) -> None:
    """Seen red: both letters went out after the withdrawal."""
    await at_work.hear(cast.event(VacancyPosted), waiting(cast))
    assert await planned(at_work) == [POSTED, WAITING]
    await at_work.hear(cast.event(VacancyChanged), cast.event(ends))
    assert not {POSTED, WAITING} & set(await planned(at_work))


@pytest.mark.parametrize("ends", ENDS)
async def test_no_letter_is_planned_that_comes_after_the_end_of_its_vacancy(
    at_work: Notifications, cast: Cast, ends: type[Event]
) -> None:
    """Matching was away and tells afterwards that the vacancy waits. Seen red."""
    await at_work.hear(cast.event(VacancyPosted))
    await at_work.hear(cast.event(ends))
    await at_work.hear(waiting(cast))
    await at_work.hear(waiting(cast, escalated=True))
    assert not {POSTED, WAITING} & set(await planned(at_work))


@pytest.mark.parametrize("together", [False, True])
async def test_an_event_has_its_letter_however_late_it_is_handled(
    at_work: Notifications, cast: Cast, *, together: bool
) -> None:
    """Seen red: handled in one run with the end, the letter about the posting left no trace."""
    events = [cast.event(VacancyPosted), cast.event(VacancyFilled)]
    for run in [events] if together else [[event] for event in events]:
        await at_work.hear(*run)
    assert {row.template: row.status for row in await at_work.rows(message_tables.messages)}[
        "vacancy-posted"
    ] == "obsolete"


@pytest.mark.parametrize("turned", [False, True])
async def test_letters_about_an_ended_vacancy_in_one_run_are_the_same_in_any_order(
    at_work: Notifications, cast: Cast, *, turned: bool
) -> None:
    """Seen red for what came after the end."""
    told = [cast.event(VacancyPosted), waiting(cast), cast.event(VacancyWithdrawn)]
    await at_work.hear(*(reversed(told) if turned else told))
    assert await planned(at_work) == []


@pytest.mark.parametrize(
    "again",
    [
        [(VacancyExpired, VacancyReopened)],
        [(VacancyFilled, VacancyReopened)],
        [(VacancyFilled, VacancyPlaceFreed)],
        [(VacancyFilled, VacancyReopened), (VacancyExpired, VacancyReopened)],
    ],
)
async def test_a_vacancy_that_asks_again_has_letters_again(
    at_work: Notifications, cast: Cast, again: Sequence[tuple[type[Event], type[Event]]]
) -> None:
    await at_work.hear(cast.event(VacancyPosted))
    for ended, opened in again:
        await at_work.hear(cast.event(ended))
        await at_work.hear(cast.event(opened))
    await at_work.hear(waiting(cast))
    assert await planned(at_work) == [WAITING], "that it is filled or has expired is no longer true"


@pytest.mark.parametrize("ends", [VacancyWithdrawn, VacancyClosed, VacancyExpired])
async def test_a_place_that_frees_opens_only_what_was_filled(
    at_work: Notifications, cast: Cast, ends: type[Event]
) -> None:
    await at_work.hear(cast.event(VacancyPosted), cast.event(ends))
    await at_work.hear(cast.event(VacancyPlaceFreed), waiting(cast))
    assert not {POSTED, WAITING} & set(await planned(at_work))


async def test_a_later_wait_replaces_an_unsent_earlier_one_for_the_same_reader(
    at_work: Notifications, cast: Cast
) -> None:
    """The desk's own letter stays: the school's later one says nothing to it. Seen red with two for the school."""
    desk = made(OrganisationRegistered, organisationId=uuid7(), kind="desk", region="AM28")
    await at_work.hear(desk, made(ContactState, partyId=desk.organisation_id, party=None))
    await at_work.hear(cast.event(VacancyPosted), waiting(cast), waiting(cast))
    assert await planned(at_work) == [POSTED, WAITING]
    await at_work.hear(waiting(cast, escalated=True))
    assert await planned(at_work) == [POSTED, ("vacancy-waiting", "desk"), WAITING]
    await at_work.hear(waiting(cast))
    assert await planned(at_work) == [POSTED, ("vacancy-waiting", "desk"), WAITING]
    await at_work.hear(cast.event(WaitlistPromoted))
    assert await planned(at_work) == [POSTED], "a candidate came"


async def test_an_end_and_a_wait_that_are_heard_at_once_by_two_workers_leave_no_letter(
    at_work: Notifications, cast: Cast
) -> None:
    """Each reads what the other wrote: they write one after the other. Seen red with the letters planned before."""
    await at_work.hear(cast.event(VacancyPosted))
    for _ in range(5):
        other = Cast(**{**vars(cast), "vacancy": uuid7()})
        at_work.casts.append(other)
        await asyncio.gather(at_work.hear(other.event(VacancyWithdrawn)), at_work.hear(waiting(other)))
    assert await planned(at_work) == [POSTED]


HIDDEN = [(VacancyFilled, 0), (VacancyWaiting, 2)]
"""Each with the minute in which it happened; the vacancy is reopened in the first one, of which is heard last."""


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (HIDDEN, [WAITING]),
        ([(VacancyFilled, 0), (VacancyWaiting, 0)], []),
        ([*HIDDEN, (WaitlistPromoted, 3)], []),
        ([*HIDDEN, (WaitlistPromoted, 3), (VacancyWaiting, 4)], [WAITING]),
        ([*HIDDEN, (VacancyWaiting, 4)], [WAITING]),
        ([*HIDDEN, (VacancyWithdrawn, 4)], []),
    ],
)
async def test_a_reopening_brings_back_only_the_letter_that_is_true(
    at_work: Notifications, cast: Cast, told: Sequence[tuple[type[Event], int]], left: list[tuple[str, str]]
) -> None:
    begin = at_work.database.clock.now()
    heard: list[tuple[type[Event], int]] = [*told, (VacancyReopened, 1)]
    for kind, minute in heard:
        event = waiting(cast) if kind is VacancyWaiting else cast.event(kind)
        await at_work.hear(event, at=begin + timedelta(minutes=minute))
    assert await planned(at_work) == left


async def test_a_reopening_brings_back_no_letter_to_an_erased_recipient(at_work: Notifications, cast: Cast) -> None:
    begin = at_work.database.clock.now()
    await at_work.hear(cast.event(VacancyFilled), waiting(cast))
    await at_work.dispatch.batch([at_work.tombstone(cast.contact("school"))])
    await at_work.hear(cast.event(VacancyReopened), at=begin)
    assert await planned(at_work) == []


async def test_the_letter_about_a_vacancy_that_is_withdrawn_at_once_is_not_sent(
    at_work: Notifications, cast: Cast
) -> None:
    """Seen red: it went out at the moment of posting, before anything of the withdrawal was heard."""
    folder = FolderChannel(at_work.settings.data_dir / "mail")
    await at_work.hear(cast.event(VacancyPosted))
    await Letters(at_work.database, folder, at_work.settings).run_due()
    await at_work.hear(cast.event(VacancyWithdrawn))
    assert await at_work.send(folder) == 0
    assert await at_work.messages() == {POSTED: "obsolete"}


async def test_letters_of_a_vacancy_need_no_feed(at_work: Notifications, cast: Cast) -> None:
    """The feed can be dropped and rebuilt. Seen red while it was asked whether a vacancy is over."""
    await at_work.hear(cast.event(VacancyPosted), cast.event(VacancyWithdrawn))
    await at_work.run("TRUNCATE feed CASCADE")
    await at_work.hear(waiting(cast))
    assert not {POSTED, WAITING} & set(await planned(at_work))


async def test_a_vacancy_that_ended_long_ago_is_purged(at_work: Notifications, cast: Cast) -> None:
    await at_work.hear(cast.event(VacancyPosted), cast.event(VacancyWithdrawn))
    await at_work.rule("retention.message_content", {"contentDays": 90, "metadataDays": 365})
    for days, left in ((0, 1), (366, 0)):
        at_work.pass_time(days=days)
        async with at_work.database.begin(actor="test") as tx:
            await usecases.purge_vacancies(tx)
        assert len(await at_work.rows(fact_tables.vacancies)) == left
