"""May this person teach this, here, so long? Asked by the person, their desk and a school where they work."""

from __future__ import annotations

from typing import Any

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from registry.identifiers import identity
from tests.integration.registry.registry_cast import LOCATION_ID, TRAINER_ID, Asked, Cast, Contracts
from tests.integration.registry.registry_site import Site

PATH = "/eligibility"


def question(**other: Any) -> dict[str, Any]:
    return {
        "trainerId": str(TRAINER_ID),
        "organisationId": str(LOCATION_ID),
        "role": "teacher",
        "schoolType": "po",
        "minutesPerWeek": 480,
        "startsOn": "2027-02-01",
        "endsOn": "2027-07-09",
        **other,
    }


async def test_a_person_reads_what_is_missing_until_a_desk_has_checked_it(cast: Cast) -> None:
    await cast.until_intake()
    asked = question(trainerId=str(cast.id))
    answer = await cast.trainer("POST", PATH, asked)
    assert (answer["allowed"], answer["ground"]) == (False, None)
    ways = {way["ground"]: way for way in answer["ways"]}
    assert [proof["code"] for proof in ways["QUALIFIED_PO"]["missing"][0]] == ["teacher_po"]
    assert ways["LATERAL_ENTRY_PO"]["missing"][0][0]["textNl"] == "een geschiktheidsverklaring"
    claimed = await cast.trainer(
        "POST", f"{cast.path}/qualifications", {"code": "teacher_po", "evidence": "x"}, status=201
    )
    for verb, body in (("_review", None), ("_verify", {})):
        await cast.desk("POST", f"/qualifications/{claimed['id']}/{verb}", body)
    answer = await cast.desk("POST", PATH, asked)
    assert (answer["allowed"], answer["ground"], answer["endsOn"]) == (True, "QUALIFIED_PO", None)
    assert answer["policyVersion"] > 0
    assert (await cast.trainer("GET", f"{cast.path}/processings"))["items"], "a look at a person is on record"

    await cast.stranger("POST", PATH, asked, status=404)
    await cast.company("POST", PATH, asked, status=403)
    await cast.trainer("POST", PATH, {**asked, "trainerId": str(uuid7())}, status=404)
    await cast.trainer("POST", PATH, {**asked, "organisationId": str(uuid7())}, status=404)
    for wrong, name in (
        ({"schoolType": "mbo"}, "schoolType"),
        ({"endsOn": "2027-01-31"}, "endsOn"),
        ({"minutesPerWeek": 0}, "minutesPerWeek"),
    ):
        problem = await cast.trainer("POST", PATH, {**asked, **wrong}, status=400)
        assert [param["name"] for param in problem["invalidParams"]] == [name]


async def test_a_school_asks_about_the_people_who_work_there_and_about_no_others(asked: Asked, site: Site) -> None:
    await asked.school("POST", PATH, question(), status=404)
    vacancy = await asked.post()
    await Contracts(asked.site.registry, vacancy["id"]).sign()
    assert (await asked.school("POST", PATH, question(role="guest_lecturer", minutesPerWeek=120)))[
        "ground"
    ] == "GUEST_PO"
    await asked.stranger("POST", PATH, question(), status=404)
    other = site.as_(CallerRole.SCHOOL, org=[identity("school", "90BH")])
    await other("POST", PATH, question(), status=404)
