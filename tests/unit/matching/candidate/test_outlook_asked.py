"""A vacancy that a school only thinks of is judged as the one that it would post."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from common.errors import Invalid
from events.registry import VacancyFacts
from matching.candidate.views import OutlookBody
from matching.site.model import Site
from matching.vacancy.model.published import facts_of, opening_of
from tests.support.asking import vacancy


def site_of(facts: VacancyFacts) -> Site:
    return Site(
        id=facts.location_id,
        board_id=facts.board_id,
        school_id=facts.school_id,
        region=facts.region,
        municipality=facts.municipality,
        latitude=facts.latitude,
        longitude=facts.longitude,
    )


CALENDAR: dict[str, Any] = {"municipality": "Wageningen", "days_without_lessons": [date(2027, 3, 1)]}


def body_of(facts: VacancyFacts, **changes: Any) -> OutlookBody:
    names = OutlookBody.model_fields.keys() - {"roster"}
    asked = {name: getattr(facts, name) for name in names} | {
        "roster": None if facts.roster is None else [slot.model_dump() for slot in facts.roster]
    }
    return OutlookBody.model_validate(asked | changes, strict=False, by_name=True)


@pytest.mark.parametrize(
    "changes", [{}, {"roster": None}, {"ends_on": None}, {"forms": []}, {"supervisor_id": None}, CALENDAR]
)
def test_the_opening_before_posting_is_the_opening_after(changes: dict[str, Any]) -> None:
    facts = facts_of(vacancy(**changes))
    opening = opening_of(facts)
    assert opening is not None
    assert body_of(facts).opening(site_of(facts), facts.vacancy_id) == opening


def test_a_site_on_no_map_has_no_opening() -> None:
    facts = facts_of(vacancy())
    assert body_of(facts).opening(replace(site_of(facts), latitude=None), facts.vacancy_id) is None
    assert body_of(facts).opening(replace(site_of(facts), longitude=None), facts.vacancy_id) is None


def test_all_that_cannot_be_asked_is_named_at_once() -> None:
    facts = facts_of(vacancy())
    before = facts.starts_on - timedelta(days=1)
    asked = body_of(facts, ends_on=before, minutes_per_week=2400)
    with pytest.raises(Invalid) as refused:
        asked.opening(site_of(facts), facts.vacancy_id)
    assert [each.name for each in refused.value.params] == ["endsOn", "roster"]
