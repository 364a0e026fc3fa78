"""Trainers over HTTP, from application to erasure, with time passing."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text

from common.caller import CallerRole
from common.clock import business_day
from common.envelope import Envelope
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.log import Record
from common.persistence.transaction import uuid7
from events.erasure import ErasureConfirmed
from events.registry import OrganisationChanged
from registry.app import service
from registry.engagement import store as engagement_store
from registry.engagement.model import Engagement
from registry.identifiers import identity
from registry.organisation.store import organisations
from registry.trainer.queries import SERVICES
from registry.trainer.usecases import trainer as trainer_usecases
from tests.integration.registry.registry_cast import COMPANY, COMPANY_ID, PERSON, PROFILE, Cast
from tests.integration.registry.registry_site import Client, Registry, Site
from tests.support.sample import eventually
from tests.support.written import written


async def profiles(registry: Registry) -> list[dict[str, Any] | None]:
    return [json.loads(body) if body else None for name, body in await registry.told() if name == "profile.stated.v3"]


async def test_a_trainer_applies_and_becomes_available(cast: Cast) -> None:
    await cast.until_available()
    told = [name for name, _ in await cast.site.registry.told()]
    assert told == [
        "trainer.applied.v1",
        "contact.stated.v1",
        "trainer.confirmed.v1",
        "consent.given.v1",
        "trainer.intake-started.v1",
        "profile.stated.v3",
        "trainer.employer-agreed.v1",
        "profile.stated.v3",
        "trainer.available.v1",
        "profile.stated.v3",
    ]
    last = (await profiles(cast.site.registry))[-1]
    assert last is not None
    assert (last["status"], last["shortageTrade"], last["region"], last["postcodeArea"]) == (
        "available",
        True,
        "AM01",
        "9712",
    )
    for name, payload in await cast.site.registry.told():
        assert ("Proefpersoon" in str(payload)) == (name == "contact.stated.v1")
    sequences = await cast.site.registry.rows(
        "SELECT (headers->>'ce_sequence')::int AS n, headers->>'ce_subject' AS subject, "
        "headers->>'ce_correlationid' AS of FROM outbox WHERE headers ? 'ce_sequence' ORDER BY position"
    )
    assert [row.n for row in sequences] == [1, 2, 3, 4, 5, 6]
    assert {(row.subject, row.of) for row in sequences} == {(f"trainer/{cast.id}", str(cast.id))}


async def test_wanted_roles_are_shown_published_and_handed_out(cast: Cast) -> None:
    await cast.until_intake()
    wanted = ["practice_trainer", "guest_lecturer"]
    shown = await cast.trainer("PUT", f"{cast.path}/profile", {**PROFILE, "roles": wanted}, headers={"If-Match": "*"})
    assert shown["profile"]["roles"] == wanted
    assert (await cast.trainer("GET", f"{cast.path}/export"))["trainer"]["profile"]["roles"] == wanted
    published = (await profiles(cast.site.registry))[-1]
    assert published is not None
    assert published["roles"] == wanted
    company = await cast.company("GET", f"/organisations/{COMPANY_ID}")
    assert published["companyRegion"] == company["region"] is not None
    assert (published["companyLatitude"], published["companyLongitude"]) == (company["latitude"], company["longitude"])


@pytest.mark.parametrize(
    ("roles", "where"), [(["headmaster"], "roles.0"), (["teacher", "teacher"], "roles"), (["teacher"] * 7, "roles")]
)
async def test_a_role_that_is_unknown_or_named_twice_is_refused_by_field(
    cast: Cast, roles: list[str], where: str
) -> None:
    await cast.until_intake()
    wanted = {**PROFILE, "roles": roles}
    refused = await cast.trainer("PUT", f"{cast.path}/profile", wanted, status=400, headers={"If-Match": "*"})
    assert [param["name"] for param in refused["invalidParams"]] == [where]


async def test_a_profile_stored_before_there_were_roles_wants_any(cast: Cast) -> None:
    await cast.until_intake()
    async with cast.site.registry.database.begin(actor="test") as tx:
        await tx.execute(text("UPDATE trainers SET profile = profile - 'roles'"))
    assert (await cast.trainer("GET", cast.path))["profile"]["roles"] == []


async def test_asked_twice_it_happens_once(cast: Cast) -> None:
    await cast.until_available()
    before = len(await cast.site.registry.told())
    for path in ("_confirm", "_available"):
        await cast.trainer("POST", f"{cast.path}/{path}")
    await cast.company("POST", f"{cast.path}/_employer-agree")
    await cast.trainer("PUT", cast.path, PERSON)
    assert len(await cast.site.registry.told()) == before


async def test_an_employer_names_how_long_it_lets_its_employee_teach_and_may_change_it(cast: Cast) -> None:
    await cast.until_available()
    path = f"{cast.path}/_employer-agree"

    async def limits(body: dict[str, Any] | None) -> tuple[Any, Any]:
        shown = (await cast.company("POST", path, body))["employerMinutesPerWeek"]
        return shown, [each for each in await profiles(cast.site.registry) if each][-1]["employerMinutesPerWeek"]

    assert await limits({"minutesPerWeek": 240}) == (240, 240)
    assert await limits(None) == (240, 240), "agreed again without a word on hours"
    assert await limits({"minutesPerWeek": None}) == (None, None)
    await cast.company("POST", path, {"minutesPerWeek": 0}, status=400)


async def test_a_pause_is_shown_in_the_profile_and_ends_when_asked(cast: Cast) -> None:
    await cast.until_available()
    for _ in range(2):
        assert (await cast.trainer("POST", f"{cast.path}/_pause"))["status"] == "paused"
    await cast.trainer("POST", f"{cast.path}/_available")
    shown = [profile["status"] for profile in await profiles(cast.site.registry) if profile]
    assert shown[-3:] == ["available", "paused", "available"]
    vog = {"issuedOn": cast.today.isoformat(), "shownOn": cast.today.isoformat(), "seenBy": "HR"}
    assert (await cast.company("PUT", f"{cast.path}/vog", vog))["vog"] == vog
    await cast.trainer("POST", f"{cast.path}/_leave", {"reason": "fee"})
    await cast.trainer("POST", f"{cast.path}/_leave", {"reason": "fee"})
    assert (await site_trainer(cast.site)[0]("GET", f"/trainers/{uuid7()}", status=404))["title"] == "Not found"


async def test_a_reminder_that_comes_too_late_says_nothing(cast: Cast) -> None:
    await cast.until_available()
    await cast.trainer("DELETE", f"{cast.path}/consent")
    await cast.site.registry.forget_what_was_told()
    async with cast.site.registry.database.begin(actor="test") as tx:
        await trainer_usecases.remind_of_consent(tx, cast.id)
        await trainer_usecases.expire_consent(tx, cast.id)
        await trainer_usecases.expire(tx, cast.id)
    assert await cast.site.registry.told() == []


async def test_answers_to_commands_have_no_name_since_they_are_kept(cast: Cast) -> None:
    answer = await cast.company("POST", "/trainers", {**PERSON}, status=201)
    assert "Proefpersoon" not in json.dumps(answer)
    kept = await cast.site.registry.rows("SELECT convert_from(body, 'UTF8') AS body FROM idempotency_keys")
    assert kept
    assert not [row for row in kept if "Proefpersoon" in row.body or "@" in row.body]


async def test_every_look_at_a_person_is_recorded_and_handed_out(cast: Cast) -> None:
    await cast.until_intake()
    shown = await cast.company("GET", cast.path)
    assert (shown["person"]["name"], shown["missing"]) == ("Bram Proefpersoon", [])
    await cast.desk("GET", "/trainers?status=intake")
    await cast.company("GET", f"{cast.path}/export", status=403)
    export = await cast.trainer("GET", f"{cast.path}/export")
    who = [(one["actor"], one["processingActivityId"].rpartition("/")[2]) for one in export["processings"]]
    assert who == [("trainer-app", "export-trainer"), ("desk", "show-trainer"), ("company", "show-trainer")]
    assert all(one["readAt"].endswith("Z") for one in export["processings"])
    assert export["trainer"]["person"]["email"] == PERSON["email"]


async def test_a_stranger_finds_nobody(cast: Cast) -> None:
    await cast.until_available()
    stranger = cast.stranger
    await stranger("GET", cast.path, status=404)
    assert {one["region"] for one in (await stranger("GET", "/trainers?limit=500"))["items"]} == {"AM28"}
    await stranger("PUT", cast.path, PERSON, status=404)
    for path in ("_confirm", "_employer-agree", "_available", "_pause", "_erase"):
        await stranger("POST", f"{cast.path}/{path}", status=404)
    await stranger("POST", f"{cast.path}/_leave", {"reason": "other"}, status=404)
    await stranger("DELETE", f"{cast.path}/consent", status=404)
    for path in ("export", "erasure"):
        await stranger("GET", f"{cast.path}/{path}", status=404)
    vog = {"issuedOn": cast.today.isoformat(), "shownOn": cast.today.isoformat(), "seenBy": "HR"}
    await stranger("PUT", f"{cast.path}/vog", vog, status=404)
    mine = (await cast.desk("GET", "/trainers?limit=500&status=available"))["items"]
    assert str(cast.id) in {one["id"] for one in mine}
    assert {one["region"] for one in mine} == {"AM01"}
    of_company = (await cast.company("GET", f"/trainers?companyId={COMPANY_ID}"))["items"]
    assert {one["companyId"] for one in of_company} == {str(COMPANY_ID)}


async def test_no_caller_acts_for_another_trainer(cast: Cast) -> None:
    await cast.trainer("PUT", cast.path, PERSON)
    await cast.company("POST", f"{cast.path}/_confirm", status=403)
    await cast.desk("POST", f"{cast.path}/_confirm", cast.word())
    await cast.company("DELETE", f"{cast.path}/consent", status=403)
    await cast.trainer("POST", f"{cast.path}/_employer-agree", status=403)
    await cast.company("POST", f"{cast.path}/_erase", status=403)
    own = {"issuedOn": cast.today.isoformat(), "shownOn": cast.today.isoformat(), "seenBy": "Zelf"}
    await cast.trainer("PUT", f"{cast.path}/vog", own, status=403)
    await cast.desk("PUT", f"{cast.path}/vog", own)
    alone = site_trainer(cast.site)
    await alone[0]("PUT", alone[1], {**PERSON, "email": "alone@hto.example", "companyId": None})
    await alone[0]("POST", f"{alone[1]}/_confirm")
    await alone[0]("POST", f"{alone[1]}/_employer-agree", status=403)
    await cast.company("POST", f"{alone[1]}/_employer-agree", status=404)


async def test_acts_of_a_person_are_done_by_the_person_or_a_desk_only(cast: Cast) -> None:
    """Seen red: the company gave the person another mail address, resumed and left in their name."""
    await cast.until_available()
    match = {"If-Match": "*"}
    elsewhere = {**PERSON, "email": "elsewhere@example.org"}
    for company in (cast.company, cast.site.as_(CallerRole.PORTAL, CallerRole.PARTNER, org=[COMPANY_ID])):
        await company("PUT", cast.path, elsewhere, status=403, headers=match)
        await company("PUT", f"{cast.path}/profile", PROFILE, status=403, headers=match)
        await company("POST", f"{cast.path}/_pause", status=403)
        await company("POST", f"{cast.path}/_leave", {"reason": "own_wish"}, status=403)
    await cast.trainer("POST", f"{cast.path}/_pause")
    await cast.company("POST", f"{cast.path}/_available", status=403)
    shown = await cast.trainer("GET", cast.path)
    assert (shown["status"], shown["person"]["email"]) == ("paused", PERSON["email"])
    assert (await cast.desk("POST", f"{cast.path}/_available", cast.word()))["status"] == "available"


async def test_a_company_sees_an_applicant_once_the_person_has_confirmed(cast: Cast) -> None:
    """Seen red: whoever applied in somebody's name showed that person to a company."""
    await cast.trainer("PUT", cast.path, PERSON)
    for path in (cast.path, f"{cast.path}/erasure"):
        await cast.company("GET", path, status=404)
    mine = "/trainers?limit=500"
    assert str(cast.id) not in json.dumps(await cast.company("GET", mine))
    assert str(cast.id) in json.dumps(await cast.desk("GET", mine))
    await cast.trainer("POST", f"{cast.path}/_confirm")
    assert (await cast.company("GET", cast.path))["person"]["name"] == PERSON["name"]
    assert str(cast.id) in json.dumps(await cast.company("GET", mine))


async def test_a_caller_who_may_not_apply_in_a_name_learns_nothing_about_it(cast: Cast) -> None:
    """Seen red: 409 told a stranger that an address waits for its confirmation, 400 that there is no such company."""
    for _ in range(3):
        await cast.desk("POST", "/trainers", PERSON, status=201)
    stranger = cast.site.as_(CallerRole.COMPANY, CallerRole.DESK, org=[uuid7()], regions=["AM28"])
    known, unknown = {**PERSON, "email": "nobody@hto.example"}, {**PERSON, "companyId": str(uuid7())}
    for body in (PERSON, known, unknown):
        problem = await stranger("POST", "/trainers", body, status=403)
        assert problem["type"].endswith("/foreign-owner")
        assert "facts" not in problem


async def test_why_somebody_left_is_read_by_the_person_and_the_desk_and_not_by_the_employer(cast: Cast) -> None:
    """Seen red: the employer read that it was because of the employer."""
    await cast.until_available()
    await cast.trainer("POST", f"{cast.path}/_leave", {"reason": "employer"})
    for who, reason in ((cast.trainer, "employer"), (cast.desk, "employer"), (cast.company, None)):
        listed = (await who("GET", "/trainers?limit=500&status=left"))["items"]
        for shown in (await who("GET", cast.path), *(one for one in listed if one["id"] == str(cast.id))):
            assert (shown["status"], shown["leftReason"]) == ("left", reason)


async def test_an_application_that_nobody_confirmed_is_never_shown_to_the_company(cast: Cast) -> None:
    await cast.trainer("PUT", cast.path, PERSON)
    await cast.trainer("POST", f"{cast.path}/_leave", {"reason": "own_wish"})
    await cast.company("GET", cast.path, status=404)
    assert str(cast.id) not in json.dumps(await cast.company("GET", "/trainers?limit=500"))


async def hired_by_a_pending_company(site: Site) -> tuple[Client, Client, str, UUID]:
    """A company that registered itself, and somebody whose client named it as employer."""
    company_id = uuid7()
    company = site.as_(CallerRole.COMPANY, org=[company_id])
    body = {"kind": "company", "name": "Nieuw", "kvk": "00000911", "postcode": "9712 XX", "lendingStatus": "unknown"}
    await company("PUT", f"/organisations/{company_id}", body)
    trainer, path = site_trainer(site)
    await trainer("PUT", path, {**PERSON, "companyId": str(company_id)})
    await trainer("POST", f"{path}/_confirm")
    return company, trainer, path, company_id


async def test_a_pending_company_reads_nothing_personal_until_it_is_confirmed(site: Site) -> None:
    """Seen red: a company that nobody had looked at read name, mail address and postcode of who named it."""
    company, trainer, path, company_id = await hired_by_a_pending_company(site)
    version = (await trainer("GET", path))["version"]
    await trainer("PUT", f"{path}/profile", PROFILE, headers={"If-Match": f'"{version}"'})
    await trainer(
        "PUT", f"{path}/consent", {"until": (business_day(site.registry.now) + timedelta(days=90)).isoformat()}
    )
    claim = {"code": "pdg", "evidence": "Diploma op naam van Bram Proefpersoon"}
    claimed = await trainer("POST", f"{path}/qualifications", claim, status=201)
    personal = ("person", "profile", "consentUntil", "vog", "leftReason")
    listed = (await company("GET", "/trainers?limit=500"))["items"]
    for shown in (await company("GET", path), *listed):
        assert (shown["companyId"], shown["status"]) == (str(company_id), "intake")
        assert [shown.get(name) for name in personal] == [None] * 5
    shown = await company("GET", path)
    assert (shown["qualifications"], shown["missing"], len(listed)) == ([], [], 1)
    await company("GET", f"/qualifications/{claimed['id']}", status=404)
    await company("POST", f"/qualifications/{claimed['id']}/_submit-evidence", {"evidence": "gezien"}, status=404)
    await company("GET", f"{path}/processings", status=403)
    await company("GET", f"{path}/export", status=403)
    await site.as_(CallerRole.DESK, regions=["AM01"])("POST", f"/organisations/{company_id}/_confirm")
    shown = await company("GET", path)
    assert (shown["person"]["name"], shown["profile"]["trades"]) == (PERSON["name"], ["installation"])
    assert [one["id"] for one in shown["qualifications"]] == [claimed["id"]]
    assert (await company("GET", "/trainers?limit=500"))["items"][0]["profile"]
    assert (await company("GET", f"/qualifications/{claimed['id']}"))["evidence"] == claim["evidence"]


async def test_a_pending_company_says_nothing_of_a_trainer(site: Site) -> None:
    """Seen red: it noted that a certificate of conduct was shown to it."""
    company, trainer, path, _ = await hired_by_a_pending_company(site)
    today = business_day(site.registry.now).isoformat()
    vog = {"issuedOn": today, "shownOn": today, "seenBy": "personeelszaken"}
    claim = {"code": "pdg"}
    for method, what, body in (
        ("PUT", "vog", vog),
        ("POST", "qualifications", claim),
        ("PUT", f"qualifications/{uuid7()}", claim),
    ):
        problem = await company(method, f"{path}/{what}", body, status=422)
        assert problem["type"].endswith("/not-confirmed")
    shown = await trainer("GET", path)
    assert (shown["vog"], shown["qualifications"]) == (None, [])


async def test_a_pending_company_agrees_to_nobody(site: Site) -> None:
    company, _, path, company_id = await hired_by_a_pending_company(site)
    problem = await company("POST", f"{path}/_employer-agree", status=422)
    assert problem["type"].endswith("/not-confirmed")
    await site.as_(CallerRole.DESK, regions=["AM01"])("POST", f"/organisations/{company_id}/_confirm")
    assert (await company("POST", f"{path}/_employer-agree"))["employerAgreed"]


def site_trainer(site: Site) -> tuple[Client, str]:
    trainer_id = uuid7()
    return site.as_(CallerRole.TRAINER, trainer=trainer_id), f"/trainers/{trainer_id}"


async def test_a_trainer_applies_under_the_id_of_the_own_token_once(cast: Cast) -> None:
    applied = await cast.trainer("POST", "/trainers", PERSON, status=201)
    assert applied["id"] == str(cast.id)
    problem = await cast.trainer("POST", "/trainers", PERSON, status=409)
    assert problem["type"].endswith("/applied-before")
    await cast.stranger("POST", "/trainers", {**PERSON, "companyId": None}, status=201)
    await cast.site.as_(CallerRole.COMPANY, org=[uuid7()])("POST", "/trainers", PERSON, status=403)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"postcode": "1111 AA"}, "postcode"),
        ({"postcode": "12"}, "postcode"),
        ({"companyId": str(uuid7())}, "companyId"),
        ({"email": "bram"}, "email"),
        ({"name": "111222333"}, "name"),
    ],
)
async def test_an_application_is_refused_by_field(cast: Cast, changes: dict[str, Any], where: str) -> None:
    problem = await cast.desk("POST", "/trainers", {**PERSON, **changes}, status=400)
    assert [param["name"] for param in problem["invalidParams"]] == [where]
    assert await cast.site.registry.told() == []


async def test_a_profile_is_refused_by_field(cast: Cast) -> None:
    known = await cast.until_intake()
    bad = {**PROFILE, "trades": ["alchemy"], "companyDays": [], "languages": ["nl", "nl"]}
    await cast.trainer("PUT", f"{cast.path}/profile", PROFILE, status=428)
    match = {"If-Match": f'"{known["version"]}"'}
    problem = await cast.trainer("PUT", f"{cast.path}/profile", bad, status=400, headers=match)
    assert {param["name"] for param in problem["invalidParams"]} == {"trades.0", "companyDays", "languages"}
    alone, path = site_trainer(cast.site)
    await alone("PUT", path, {**PERSON, "email": "alone@hto.example", "companyId": None})
    await alone("POST", f"{path}/_confirm")
    free = {**PROFILE, "companyMinutesPerWeek": 0, "companyDays": [], "forms": ["self_employed", "secondment"]}
    problem = await alone("PUT", f"{path}/profile", free, status=400, headers={"If-Match": "*"})
    assert [(param["name"], param["code"]) for param in problem["invalidParams"]] == [("forms.1", "needs-employer")]


async def test_personal_details_are_put_right_and_a_new_employer_must_agree(cast: Cast) -> None:
    await cast.until_available()
    other = identity("company", "00000107")
    moved = {**PERSON, "companyId": str(other), "email": "bram@elders.example"}
    await cast.trainer("PUT", cast.path, moved, status=428)
    answer = await cast.trainer("PUT", cast.path, moved, headers={"If-Match": "*"})
    assert (answer["status"], answer["employerAgreed"], answer["companyId"]) == ("paused", False, str(other))
    told = [name for name, _ in await cast.site.registry.told()][-4:]
    assert told == ["trainer.details-changed.v1", "trainer.paused.v1", "profile.stated.v3", "contact.stated.v1"]
    lent = {**PROFILE, "forms": ["secondment"]}
    shown = await cast.trainer("PUT", f"{cast.path}/profile", lent, headers={"If-Match": "*"})
    assert (await cast.trainer("GET", cast.path))["missing"] == ["employer"]
    problem = await cast.trainer("POST", f"{cast.path}/_available", status=422)
    assert problem["facts"] == {"missing": "employer"}
    own_time = {**PROFILE, "forms": ["secondment", "guest"]}
    await cast.trainer("PUT", f"{cast.path}/profile", own_time, headers={"If-Match": f'"{shown["version"]}"'})
    assert (await cast.trainer("POST", f"{cast.path}/_available"))["status"] == "available"


async def test_a_qualification_is_checked_by_the_desk_and_seen_in_the_profile(cast: Cast) -> None:
    await cast.until_intake()
    claim = {"code": "pdg", "evidence": "A diploma of 2019"}
    claimed = await cast.trainer("POST", f"{cast.path}/qualifications", claim, status=201)
    assert claimed["status"] == "evidence_submitted"
    path = f"/qualifications/{claimed['id']}"
    await cast.trainer("POST", f"{path}/_review", status=403)
    await cast.stranger("POST", f"{path}/_review", status=404)
    await cast.desk("POST", f"{path}/_review")
    await cast.desk("POST", f"{path}/_reject", {"reason": "unreadable"})
    await cast.trainer("POST", f"{path}/_submit-evidence", {"evidence": "A better scan"})
    await cast.desk("POST", f"{path}/_review")
    last_day = cast.today + timedelta(days=100)
    verified = await cast.desk("POST", f"{path}/_verify", {"validUntil": last_day.isoformat()})
    assert (verified["status"], verified["validUntil"]) == ("verified", last_day.isoformat())
    shown = (await profiles(cast.site.registry))[-1]
    assert shown is not None
    assert shown["qualifications"] == [
        {"code": "pdg", "subject": None, "verified": True, "validUntil": last_day.isoformat()}
    ]
    assert (await cast.trainer("GET", path))["evidence"] == "A better scan"
    await cast.site.registry.pass_time(cast.site.registry.now + timedelta(days=102))
    assert (await cast.trainer("GET", path))["status"] == "expired"
    shown = (await profiles(cast.site.registry))[-1]
    assert shown is not None
    assert shown["qualifications"] == []


async def test_a_claim_under_an_own_id_is_made_once(cast: Cast) -> None:
    await cast.until_intake()
    path = f"{cast.path}/qualifications/{uuid7()}"
    claim = {"code": "teacher_grade_2", "subject": "physics"}
    first = await cast.trainer("PUT", path, claim)
    before = len(await cast.site.registry.told())
    assert await cast.trainer("PUT", path, claim) == first
    assert len(await cast.site.registry.told()) == before
    await cast.trainer("PUT", path, {"code": "pdg"}, status=409)
    problem = await cast.trainer("POST", f"{cast.path}/qualifications", {"code": "pdg", "subject": "magic"}, status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["subject"]
    verified = await cast.desk("POST", f"/qualifications/{first['id']}/_verify", {}, status=409)
    assert verified["facts"] == {"status": "claimed", "wanted": "verified"}
    bsn = {"code": "pdg", "evidence": "See 111222333"}
    await cast.trainer("POST", f"{cast.path}/qualifications", bsn, status=400)


async def test_a_claim_under_a_known_id_has_the_same_evidence_and_the_same_trainer(cast: Cast) -> None:
    await cast.until_intake()
    claim_id = uuid7()
    path, claim = f"{cast.path}/qualifications/{claim_id}", {"code": "pdg", "evidence": "A diploma of 2019"}
    first = await cast.trainer("PUT", path, claim)
    assert await cast.trainer("PUT", path, claim) == first
    problem = await cast.trainer("PUT", path, {**claim, "evidence": "A diploma of 2020"}, status=409)
    assert problem["type"].endswith("/claimed-otherwise")
    other = Cast(cast.site, uuid7())
    await other.until_intake(email="another@hto.example")
    for who in (other.trainer, other.desk):  # the desk may see both: also then it is another's
        await who("PUT", f"{other.path}/qualifications/{claim_id}", claim, status=404)


async def test_a_first_declaration_is_not_declared_otherwise(cast: Cast) -> None:
    first = await cast.trainer("PUT", cast.path, {**PERSON, "wasTrainerBefore": True})
    assert await cast.trainer("PUT", cast.path, PERSON) == first
    problem = await cast.trainer("PUT", cast.path, {**PERSON, "wasTrainerBefore": False}, status=409)
    assert problem["type"].endswith("/declared-otherwise")


async def test_a_verified_qualification_can_be_taken_back(cast: Cast) -> None:
    await cast.until_intake()
    claim = {"code": "pdg", "evidence": "A diploma"}
    path = "/qualifications/" + (await cast.trainer("POST", f"{cast.path}/qualifications", claim, status=201))["id"]
    for step, body in (("_review", None), ("_verify", {}), ("_revoke", None)):
        await cast.desk("POST", f"{path}/{step}", body)
    assert (await cast.desk("GET", path))["status"] == "revoked"
    applicant, other = site_trainer(cast.site)
    await applicant("PUT", other, {**PERSON, "email": "alone@hto.example", "companyId": None})
    await applicant("POST", f"{other}/qualifications", claim, status=409)


# -- when time passes -------------------------------------------------------------------------------------------------


async def status_of(cast: Cast) -> str:
    rows = await cast.site.registry.rows("SELECT status FROM trainers WHERE id = :id", id=cast.id)
    return str(rows[0].status)


async def test_an_application_that_nobody_confirms_falls_away_and_is_forgotten(cast: Cast) -> None:
    registry, start = cast.site.registry, cast.site.registry.now
    await cast.trainer("PUT", cast.path, PERSON)
    await registry.pass_time(start + timedelta(days=29))
    assert await status_of(cast) == "applied"
    await registry.pass_time(start + timedelta(days=31))
    assert await status_of(cast) == "expired"
    await cast.trainer("POST", f"{cast.path}/_confirm", status=409)
    await registry.pass_time(start + timedelta(days=31 + 29))
    assert await status_of(cast) == "anonymised"


async def test_a_confirmed_application_does_not_fall_away(cast: Cast) -> None:
    await cast.trainer("PUT", cast.path, PERSON)
    await cast.trainer("POST", f"{cast.path}/_confirm")
    await cast.site.registry.pass_time(cast.site.registry.now + timedelta(days=40))
    assert await status_of(cast) == "confirmed"


async def test_a_consent_is_reminded_of_then_ends_and_then_the_person_is_forgotten(cast: Cast) -> None:
    registry, start = cast.site.registry, cast.site.registry.now
    await cast.until_available()
    await registry.forget_what_was_told()
    await registry.pass_time(start + timedelta(days=340))
    of_consent = [name for name in await registry.names_told() if name.startswith("consent")]
    assert of_consent.count("consent.expiring.v1") >= 1
    await registry.pass_time(start + timedelta(days=367))
    rows = await registry.rows(
        "SELECT event_type AS type FROM audit WHERE about = :about ORDER BY id DESC LIMIT 2", about=f"trainer/{cast.id}"
    )
    assert [row.type.rpartition("techniekopleiders.")[2] for row in rows] == ["trainer.paused.v1", "consent.expired.v1"]
    assert await status_of(cast) == "paused"
    await registry.pass_time(start + timedelta(days=367 + 30))
    assert await status_of(cast) == "anonymised"


async def test_a_renewed_consent_goes_on(cast: Cast) -> None:
    registry, start = cast.site.registry, cast.site.registry.now
    await cast.until_available()
    await registry.pass_time(start + timedelta(days=340))
    consent = {"until": (cast.today + timedelta(days=365)).isoformat()}
    await cast.trainer("PUT", f"{cast.path}/consent", consent)
    await registry.pass_time(start + timedelta(days=400))
    assert await status_of(cast) == "available"
    too_long = {"until": (cast.today + timedelta(days=400)).isoformat()}
    await cast.trainer("PUT", f"{cast.path}/consent", too_long, status=422)


async def test_a_trainer_who_withdraws_consent_has_some_weeks_to_think_again(cast: Cast) -> None:
    registry, start = cast.site.registry, cast.site.registry.now
    await cast.until_available()
    answer = await cast.trainer("DELETE", f"{cast.path}/consent")
    assert (answer["status"], answer["consentUntil"]) == ("paused", None)
    await cast.trainer("DELETE", f"{cast.path}/consent")
    await registry.pass_time(start + timedelta(days=20))
    consent = {"until": (cast.today + timedelta(days=100)).isoformat()}
    await cast.trainer("PUT", f"{cast.path}/consent", consent)
    await registry.pass_time(start + timedelta(days=60))
    assert await status_of(cast) == "paused"
    await cast.trainer("POST", f"{cast.path}/_available")


# -- leaving and being forgotten --------------------------------------------------------------------------------------


async def test_a_trainer_who_leaves_has_no_profile_and_is_erased_after_weeks(cast: Cast) -> None:
    registry, start = cast.site.registry, cast.site.registry.now
    await cast.until_available()
    await registry.forget_what_was_told()
    await cast.trainer("POST", f"{cast.path}/_leave", {"reason": "schedule"})
    assert [(name, payload is None) for name, payload in await registry.told()] == [
        ("trainer.left.v1", False),
        ("profile.stated.v3", True),
    ]
    await registry.pass_time(start + timedelta(days=27))
    assert await status_of(cast) == "left"
    await registry.pass_time(start + timedelta(days=30))
    assert await status_of(cast) == "anonymised"


@pytest.mark.parametrize(("years", "forgotten"), [(2, [0, 0, 1]), (3, [0, 0, 0])])
async def test_a_certificate_is_forgotten_some_years_after_the_work_while_the_person_is_kept(
    cast: Cast, years: int, forgotten: list[int]
) -> None:
    """Policy ``retention.vog_check`` says how many years; ``retention.contract`` keeps the person for longer."""
    registry, start = cast.site.registry, cast.site.registry.now
    await cast.until_available()
    vog = {"issuedOn": cast.today.isoformat(), "shownOn": cast.today.isoformat(), "seenBy": "desk"}
    await cast.desk("PUT", f"{cast.path}/vog", vog)
    async with registry.database.begin(actor="test") as tx:
        await engagement_store.sign(
            tx, Engagement(contract_id=cast.id, vacancy_id=uuid7(), trainer_id=cast.id, signed_on=tx.today)
        )
        await engagement_store.end(tx, cast.id, ended_on=tx.today + timedelta(days=100), fell_away=False)
        policies = registry.database.metadata.tables["policies"]
        row = (await tx.execute(select(policies).where(policies.c.code == "retention.vog_check"))).mappings().one()
        await tx.execute(insert(policies).values({**row, "version": 99, "value": {"yearsAfterEnd": years}}))
    registry.database.policies_changed()
    gone = []
    await cast.trainer("POST", f"{cast.path}/_leave", {"reason": "schedule"})
    for days in (0, 365 * 2 + 50, 365 * 2 + 150):
        await registry.pass_time(start + timedelta(days=days))
        async with registry.database.begin(actor="test") as tx:
            gone.append(await trainer_usecases.purge_vogs(tx))
    assert gone == forgotten
    (row,) = await registry.rows("SELECT status, person, vog FROM trainers WHERE id = :id", id=cast.id)
    assert (row.status, row.person is None, row.vog is None) == ("left", False, bool(sum(forgotten)))


async def test_the_certificate_of_somebody_who_is_still_here_stays(cast: Cast) -> None:
    registry, start = cast.site.registry, cast.site.registry.now
    await cast.until_available()
    vog = {"issuedOn": cast.today.isoformat(), "shownOn": cast.today.isoformat(), "seenBy": "desk"}
    await cast.desk("PUT", f"{cast.path}/vog", vog)
    registry.database.clock.offset += timedelta(days=365 * 4)
    assert registry.now > start + timedelta(days=365 * 3)
    async with registry.database.begin(actor="test") as tx:
        await trainer_usecases.purge_vogs(tx)
    assert (await registry.rows("SELECT vog FROM trainers WHERE id = :id", id=cast.id))[0].vog is not None


async def test_the_worker_forgets_certificates_by_itself(cast: Cast) -> None:
    registry = cast.site.registry
    await cast.until_available()
    vog = {"issuedOn": cast.today.isoformat(), "shownOn": cast.today.isoformat(), "seenBy": "desk"}
    await cast.desk("PUT", f"{cast.path}/vog", vog)
    await cast.trainer("POST", f"{cast.path}/_leave", {"reason": "schedule"})
    registry.database.clock.offset += timedelta(days=365 * 3)
    (purge_hourly,) = service.loops
    loop: asyncio.Task[None] = asyncio.create_task(purge_hourly(SimpleNamespace(database=registry.database)))  # type: ignore[arg-type]

    async def forgotten() -> bool:
        return (await registry.rows("SELECT vog FROM trainers WHERE id = :id", id=cast.id))[0].vog is None

    await eventually(forgotten)
    loop.cancel()


async def test_an_erased_person_is_nowhere_any_more_and_every_service_says_so(cast: Cast) -> None:
    """Seen red without the contact's tombstone."""
    registry = cast.site.registry
    await cast.until_available()
    await cast.trainer("POST", f"{cast.path}/qualifications", {"code": "pdg", "evidence": "Own words"}, status=201)
    await registry.forget_what_was_told()
    answer = await cast.trainer("POST", f"{cast.path}/_erase")
    assert (answer["complete"], answer["services"][0]["service"]) == (False, "registry")
    told = [(name, payload is None) for name, payload in await registry.told()]
    assert told == [
        ("trainer.left.v1", False),
        ("trainer.anonymised.v1", False),
        ("profile.stated.v3", True),
        ("contact.stated.v1", True),
        ("erasure.confirmed.v1", False),
    ]
    for table, rows in (await written(registry.database.url)).items():
        for personal in ("Proefpersoon", "Own words"):
            assert personal not in rows, table
    shown = await cast.trainer("GET", cast.path)
    assert (shown["status"], shown["person"], shown["profile"]) == ("anonymised", None, None)
    for index, name in enumerate(SERVICES):
        await deliver(registry, ErasureConfirmed(trainer_id=cast.id, service=name, rows=1), index)
        await deliver(registry, ErasureConfirmed(trainer_id=cast.id, service=name, rows=9), index)
    erasure = await cast.trainer("GET", f"{cast.path}/erasure")
    assert erasure["complete"]
    assert {(one["service"], one["rows"]) for one in erasure["services"]} == {(name, 1) for name in SERVICES}
    await cast.trainer("POST", f"{cast.path}/_erase")


async def test_no_row_is_written_about_an_erased_trainer(cast: Cast) -> None:
    """Seen red: evidence for a qualification of before was taken, in words that nobody would forget."""
    await cast.until_available()
    claims = [
        await cast.trainer("POST", f"{cast.path}/qualifications", {"code": code}, status=201)
        for code in ("pdg", "teacher_grade_2")
    ]
    await cast.trainer("POST", f"{cast.path}/_erase")
    words = {"evidence": "Diploma op naam van Bram"}
    for who in (cast.desk, cast.trainer):
        for claim in claims:
            await who("POST", f"/qualifications/{claim['id']}/_submit-evidence", words, status=409)
        await who("POST", f"{cast.path}/qualifications", {"code": "pdg", **words}, status=409)
    for table, rows in (await written(cast.site.registry.database.url)).items():
        assert "op naam van" not in rows, table


async def test_the_tombstones_of_an_erased_person_are_said_once_more(cast: Cast) -> None:
    """Kafka compacts what a later record has closed, and a topic may be quiet. Seen red without ``seal_erasure``."""
    registry = cast.site.registry
    await cast.until_available()
    await cast.trainer("POST", f"{cast.path}/_erase")
    await registry.forget_what_was_told()
    await registry.pass_time(registry.now + trainer_usecases.SEAL_AFTER + timedelta(minutes=1))
    told = [(name, payload) for name, payload in await registry.told()]
    assert told == [("contact.stated.v1", None), ("profile.stated.v3", None)]


async def test_changes_of_a_company_are_in_the_profiles_of_its_people(cast: Cast) -> None:
    """Else a company that moved would be where it was, until its trainer changed something."""
    registry = cast.site.registry
    await cast.until_available()
    path = f"/organisations/{COMPANY_ID}"
    of_company = {**COMPANY, "kvk": "00000100", "postcode": "2312 XX", "size": "small"}
    changed = await cast.site.as_(CallerRole.PROGRAMME)("PUT", path, of_company, headers={"If-Match": "*"})
    assert (changed["region"], changed["size"]) == ("AM19", "small")
    await registry.forget_what_was_told()
    async with registry.database.begin(actor="test") as tx:
        stored = await organisations.get(tx, COMPANY_ID)
    await deliver(registry, OrganisationChanged(**stored.facts()), 1, of="registry")
    published = [each for each in await profiles(registry) if each]
    assert {(each["companyId"], each["companyRegion"], each["companySize"]) for each in published} == {
        (str(COMPANY_ID), "AM19", "small")
    }
    assert [each["region"] for each in published if each["trainerId"] == str(cast.id)] == ["AM01"]


async def deliver(
    registry: Registry, event: ErasureConfirmed | OrganisationChanged, offset: int, *, of: str = "matching"
) -> None:
    """Hand one event to the service's consumer."""
    envelope = Envelope(
        id=uuid7(),
        source=registry.database.source_of(of),
        type=event.type,
        subject="erasure/x",
        time=registry.now,
        key=event.key,
    )
    record = Record(
        topic=f"hto.{of}.events",
        partition=0,
        offset=offset,
        key=event.key,
        value=event.model_dump_json().encode(),
        headers=envelope.headers(),
        timestamp=registry.now,
    )
    assert await Dispatch(registry.database, service.handlers, "registry").batch([record]) == 1
