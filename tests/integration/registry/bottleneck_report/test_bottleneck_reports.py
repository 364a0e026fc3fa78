"""What stands in the way is reported by those who meet it, answered with a date, and counted as evidence."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.caller import CallerRole
from common.clock import business_day
from common.persistence.transaction import uuid7
from registry.app import service
from tests.integration.registry.registry_cast import COMPANY_ID, LOCATION_ID, Cast
from tests.integration.registry.registry_site import Client, Site

VAT = {"policyCode": "vat.V5", "item": "K2.2", "summary": "Door de btw is uitlenen te duur."}
SMALL_LISTS = {"registry /bottleneck-counts": "a row for each item of the policy conversation"}
NO_LONGER = {"outcome": "rule_stays", "answer": "De regel blijft."}


@pytest.fixture
def company(cast: Cast) -> Client:
    return cast.company


@pytest.fixture
def programme(site: Site) -> Client:
    return site.as_(CallerRole.PROGRAMME, client="programme")


def of_the_company(**changes: Any) -> dict[str, Any]:
    return {**VAT, "organisationId": str(COMPANY_ID), **changes}


def counted(item: str, *regions: tuple[str | None, int, int]) -> dict[str, Any]:
    cells = [{"region": region, "reported": reported, "answered": answered} for region, reported, answered in regions]
    totals = {"reported": sum(each[1] for each in regions), "answered": sum(each[2] for each in regions)}
    return {"item": item, **totals, "regions": cells}


async def test_a_report_goes_to_the_ministry_that_owns_the_rule_and_is_answered_with_a_date(
    site: Site, company: Client, programme: Client
) -> None:
    reported = await company("POST", "/bottleneck-reports", of_the_company(), status=201)
    today = business_day(site.registry.now)
    assert (reported["status"], reported["ministry"], reported["companyId"]) == ("reported", "FIN", str(COMPANY_ID))
    assert date.fromisoformat(reported["answerBefore"]) > today
    assert reported["region"] is not None
    path, promised = f"/bottleneck-reports/{reported['id']}", (today + timedelta(days=200)).isoformat()
    answer = {"outcome": "rule_will_change", "answer": "De regel wijzigt per 1 juli.", "settledBefore": promised}
    answered = await programme("POST", f"{path}/_answer", answer)
    assert (answered["status"], answered["answeredOn"]) == ("answered", today.isoformat())
    assert await company("GET", path) == answered
    assert (await programme("POST", f"{path}/_answer", answer))["version"] == answered["version"]
    await programme("POST", f"{path}/_answer", NO_LONGER, status=409)
    told = await site.registry.told()
    assert [name for name, _ in told] == ["bottleneck.reported.v1", "bottleneck.answered.v1"]
    assert "btw" not in str(told)


async def test_a_report_is_in_the_name_of_whom_the_caller_acts_for(site: Site, cast: Cast, programme: Client) -> None:
    school = site.as_(CallerRole.SCHOOL, org=[LOCATION_ID], client="school")
    of_school = await school("POST", "/bottleneck-reports", {**VAT, "organisationId": str(LOCATION_ID)}, status=201)
    assert (of_school["locationId"], of_school["companyId"]) == (str(LOCATION_ID), None)
    of_trainer = await cast.trainer("POST", "/bottleneck-reports", {**VAT, "region": "AM01"}, status=201)
    assert of_trainer["trainerId"] == str(cast.id)
    of_desk = await cast.desk("POST", "/bottleneck-reports", {**VAT, "region": "AM01"}, status=201)
    assert (of_desk["region"], of_desk["trainerId"]) == ("AM01", None)
    of_all = await programme("POST", "/bottleneck-reports", VAT, status=201)
    assert of_all["region"] is None
    for who, body, status in (
        (cast.company, {**VAT, "organisationId": str(LOCATION_ID)}, 403),
        (cast.company, VAT, 400),
        (cast.company, {**VAT, "organisationId": str(uuid7())}, 400),
        (cast.desk, {**VAT, "region": "AM28"}, 403),
        (cast.desk, VAT, 400),
    ):
        await who("POST", "/bottleneck-reports", body, status=status)


async def test_an_organisation_that_nobody_confirmed_reports_nothing(site: Site) -> None:
    """Seen red: anybody who registered a company could bring evidence in its name."""
    id_ = uuid7()
    pending = site.as_(CallerRole.COMPANY, org=[id_], client="newcomer")
    body = {"kind": "company", "name": "Nieuw BV", "kvk": "00123456", "postcode": "5611XX", "lendingStatus": "unknown"}
    assert (await pending("PUT", f"/organisations/{id_}", body))["status"] == "pending"
    problem = await pending("POST", "/bottleneck-reports", of_the_company(organisationId=str(id_)), status=422)
    assert problem["type"].endswith("not-confirmed")


async def test_a_report_with_an_unknown_rule_and_item_names_both_and_keeps_nothing(site: Site, company: Client) -> None:
    bad = of_the_company(policyCode="vat.V99", item="K9")
    problem = await company("POST", "/bottleneck-reports", bad, status=400)
    assert [one["name"] for one in problem["invalidParams"]] == ["policyCode", "item"]
    assert not await site.registry.rows("SELECT 1 FROM bottleneck_reports")
    assert await site.registry.told() == []


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_report_with_a_reporter_that_is_not_well_named_names_its_other_faults_too(
    cast: Cast, method: str
) -> None:
    path = "/bottleneck-reports" if method == "POST" else f"/bottleneck-reports/{uuid7()}"
    wrong = {"policyCode": "vat.V99", "item": "K9"}
    unknown = {"organisationId": str(uuid7())}
    for who, reporter, fault in (
        (cast.company, unknown, ("organisationId", "unknown")),
        (cast.company, {}, ("organisationId", "missing")),
        (cast.desk, {}, ("region", "missing")),
    ):
        problem = await who(method, path, {**VAT, **wrong, **reporter}, status=400)
        found = [(one["name"], one["code"]) for one in problem["invalidParams"]]
        assert found == [("policyCode", "unknown"), ("item", "unknown"), fault]
        problem = await who(method, path, {**VAT, **reporter}, status=400)
        assert [(one["name"], one["code"]) for one in problem["invalidParams"]] == [fault]
    await cast.company(method, path, {**VAT, **wrong, "organisationId": str(LOCATION_ID)}, status=403)
    assert not await cast.site.registry.rows("SELECT 1 FROM bottleneck_reports")


async def test_a_report_that_is_known_is_still_refused_without_its_reporter(cast: Cast) -> None:
    path = f"/bottleneck-reports/{uuid7()}"
    await cast.company("PUT", path, of_the_company())
    problem = await cast.company("PUT", path, VAT, status=400)
    assert [one["name"] for one in problem["invalidParams"]] == ["organisationId"]


async def test_an_id_under_which_somebody_else_reported_is_not_found(cast: Cast) -> None:
    """Seen red: 409 said that there is a report under this id."""
    path = f"/bottleneck-reports/{uuid7()}"
    await cast.company("PUT", path, of_the_company())
    await cast.stranger("PUT", path, {**VAT, "region": "AM28"}, status=404)
    await cast.stranger("PUT", f"/bottleneck-reports/{uuid7()}", {**VAT, "region": "AM28"})


async def test_a_report_under_an_id_of_ones_own_is_made_once(company: Client) -> None:
    path = f"/bottleneck-reports/{uuid7()}"
    first = await company("PUT", path, of_the_company())
    assert await company("PUT", path, of_the_company()) == first
    await company("PUT", path, of_the_company(summary="Iets anders."), status=409)
    await company("PUT", f"/bottleneck-reports/{UUID(int=4)}", of_the_company(), status=400)


async def test_reports_are_found_and_counted_by_item_and_region_by_those_who_may_see_them(
    site: Site, cast: Cast, programme: Client
) -> None:
    for region, item in (("AM01", "K2.2"), ("AM01", "K2.2"), ("AM28", "K2.1"), (None, "K1")):
        body = {**VAT, "item": item, **({"region": region} if region else {})}
        last = await programme("POST", "/bottleneck-reports", body, status=201)
    await programme("POST", f"/bottleneck-reports/{last['id']}/_answer", NO_LONGER)
    await programme("POST", "/bottleneck-reports", {**VAT, "item": "K2.1"}, status=201)
    assert (await programme("GET", "/bottleneck-counts"))["items"] == [
        counted("K1", (None, 1, 1)),
        counted("K2.1", (None, 1, 0), ("AM28", 1, 0)),
        counted("K2.2", ("AM01", 2, 0)),
    ]
    first = await programme("GET", "/bottleneck-counts?limit=1")
    then = await programme("GET", f"/bottleneck-counts?limit=1&cursor={first['nextCursor']}")
    assert [each["item"] for each in (*first["items"], *then["items"])] == ["K1", "K2.1"]
    assert (await cast.desk("GET", "/bottleneck-counts"))["items"] == [counted("K2.2", ("AM01", 2, 0))]
    found = (await programme("GET", "/bottleneck-reports?status=answered"))["items"]
    assert [one["id"] for one in found] == [last["id"]]
    assert len((await cast.desk("GET", "/bottleneck-reports?item=K2.2"))["items"]) == 2
    assert (await cast.company("GET", "/bottleneck-reports"))["items"] == []
    await cast.company("GET", f"/bottleneck-reports/{last['id']}", status=404)
    await cast.desk("POST", f"/bottleneck-reports/{last['id']}/_answer", NO_LONGER, status=403)


async def test_the_words_of_an_erased_trainer_are_gone_and_the_evidence_stays(cast: Cast, programme: Client) -> None:
    await cast.until_intake()
    reported = await cast.trainer("POST", "/bottleneck-reports", {**VAT, "region": "AM01"}, status=201)
    await cast.trainer("POST", f"{cast.path}/_leave", {"reason": "schedule"})
    await cast.trainer("POST", f"{cast.path}/_erase")
    shown = await programme("GET", f"/bottleneck-reports/{reported['id']}")
    assert (shown["summary"], shown["item"]) == (None, "K2.2")


async def test_the_words_of_an_answered_report_are_emptied_after_the_term(
    site: Site, company: Client, programme: Client
) -> None:
    registry = site.registry
    answered, unanswered = [
        (await company("POST", "/bottleneck-reports", of_the_company(), status=201))["id"] for _ in range(2)
    ]
    await programme("POST", f"/bottleneck-reports/{answered}/_answer", NO_LONGER)
    (purge,) = [purge for loop in service.loops for purge in getattr(loop, "forgets", ()) if "bottleneck" in str(purge)]
    emptied = []
    for days in (700, 100):
        registry.database.clock.offset += timedelta(days=days)
        async with registry.database.begin(actor="test") as tx:
            emptied.append(await purge(tx))
    assert emptied == [0, 1]
    rows = await registry.rows("SELECT id, summary, answer FROM bottleneck_reports")
    assert {str(row.id): row.summary is None for row in rows} == {answered: True, unanswered: False}
    assert json.dumps([row.answer for row in rows]) == "[null, null]"
