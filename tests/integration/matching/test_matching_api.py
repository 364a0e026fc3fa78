"""Matching over HTTP: who may see and answer what, and what is never shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from common.persistence.transaction import uuid7
from events import Event
from events.matching import SideWorkAgreed
from events.registry import TrainerAnonymised, VacancyPosted
from rules import words
from tests.integration.matching.matching_at_work import GRONINGEN, Matching
from tests.support.asking import BOARD, COMPANY, LOCATION, SCHOOL, profile, vacancy

EMPLOYED: Final = {
    "company_id": COMPANY,
    "employer_agreed": True,
    "company_minutes_per_week": 1920,
    "company_days": [1, 2, 3, 4],
}


async def get(matching: Matching, path: str, status: int = 200, **token: Any) -> Any:
    response = await matching.client.get(path, headers=matching.headers(**({"org": SCHOOL} | token)))
    assert response.status_code == status, response.text
    return response.json()


async def send(
    matching: Matching, method: str, path: str, body: Mapping[str, Any] | None = None, status: int = 200, **token: Any
) -> Any:
    headers = matching.headers(write=method == "POST", **({"org": SCHOOL} | token))
    response = await matching.client.request(method, path, headers=headers, json=body)
    assert response.status_code == status, response.text
    return response.json()


async def proposed(matching: Matching, **other: Any) -> tuple[VacancyPosted, dict[str, Any]]:
    asked = vacancy(**other)
    await matching.hear(profile(**EMPLOYED), profile(trades=["pie"]), asked)
    return asked, (await get(matching, "/proposals"))["items"][0]


async def trainer_of(matching: Matching, proposal: dict[str, Any]) -> str:
    """Who is proposed, which no answer to the school tells."""
    found = await matching.proposals_for(UUID(proposal["vacancyId"]))
    return next(str(each.trainer_id) for each in found if str(each.id) == proposal["id"])


async def test_everybody_consents_over_http_and_it_is_accepted(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    path = f"/proposals/{proposal['id']}/consents"
    half = await send(matching, "PUT", f"{path}/school")
    assert (half["status"], half["left"]) == ("proposed", ["trainer", "company"])
    await send(matching, "PUT", f"{path}/trainer", **as_trainer(await trainer_of(matching, proposal)))
    done = await send(matching, "PUT", f"{path}/company", org=COMPANY, role="company")
    assert done["status"] == "accepted"
    assert [each["party"] for each in done["consents"]] == ["school", "trainer", "company"]
    mine = await get(matching, f"/proposals/{proposal['id']}", **DESK)
    assert {each["outcome"] for each in mine["grounds"]["findings"]} <= {"pass", "warn"}
    response = await matching.client.get(f"/proposals/{proposal['id']}", headers=matching.headers(org=BOARD))
    assert response.headers["etag"] == f'"{response.json()["version"]}"'


async def test_the_same_consent_again_is_the_same_answer(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    path = f"/proposals/{proposal['id']}/consents/school"
    assert await send(matching, "PUT", path) == await send(matching, "PUT", path)


async def test_a_decline_has_a_reason_of_the_list(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    path = f"/proposals/{proposal['id']}/_decline"
    wrong = await send(matching, "POST", path, {"party": "school", "reason": "no idea"}, 400)
    assert [each["name"] for each in wrong["invalidParams"]] == ["reason"]
    declined = await send(matching, "POST", path, {"party": "school", "reason": "expertise"})
    assert (declined["status"], declined["reason"], declined["declinedBy"]) == ("declined", "expertise", "school")
    late = await send(matching, "PUT", f"/proposals/{proposal['id']}/consents/school", status=409)
    assert late["type"].endswith("/not-possible")


async def test_a_party_cannot_answer_for_another(matching: Matching) -> None:
    _, proposal = await proposed(matching)
    path = f"/proposals/{proposal['id']}"
    for party, token in (
        ("company", {}),
        ("trainer", {}),
        ("school", {"org": COMPANY, "role": "company"}),
        ("school", as_trainer(await trainer_of(matching, proposal))),
        ("school", {"org": None, "role": "desk", "regions": ["AM13"]}),
    ):
        await send(matching, "PUT", f"{path}/consents/{party}", status=403, **token)
        await send(matching, "POST", f"{path}/_decline", {"party": party, "reason": "other"}, 403, **token)
    assert (await get(matching, path))["consents"] == []
    await send(matching, "PUT", f"{path}/consents/desk", status=400)


DESK: Final[dict[str, Any]] = {"org": None, "role": "desk", "regions": ["AM13"]}


def as_trainer(trainer_id: object) -> dict[str, Any]:
    return {"org": None, "role": "trainer", "trainer": str(trainer_id)}


STRANGERS: Final[list[dict[str, Any]]] = [
    {"org": UUID(int=1)},
    {"org": SCHOOL, "role": "company"},
    {"org": None, "role": "trainer", "trainer": str(UUID(int=2))},
    {"org": None, "role": "desk", "regions": ["AM01"]},
    {"org": SCHOOL, "role": "operator"},
]


@pytest.mark.parametrize("token", STRANGERS, ids=lambda token: f"{token.get('role', 'school')}")
async def test_a_proposal_of_another_party_is_not_found(matching: Matching, token: dict[str, Any]) -> None:
    asked, proposal = await proposed(matching)
    assert (await get(matching, "/proposals", **token))["items"] == []
    await get(matching, f"/proposals/{proposal['id']}", 404, **token)
    role = token.get("role", "school")
    answers, proposes = (
        404 if role in roles else 403 for roles in ({"school", "company", "trainer"}, {"school", "desk"})
    )
    await send(matching, "PUT", f"/proposals/{proposal['id']}/consents/school", status=answers, **token)
    decline = {"party": "school", "reason": "other"}
    await send(matching, "POST", f"/proposals/{proposal['id']}/_decline", decline, answers, **token)
    await get(matching, f"/vacancies/{asked.vacancy_id}/ranking", 404, **token)
    add = {"candidateId": proposal["candidateId"]}
    await send(matching, "POST", f"/vacancies/{asked.vacancy_id}/proposals", add, proposes, **token)
    await get(matching, f"/rankings/{proposal['rankingId']}", 404, **token)


async def test_a_proposal_that_does_not_exist_is_not_found(matching: Matching) -> None:
    for path in ("/proposals/{}", "/vacancies/{}/ranking", "/rankings/{}"):
        await get(matching, path.format(uuid7()), 404)


@pytest.mark.parametrize(
    "token",
    [
        {"org": SCHOOL},
        {"org": BOARD},
        {"org": LOCATION},
        {"org": COMPANY, "role": "company"},
        {"org": None, "role": "desk", "regions": ["AM13"]},
        {"org": BOARD, "role": "portal"},
    ],
)
async def test_every_party_and_its_desk_see_the_proposal(matching: Matching, token: dict[str, Any]) -> None:
    _, proposal = await proposed(matching)
    assert (await get(matching, f"/proposals/{proposal['id']}", **token))["id"] == proposal["id"]


async def test_proposals_are_found_by_vacancy_trainer_and_status(matching: Matching) -> None:
    asked, proposal = await proposed(matching)
    path = f"/proposals/{proposal['id']}/_decline"
    await send(matching, "POST", path, {"party": "school", "reason": "other"})
    both = (await get(matching, f"/proposals?vacancyId={asked.vacancy_id}"))["items"]
    assert {each["status"] for each in both} == {"proposed", "declined"}
    assert (await get(matching, "/proposals?status=proposed"))["items"] == [
        each for each in both if each["status"] == "proposed"
    ]
    assert (await get(matching, f"/proposals?vacancyId={uuid7()}"))["items"] == []
    first = await get(matching, "/proposals?limit=1")
    second = await get(matching, f"/proposals?limit=1&cursor={first['nextCursor']}")
    assert [*first["items"], *second["items"]] == both


async def test_the_desk_sees_everybody_with_reasons_and_what_would_help(matching: Matching) -> None:
    asked = vacancy()
    fits, related = profile(), profile(trades=["pie"])
    far, speaks_english = profile(latitude=GRONINGEN[0], longitude=GRONINGEN[1]), profile(languages=["en"])
    await matching.hear(fits, related, far, speaks_english, asked)
    for token in (DESK, {"org": None, "role": "programme"}):
        items = (await get(matching, f"/vacancies/{asked.vacancy_id}/ranking", **token))["items"]
        assert [each["standing"] for each in items] == ["shortlisted"] * 2 + ["rejected"] * 2
        best, second, *rejected = [each["explanation"] for each in items]
        assert best["points"] == pytest.approx(sum(each["points"] for each in best["factors"]))
        assert best["points"] > second["points"]
        by_rule = {each["hints"][0]["rule"]: each for each in rejected}
        [distance] = [each for each in by_rule["DISTANCE"]["reasons"] if each["rule"] == "DISTANCE"]
        assert (distance["outcome"], distance["limit"], distance["unit"]) == ("block", "40", "km")
        km = words.decimal(Decimal(distance["measured"]), "nl")
        assert distance["textNl"] == f"de reisafstand is te groot (het is {km} km, de grens is 40 km)"
        [near] = [each for each in best["reasons"] if each["rule"] == "DISTANCE"]
        assert near["textEn"].startswith("the travelling distance is fine (it is ")
        hint = {"rule": "DISTANCE", "by": "trainer", "change": "raise-travel-limit"}
        assert hint.items() <= by_rule["DISTANCE"]["hints"][0].items()
        assert by_rule["LANGUAGE"]["hints"][0]["needed"] == "nl"


async def test_a_ranking_comes_in_pages_that_fit_together(matching: Matching) -> None:
    """The desk's, which shows everybody."""
    asked = vacancy()
    crowd = [profile(trades=["pie"] if number % 2 else ["electrical"]) for number in range(50)]
    crowd += [profile(languages=["en"]) for _ in range(40)]
    await matching.hear(*crowd, asked)
    path, found = f"/vacancies/{asked.vacancy_id}/ranking", list[Any]()
    page = await get(matching, f"{path}?limit=45", **DESK)
    while True:
        found += page["items"]
        if page["nextCursor"] is None:
            break
        page = await get(matching, f"{path}?limit=45&cursor={page['nextCursor']}", **DESK)
    assert found == (await get(matching, f"{path}?limit=500", **DESK))["items"]
    assert len({each["candidateId"] for each in found}) == 90
    standings = [each["standing"] for each in found]
    assert standings == ["shortlisted"] * 20 + ["reserve"] * 30 + ["rejected"] * 40
    await get(matching, f"{path}?cursor=nonsense", 400)


async def test_a_vacancy_that_nobody_can_place_has_an_empty_ranking(matching: Matching) -> None:
    asked = vacancy(latitude=None)
    await matching.hear(profile(), asked)
    assert await get(matching, f"/vacancies/{asked.vacancy_id}/ranking") == {"items": [], "nextCursor": None}


async def test_a_school_adds_its_own_choice_and_the_desk_too(matching: Matching) -> None:
    asked, _ = await proposed(matching)
    ranking = (await get(matching, f"/vacancies/{asked.vacancy_id}/ranking"))["items"]
    first = (await get(matching, "/proposals"))["items"][0]["candidateId"]
    [other] = [each["candidateId"] for each in ranking if each["candidateId"] != first]
    path, body = f"/vacancies/{asked.vacancy_id}/proposals", {"candidateId": other}
    response = await matching.client.post(path, headers=matching.headers(write=True, org=SCHOOL), json=body)
    assert response.status_code == 201
    added = response.json()
    assert response.headers["location"] == f"/matching/v1/proposals/{added['id']}"
    assert (added["by"], added["candidateId"]) == ("school", other)
    again = await send(matching, "POST", path, body, 409)
    assert again["type"].endswith("/already-asked")
    late = profile()
    await matching.hear(late)
    seen = (await get(matching, f"/vacancies/{asked.vacancy_id}/ranking", **DESK))["items"]
    asked_already = {each["candidateId"] for each in (await get(matching, "/proposals", **DESK))["items"]}
    [free] = [each["candidateId"] for each in seen if each["candidateId"] not in asked_already]
    by_desk = await send(matching, "POST", path, {"candidateId": free}, 201, **DESK)
    assert (by_desk["by"], by_desk["grounds"]["kilometres"]) == ("desk", 0)
    assert (await matching.proposals_for(asked.vacancy_id))[-1].trainer_id == late.trainer_id


async def test_a_choice_that_does_not_fit_is_refused_with_the_rule(matching: Matching) -> None:
    asked, unfit = vacancy(), profile(languages=["en"])
    await matching.hear(profile(), unfit, asked)
    path = f"/vacancies/{asked.vacancy_id}/proposals"
    seen = (await get(matching, f"/vacancies/{asked.vacancy_id}/ranking", **DESK))["items"]
    [rejected] = [each["candidateId"] for each in seen if each["standing"] == "rejected"]
    refused = await send(matching, "POST", path, {"candidateId": rejected}, 422, **DESK)
    assert refused["facts"] == {"rules": "LANGUAGE"}
    for known in (rejected, str(unfit.trainer_id), str(uuid7())):
        await send(matching, "POST", path, {"candidateId": known}, 404)
    await send(matching, "POST", path, {"candidateId": "me"}, 400)


async def test_the_waiting_list_is_unmet_demand_by_region_and_subject(matching: Matching) -> None:
    first, second = vacancy(), vacancy(region="AM01", subject="roofing")
    await matching.hear(first)
    await matching.hear(second)
    everything = (await get(matching, "/waiting-vacancies"))["items"]
    assert [each["vacancyId"] for each in everything] == [str(first.vacancy_id), str(second.vacancy_id)]
    assert (everything[0]["freePlaces"], everything[0]["escalated"]) == (1, False)
    assert (await get(matching, "/waiting-vacancies?region=AM01"))["items"] == everything[1:]
    assert (await get(matching, "/waiting-vacancies?subject=electrical"))["items"] == everything[:1]
    desk: dict[str, Any] = {"org": None, "role": "desk", "regions": ["AM01"]}
    assert (await get(matching, "/waiting-vacancies", **desk))["items"] == everything[1:]
    assert (await get(matching, "/waiting-vacancies", org=None, role="programme"))["items"] == everything
    assert (await get(matching, "/waiting-vacancies", org=COMPANY, role="company"))["items"] == []


async def test_a_ranking_can_be_made_again_by_who_doubts_it(matching: Matching) -> None:
    asked, proposal = await proposed(matching)
    path = f"/rankings/{proposal['rankingId']}"
    made = await get(matching, path)
    assert (made["vacancyId"], made["candidates"], made["madeAt"]) == (str(asked.vacancy_id), None, None)
    made = await get(matching, path, **DESK)
    assert (made["candidates"], made["fitting"]) == (2, 2)
    repeated = await send(matching, "POST", f"{path}/_repeat")
    assert (repeated["identical"], repeated["sha256"]) == (True, None), "of a guess it would say whether it is right"
    repeated = await send(matching, "POST", f"{path}/_repeat", **DESK)
    assert (repeated["identical"], len(repeated["sha256"])) == (True, 64)
    await matching.hear(TrainerAnonymised(trainer_id=UUID(await trainer_of(matching, proposal))))
    refused = await send(matching, "POST", f"{path}/_repeat", status=409)
    assert refused["type"].endswith("/not-repeatable")


async def test_every_reading_of_personal_data_is_recorded(matching: Matching) -> None:
    asked, proposal = await proposed(matching)
    before = await matching.count("processing_log")
    await get(matching, f"/vacancies/{asked.vacancy_id}/ranking")
    await get(matching, f"/proposals/{proposal['id']}")
    assert await matching.count("processing_log") == before + 3


async def test_blind_until_everybody_agreed(matching: Matching) -> None:
    """What tells who it is (the employer, the place) is in no answer to others, in no event and in no log."""
    telling = {
        "postcode_area": "9731",
        "latitude": 52.09876,
        "longitude": 5.12345,
        **EMPLOYED,
        "company_minutes_per_week": 1907,
    }
    asked, comes = vacancy(), profile(**telling)
    school: dict[str, Any] = {"org": SCHOOL}
    desk: dict[str, Any] = {"org": None, "role": "desk", "regions": ["AM13"]}
    seen = list[str]()

    async def look(**token: Any) -> None:
        for path in ("/proposals", f"/vacancies/{asked.vacancy_id}/ranking", "/waiting-vacancies"):
            seen.append(json.dumps(await get(matching, path, **token)))

    with capture_logs() as logs:
        await matching.hear(comes, asked)
        [proposal] = (await get(matching, "/proposals"))["items"]
        assert proposal["companyId"] is None
        await look(**school)
        await look(**desk)
        path = f"/proposals/{proposal['id']}"
        await send(matching, "PUT", f"{path}/consents/school")
        trainer: dict[str, Any] = {"org": None, "role": "trainer", "trainer": str(comes.trainer_id)}
        mine = await send(matching, "PUT", f"{path}/consents/trainer", **trainer)
        assert mine["companyId"] == str(COMPANY)
        await look(**school)
        told = [event.model_dump_json() for event in await matching.told(Event)]
    for text in (*seen, json.dumps(logs, default=str)):
        assert str(COMPANY) not in text
    for text in (*seen, *told, json.dumps(logs, default=str)):
        for secret in ("9731", "52.09876", "5.12345"):
            assert secret not in text
    done = await send(matching, "PUT", f"{path}/consents/company", org=COMPANY, role="company")
    assert done["status"] == "accepted"
    assert (await get(matching, path))["companyId"] == str(COMPANY)


async def test_no_answer_has_a_field_for_an_identity(matching: Matching) -> None:
    response = await matching.client.get("/openapi.json")
    schemas = response.json()["components"]["schemas"]
    own = {name: set(schema.get("properties", ())) for name, schema in schemas.items() if "View" in name}
    assert {"CandidateView", "ProposalView", "WaitingView"} <= set(own)
    identifying = {
        "name",
        "email",
        "phone",
        "postcode",
        "postcodeArea",
        "address",
        "latitude",
        "longitude",
        "birthDate",
    }
    assert not identifying & set[str]().union(*(fields for name, fields in own.items() if "InvalidParam" not in name))


async def test_the_employer_of_a_trainer_who_teaches_in_own_time_learns_nothing(matching: Matching) -> None:
    """Before, the employer was asked whatever the form and the hours."""
    comes, asked = profile(**{**EMPLOYED, "company_days": [1, 3, 4]}), vacancy()
    employer: dict[str, Any] = {"org": COMPANY, "role": "company"}
    await matching.hear(comes, asked)
    [proposal] = (await get(matching, "/proposals"))["items"]
    path = f"/proposals/{proposal['id']}"
    assert proposal["asked"] == ["trainer", "school"]
    await send(matching, "PUT", f"{path}/consents/school")
    trainer: dict[str, Any] = {"org": None, "role": "trainer", "trainer": str(comes.trainer_id)}
    done = await send(matching, "PUT", f"{path}/consents/trainer", **trainer)
    assert (done["status"], done["companyId"]) == ("accepted", None)
    assert (await get(matching, "/proposals", **employer))["items"] == []
    [notice] = await matching.told(SideWorkAgreed)
    assert (notice.trainer_id, notice.law) == (comes.trainer_id, "BW 7:653a")
    envelopes = await matching.envelopes()
    assert not [each for each in envelopes if str(COMPANY) in json.dumps(each, default=str)]
    assert str(COMPANY) not in "".join([each.model_dump_json() for each in await matching.told(Event)])
    [header] = [json.dumps(each, default=str) for each in envelopes if "side-work" in json.dumps(each, default=str)]
    assert (f"trainer={comes.trainer_id}" in header, str(SCHOOL) in header) == (True, False)
