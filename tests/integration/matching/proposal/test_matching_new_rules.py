"""What waits is searched for again when a rule that decides who fits begins to hold, and then only."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from common.clock import beginning_of, business_day
from matching.proposal.usecases import new_rules
from matching.proposal.usecases.new_rules import RULES_CHANGE
from matching.vacancy.usecases import RETRY_SEARCH
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import STARTS_ON, profile, vacancy


async def planned(matching: Matching) -> list[datetime]:
    """When something is to be looked at by new rules."""
    deadlines = matching.database.metadata.tables["deadlines"]
    async with matching.database.begin(actor="test") as tx:
        query = select(deadlines.c.due_at).where(deadlines.c.what == RULES_CHANGE).order_by(deadlines.c.due_at)
        return list((await tx.execute(query)).scalars())


async def searches(matching: Matching, vacancy_id: UUID) -> datetime:
    return (await matching.deadlines_of(vacancy_id))[RETRY_SEARCH]


async def until(matching: Matching, day: date) -> None:
    span = beginning_of(day) - matching.database.clock.now()
    await matching.pass_time(seconds=int(span.total_seconds()) + 30)


async def test_a_vacancy_that_waits_is_searched_for_again_once_on_the_day_of_a_rule(matching: Matching) -> None:
    """Two waiting vacancies: the rule lets one find its candidate; the other goes on to wait for its daily search."""
    asked, hopeless = vacancy(), vacancy(subject="welding")
    await matching.hear(profile(desired_minutes_per_week=60), asked, hopeless)
    await matching.settle()
    day = business_day(matching.database.clock.now()) + timedelta(days=1)
    before = await searches(matching, hopeless.vacancy_id)
    await matching.publish_policy("matching.fit", day, ownMinutesShare=100)
    await matching.publish_policy("matching.road", day, perMille=1001)
    await matching.settle()
    assert await matching.proposals_for(asked.vacancy_id) == []
    assert await planned(matching) == [beginning_of(day)]
    await until(matching, day)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    assert business_day(proposal.made_at) == day
    # Searched for at midnight, and not again before the next day.
    again = await searches(matching, hopeless.vacancy_id)
    assert beginning_of(day) + timedelta(days=1) < again < before + timedelta(days=1)
    assert await planned(matching) == []


async def test_a_rule_that_decides_nothing_about_who_fits_brings_no_search(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(asked)
    await matching.settle()
    before, today = await searches(matching, asked.vacancy_id), business_day(matching.database.clock.now())
    for code in ("vat.rates", "matching.weights", "retention.rankings"):
        await matching.publish_policy(code, today, extra=1)
    await matching.settle()
    assert await searches(matching, asked.vacancy_id) == before


async def test_law_of_a_later_day_counts_at_once_for_lessons_that_begin_after_it(
    matching: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page: with pages of one, of three vacancies the second waits for its turn, and the third is not asked."""
    monkeypatch.setattr(new_rules, "PAGE", 1)
    asked = [vacancy(), vacancy(), vacancy(starts_on=STARTS_ON - timedelta(days=40))]
    await matching.hear(*asked)
    await matching.settle()
    before = [await searches(matching, each.vacancy_id) for each in asked]
    now = matching.database.clock.now()
    await matching.publish_policy("working_time.R4", STARTS_ON - timedelta(days=1))
    await matching.settle()
    first, second, third = [await searches(matching, each.vacancy_id) for each in asked]
    assert first > before[0]
    assert timedelta(0) < second - now < timedelta(minutes=1)
    assert third == before[2]
    await matching.pass_time(seconds=10)
    assert await searches(matching, asked[1].vacancy_id) > before[1]
    assert await planned(matching) == [beginning_of(STARTS_ON - timedelta(days=1))]
