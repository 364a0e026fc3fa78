"""What each viewer sees of a candidate: parties a pseudonym and bands, helpers the measures, trainers themselves."""

from __future__ import annotations

import hashlib
from datetime import time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from common.persistence.transaction import uuid7
from events.registry import OrganisationChanged, OrganisationRegistered
from events.words import OrganisationKind, Slot, TeachingRole
from matching.ranking.tables import candidate_key
from tests.integration.matching.matching_at_work import GRONINGEN, Matching
from tests.integration.matching.test_matching_api import (
    DESK,
    EMPLOYED,
    as_trainer,
    get,
    proposed,
    send,
    trainer_of,
)
from tests.support.asking import COMPANY, SCHOOL, WHOLE_YEAR, profile, vacancy

EMPLOYER: dict[str, Any] = {"org": COMPANY, "role": "company"}
PROGRAMME: dict[str, Any] = {"org": None, "role": "programme"}


async def test_a_school_sees_who_fits_in_bands_and_nothing_of_the_others(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(*(profile() for _ in range(3)), profile(languages=["en"]), asked)
    items = (await get(matching, f"/vacancies/{asked.vacancy_id}/ranking"))["items"]
    assert len(items) == 3
    for item in items:
        assert set(item) == {"candidateId", "standing", "subject", "distanceKm", "hoursPercent", "explanation"}
        assert (item["standing"], item["explanation"]) == ("fits", None)
        assert (item["subject"], item["distanceKm"], item["hoursPercent"]) == ("same", "0-10", "100")


async def test_whom_the_rules_keep_apart_is_counted_in_rounded_numbers(matching: Matching) -> None:
    asked = vacancy()
    far = {"latitude": GRONINGEN[0], "longitude": GRONINGEN[1]}
    await matching.hear(*(profile(**far) for _ in range(7)), profile(languages=["en"]), asked)
    screening = await get(matching, f"/vacancies/{asked.vacancy_id}/screening")
    counted = {each["rule"]: each["candidates"] for each in screening["byRule"]}
    assert (counted["DISTANCE"], counted["LANGUAGE"]) == (5, None)
    said = {each["rule"]: (each["textNl"], each["textEn"]) for each in screening["byRule"]}
    assert said["DISTANCE"] == ("de reisafstand is te groot", "the travelling distance is too long")


async def test_a_vacancy_that_nobody_can_place_has_no_numbers_and_takes_no_proposal(matching: Matching) -> None:
    asked, comes = vacancy(latitude=None), profile()
    await matching.hear(comes, asked)
    assert (await get(matching, f"/vacancies/{asked.vacancy_id}/screening"))["byRule"] == []
    path = f"/vacancies/{asked.vacancy_id}/proposals"
    refused = await send(matching, "POST", path, {"candidateId": str(uuid7())}, 422)
    assert refused["type"].endswith("/unplaced")
    await get(matching, f"/vacancies/{asked.vacancy_id}/assessment", 404, **as_trainer(comes.trainer_id))


async def test_trainers_see_their_own_assessment_also_where_they_do_not_fit(matching: Matching) -> None:
    asked, fits, unfit = vacancy(), profile(), profile(languages=["en"])
    await matching.hear(fits, unfit, asked)
    path = f"/vacancies/{asked.vacancy_id}/assessment"
    good = await get(matching, path, **as_trainer(fits.trainer_id))
    assert (good["fits"], good["kilometres"]) == (True, 0)
    bad = await get(matching, path, **as_trainer(unfit.trainer_id))
    assert (bad["fits"], bad["hints"][0]["rule"]) == (False, "LANGUAGE")
    await get(matching, path, 404, **as_trainer(uuid7()))
    await get(matching, path, 403, org=SCHOOL)
    await get(matching, f"/vacancies/{uuid7()}/assessment", 404, **as_trainer(fits.trainer_id))


async def test_the_employer_sees_whose_proposal_it_is_once_the_trainer_consented(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    path, own = f"/proposals/{proposal['id']}", await trainer_of(matching, proposal)
    blind = await get(matching, path, **EMPLOYER)
    assert (blind["trainerId"], blind["companyId"], blind["grounds"]) == (None, str(COMPANY), None)
    assert (await get(matching, f"/proposals?trainerId={own}", **EMPLOYER))["items"] == []
    await send(matching, "PUT", f"{path}/consents/trainer", **as_trainer(own))
    assert (await get(matching, path, **EMPLOYER))["trainerId"] == own
    assert len((await get(matching, f"/proposals?trainerId={own}", **EMPLOYER))["items"]) == 1
    assert (await get(matching, path))["trainerId"] is None
    assert (await get(matching, f"/proposals?trainerId={own}"))["items"] == []


async def test_everybody_has_another_candidate_id_and_the_trainer_has_none(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    path, own = f"/proposals/{proposal['id']}", as_trainer(await trainer_of(matching, proposal))
    tokens: list[dict[str, Any]] = [{"org": SCHOOL}, EMPLOYER, DESK, PROGRAMME]
    ids = {(await get(matching, path, **token))["candidateId"] for token in tokens}
    assert len(ids) == 4
    mine = await get(matching, path, **own)
    assert (mine["candidateId"], mine["grounds"]["rank"]) == (None, None)
    assert (await get(matching, path, **DESK))["grounds"]["rank"] == 1


async def test_parties_see_the_day_of_a_moment_and_the_desk_the_moment(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    path = f"/proposals/{proposal['id']}"
    await send(matching, "PUT", f"{path}/consents/school")
    shown = await get(matching, path)
    moments = [shown["madeAt"], shown["answerBefore"], shown["consents"][0]["consentedAt"]]
    assert {moment[10:] for moment in moments} == {"T00:00:00Z"}
    assert (await get(matching, path, **DESK))["madeAt"][10:] != "T00:00:00Z"


async def test_the_hidden_side_of_a_proposal_that_ended_stays_hidden(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    path, own = f"/proposals/{proposal['id']}", await trainer_of(matching, proposal)
    await send(matching, "POST", f"{path}/_decline", {"party": "trainer", "reason": "fee"}, **as_trainer(own))
    shown = await get(matching, path)
    assert (shown["status"], shown["trainerId"], shown["companyId"]) == ("declined", None, None)


async def test_that_a_trainer_paused_is_not_shown_to_each_vacancy(matching: Matching) -> None:
    asked, comes = vacancy(), profile(**EMPLOYED)
    await matching.hear(comes, asked)
    await matching.hear(profile(trainer_id=comes.trainer_id, status="paused"))
    [shown] = (await get(matching, "/proposals"))["items"]
    assert (shown["status"], shown["reason"]) == ("withdrawn", None)
    [shown] = (await get(matching, "/proposals", **DESK))["items"]
    assert shown["reason"] == "trainer_paused"


async def test_a_new_key_makes_other_candidate_ids_of_everybody(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    async with matching.database.begin(actor="test") as tx:
        await tx.execute(delete(candidate_key))
    again = (await get(matching, "/proposals"))["items"][0]
    assert again["id"] == proposal["id"]
    assert again["candidateId"] != proposal["candidateId"]


@pytest.mark.parametrize("others", [0, 2])
async def test_ids_of_proposals_and_rankings_show_the_day_only(matching: Matching, others: int) -> None:
    asked = vacancy(places=others + 1)
    await matching.hear(*(profile() for _ in range(others + 1)), asked)
    day = 24 * 60 * 60 * 1000
    for proposal in await matching.proposals_for(asked.vacancy_id):
        for id_ in (proposal.id, proposal.grounds.ranking_id):
            assert (UUID(str(id_)).int >> 80) % day == 0
            assert id_.version == 7


async def test_the_desk_sees_what_would_make_a_candidate_fit_in_both_languages(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(), profile(roles=[TeachingRole.TEACHER]), asked)
    listed = (await get(matching, f"/vacancies/{asked.vacancy_id}/ranking", **DESK))["items"]
    (rejected,) = [each for each in listed if each["standing"] == "rejected"]
    path = f"/vacancies/{asked.vacancy_id}/candidates/{rejected['candidateId']}"
    found = await get(matching, path, **DESK)
    assert {name: found[name] for name in rejected} == rejected
    (change,) = found["ways"][0]["changes"]
    assert (change["by"], change["change"], change["needed"]) == ("trainer", "accept-role", "guest_lecturer")
    assert (change["textNl"], change["textEn"]) == (
        "De hto'er wil ook deze rol: gastdocent.",
        "The trainer also wants this role: guest lecturer.",
    )
    subject = found["explanation"]["factors"][0]
    assert (subject["points"], subject["maximum"]) == (30, 30)
    assert subject["textNl"] == "het vak past helemaal (30 van 30 punten)"
    await get(matching, f"/vacancies/{asked.vacancy_id}/candidates/{uuid7()}", 404, **DESK)
    await get(matching, path, 403)


async def test_a_candidate_of_a_vacancy_without_a_place_is_not_explained(matching: Matching) -> None:
    asked = vacancy(latitude=None)
    await matching.hear(profile(), asked)
    await get(matching, f"/vacancies/{asked.vacancy_id}/candidates/{uuid7()}", 404, **DESK)


async def test_a_trainer_who_does_not_fit_learns_what_would_help(matching: Matching) -> None:
    comes, asked = profile(desired_minutes_per_week=120), vacancy()
    await matching.hear(comes, asked)
    found = await get(matching, f"/vacancies/{asked.vacancy_id}/assessment", **as_trainer(comes.trainer_id))
    said = [[change["textNl"] for change in way["changes"]] for way in found["ways"]]
    assert said[0] == ["De school vraagt 2 uur en 30 minuten per week; nu is dat 3 uur en 30 minuten."]
    assert found["gap"]["textNl"] == "De school vraagt 1 uur en 30 minuten per week meer dan de hto'er wil."


async def test_the_seed_of_the_lottery_is_published(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(), asked)
    (proposal,) = await matching.proposals_for(asked.vacancy_id)
    shown = await get(matching, f"/rankings/{proposal.grounds.ranking_id}")
    text = f"{asked.vacancy_id}/{shown['day']}"
    assert shown["lotterySeed"] == hashlib.sha256(text.encode()).hexdigest()[:16]


async def test_a_school_learns_how_many_fit_and_what_would_bring_more(matching: Matching) -> None:
    asked, long_days = vacancy(), Slot(day=2, starts=time(8, 30), ends=time(16, 30))
    too_long = vacancy(minutes_per_week=480, roster=[long_days], **WHOLE_YEAR)
    people = [profile(availability=[long_days], desired_minutes_per_week=0) for _ in range(7)]
    await matching.hear(*people, asked, too_long)
    found = await get(matching, f"/vacancies/{asked.vacancy_id}/outlook")
    assert (found["allowed"], found["candidates"], found["byWeekday"]) == (True, 5, [{"weekday": 2, "candidates": 5}])
    assert found["textNl"] == "Mogelijk: er passen nu minstens 5 mensen."
    found = await get(matching, f"/vacancies/{too_long.vacancy_id}/outlook")
    assert (found["allowed"], found["candidates"]) == (False, None)
    assert found["textNl"] == "Zo mag niemand dit werk doen. Vraag iets anders."
    first = found["advice"][0]
    assert (first["change"], first["needed"], first["candidates"]) == ("ask-minutes", "360", 5)
    assert first["textEn"] == "The school asks 6 hours a week; now 8 hours."


async def test_the_outlook_of_a_vacancy_is_for_its_school_and_those_who_help(matching: Matching) -> None:
    asked, nowhere = vacancy(), vacancy(latitude=None)
    await matching.hear(profile(), asked, nowhere)
    path = f"/vacancies/{asked.vacancy_id}/outlook"
    for caller in (DESK, PROGRAMME):
        assert (await get(matching, path, **caller))["candidates"] is None
    await get(matching, path, 404, org=UUID(int=1))
    refused = await get(matching, f"/vacancies/{nowhere.vacancy_id}/outlook", 422)
    assert refused["type"].endswith("/unplaced")


def _asked(**changes: Any) -> dict[str, Any]:
    asked = vacancy(**WHOLE_YEAR)
    body = {
        "locationId": str(asked.location_id),
        "schoolType": asked.school_type,
        "role": asked.role,
        "subject": asked.subject,
        "minutesPerWeek": asked.minutes_per_week,
        "roster": [{"day": 2, "starts": "08:30", "ends": "16:30"}],
        "startsOn": asked.starts_on.isoformat(),
        "endsOn": asked.ends_on and asked.ends_on.isoformat(),
        "supervisorId": str(uuid7()),
        "forms": asked.forms,
    }
    return body | changes


def _site(**changes: Any) -> OrganisationRegistered:
    asked = vacancy()
    facts: dict[str, Any] = {
        "organisation_id": asked.location_id,
        "kind": OrganisationKind.LOCATION,
        "board_id": asked.board_id,
        "school_id": asked.school_id,
        "school_types": [asked.school_type],
        "postcode_area": None,
        "municipality": None,
        "region": asked.region,
        "latitude": asked.latitude,
        "longitude": asked.longitude,
        "lending_status": None,
        "education_recognised": False,
    }
    return OrganisationRegistered(**facts | changes)


async def test_a_school_learns_the_outlook_of_what_it_has_not_posted(matching: Matching) -> None:
    long_days = Slot(day=2, starts=time(8, 30), ends=time(16, 30))
    people = [profile(availability=[long_days], desired_minutes_per_week=0) for _ in range(7)]
    await matching.hear(*people, _site())
    found = await send(matching, "POST", "/outlooks", _asked(), 200)
    assert (found["allowed"], found["candidates"], found["byWeekday"]) == (True, 5, [{"weekday": 2, "candidates": 5}])
    found = await send(matching, "POST", "/outlooks", _asked(minutesPerWeek=480), 200)
    assert (found["allowed"], found["advice"][0]["needed"]) == (False, "360")
    assert (await get(matching, "/waiting-vacancies"))["items"] == []


async def test_an_impossible_question_has_no_outlook_and_its_fields_are_named(matching: Matching) -> None:
    await matching.hear(_site())
    unknown = await send(matching, "POST", "/outlooks", _asked(locationId=str(uuid7())), 400)
    assert [each["name"] for each in unknown["invalidParams"]] == ["locationId"]
    wrong = _asked(minutesPerWeek=600, endsOn="2020-01-01")
    refused = await send(matching, "POST", "/outlooks", wrong, 400)
    assert [each["name"] for each in refused["invalidParams"]] == ["endsOn", "roster"]
    await matching.hear(_site(latitude=None, longitude=None))
    refused = await send(matching, "POST", "/outlooks", _asked(), 422)
    assert refused["type"].endswith("/unplaced")


async def test_an_outlook_before_posting_is_for_the_school_of_the_site_and_its_desk(matching: Matching) -> None:
    await matching.hear(_site(), _site(organisation_id=UUID(int=9), kind=OrganisationKind.BOARD))
    await send(matching, "POST", "/outlooks", _asked(), 200, **DESK)
    await send(matching, "POST", "/outlooks", _asked(), 403, org=UUID(int=1))
    await send(matching, "POST", "/outlooks", _asked(), 403, **PROGRAMME)
    board = await send(matching, "POST", "/outlooks", _asked(locationId=str(UUID(int=9))), 400)
    assert board["invalidParams"][0]["code"] == "unknown"


async def test_a_site_that_moves_is_asked_about_where_it_is_now(matching: Matching) -> None:
    await matching.hear(*(profile(desired_minutes_per_week=0) for _ in range(7)), _site())
    body = _asked(roster=None)
    assert (await send(matching, "POST", "/outlooks", body, 200))["candidates"] == 5
    far = {"latitude": GRONINGEN[0], "longitude": GRONINGEN[1]}
    await matching.hear(OrganisationChanged(**{**_site().model_dump(), **far}))
    assert (await send(matching, "POST", "/outlooks", body, 200))["candidates"] is None
