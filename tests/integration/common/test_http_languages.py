"""A problem is in Dutch or English as the caller prefers; its status, code and facts are the same in both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from common.persistence.transaction import Tx, uuid7
from tests.support.http_sample import SCHOOL, Sample, sample

Ask = Callable[[Sample, str], Awaitable[httpx2.Response]]


async def _invalid(notes: Sample, language: str) -> httpx2.Response:
    body = {"title": 7, "text": "a\x07b", "parts": [{"startsAt": "soon"}], "more": 1}
    headers = notes.headers(Idempotency_Key="k", Accept_Language=language)
    return await notes.client.post("/notes", json=body, headers=headers)


async def _without_json(notes: Sample, language: str) -> httpx2.Response:
    headers = notes.headers(Idempotency_Key="k", Accept_Language=language, Content_Type="application/json")
    return await notes.client.post("/notes", content=b"{", headers=headers)


async def _faults_of_a_use_case(notes: Sample, language: str) -> httpx2.Response:
    headers = notes.headers(Idempotency_Key="k", Accept_Language=language)
    return await notes.client.post("/notes/_import", json={"title": "Draaibank"}, headers=headers)


async def _without_token(notes: Sample, language: str) -> httpx2.Response:
    return await notes.client.get("/notes", headers={"Accept-Language": language})


async def _with_a_wrong_token(notes: Sample, language: str) -> httpx2.Response:
    return await notes.client.get("/notes", headers=notes.headers("a.b", Accept_Language=language))


async def _without_scope(notes: Sample, language: str) -> httpx2.Response:
    token = notes.token(scope="notes:write")
    return await notes.client.get("/notes", headers=notes.headers(token, Accept_Language=language))


async def _unknown(notes: Sample, language: str) -> httpx2.Response:
    path = "/notes/0198c0de-0000-7000-8000-000000000000"
    return await notes.client.get(path, headers=notes.headers(Accept_Language=language))


async def _nowhere(notes: Sample, language: str) -> httpx2.Response:
    return await notes.client.get("/nowhere", headers=notes.headers(Accept_Language=language))


async def _by_no_method(notes: Sample, language: str) -> httpx2.Response:
    return await notes.client.put("/notes", headers=notes.headers(Accept_Language=language))


async def _in_no_form(notes: Sample, language: str) -> httpx2.Response:
    return await notes.client.get("/notes", headers=notes.headers(Accept="text/html", Accept_Language=language))


async def _of_no_form(notes: Sample, language: str) -> httpx2.Response:
    headers = notes.headers(Idempotency_Key="k", Accept_Language=language, Content_Type="text/plain")
    return await notes.client.post("/notes", content=b"x", headers=headers)


async def _change(notes: Sample, language: str, title: str = "Lathe", **headers: str) -> httpx2.Response:
    note = (await notes.write(key=str(uuid7()), title=title)).json()["id"]
    more = notes.headers(Accept_Language=language, **headers)
    return await notes.client.put(f"/notes/{note}/title", json={"title": "open"}, headers=more)


async def _closed(notes: Sample, language: str) -> httpx2.Response:
    return await _change(notes, language, title="closed", If_Match='"1"')


async def _outdated(notes: Sample, language: str) -> httpx2.Response:
    return await _change(notes, language, If_Match='"7"')


async def _without_version(notes: Sample, language: str) -> httpx2.Response:
    return await _change(notes, language)


async def _refused(notes: Sample, language: str) -> httpx2.Response:
    body = {"schoolId": str(SCHOOL), "title": "Lathe", "text": "1\n2\n3\n4"}
    headers = notes.headers(Idempotency_Key=str(uuid7()), Accept_Language=language)
    return await notes.client.post("/notes", json=body, headers=headers)


async def _broken(notes: Sample, language: str) -> httpx2.Response:
    async def fail(tx: Tx) -> None:
        raise LookupError

    notes.hooks.before_answer = fail
    headers = notes.headers(Idempotency_Key=str(uuid7()), Accept_Language=language)
    return await notes.client.post("/notes", json={"schoolId": str(SCHOOL), "title": "Lathe"}, headers=headers)


CASES: Final[dict[str, tuple[int, str, str, str, Ask]]] = {
    "invalid": (400, "invalid", "Het verzoek klopt niet", "Er zitten fouten in het verzoek.", _invalid),
    "no JSON": (400, "invalid", "Het verzoek klopt niet", "Er zit een fout in het verzoek.", _without_json),
    "use case": (400, "invalid", "Het verzoek klopt niet", "De gegevens kloppen niet: title:", _faults_of_a_use_case),
    "token": (401, "no-token", "Aanmelden is nodig", "Stuur een toegangstoken mee", _without_token),
    "wrong token": (401, "invalid-token", "Aanmelden is nodig", "Het token is geen", _with_a_wrong_token),
    "scope": (403, "insufficient-scope", "Niet toegestaan", "Hiervoor moet uw token de scope", _without_scope),
    "unknown": (404, "not-found", "Niet gevonden", "Er is geen briefje 0198c0de", _unknown),
    "nowhere": (404, "not-found", "Niet gevonden", "Op dit adres is niets.", _nowhere),
    "method": (
        405,
        "method-not-allowed",
        "Methode niet toegestaan",
        "Dit adres kent deze",
        _by_no_method,
    ),
    "accept": (406, "not-acceptable", "Niet in deze vorm te krijgen", "Het antwoord is er alleen als", _in_no_form),
    "state": (409, "note-closed", "Past niet bij hoe het nu is", "Een briefje dat gesloten is, kan", _closed),
    "version": (412, "version-changed", "Intussen veranderd", "Dit is intussen veranderd.", _outdated),
    "form": (415, "unsupported-media-type", "Deze vorm kan niet", "Stuur application/json in UTF-8.", _of_no_form),
    "rule": (422, "note-full", "Kan niet volgens de regels", "Een briefje heeft hoogstens 3 regels.", _refused),
    "no version": (428, "version-required", "De versie ontbreekt", "Stuur If-Match mee", _without_version),
    "ours": (500, "internal-server-error", "Fout bij ons", "De fout ligt bij ons.", _broken),
}


def _alike(response: httpx2.Response) -> dict[str, Any]:
    body = response.json()
    faults = [(fault["name"], fault["code"]) for fault in body.get("invalidParams", ())]
    about = {name: body.get(name) for name in ("type", "status", "facts")}
    return {**about, "faults": faults, "challenge": response.headers.get("www-authenticate")}


@pytest.mark.parametrize("case", CASES)
async def test_each_status_has_a_problem_in_dutch_and_in_english(notes: Sample, case: str) -> None:
    status, code, title, detail, ask = CASES[case]
    dutch, english = await ask(notes, "nl-NL, en;q=0.5"), await ask(notes, "en-GB, nl;q=0.5")
    for response, language in ((dutch, "nl"), (english, "en")):
        assert (response.status_code, response.headers["content-language"]) == (status, language)
        assert "Accept-Language" in response.headers["vary"].split(", ")
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["type"].rpartition("/")[2] == code
    assert _alike(dutch) == _alike(english)
    assert dutch.json()["title"].startswith(title)
    assert dutch.json()["detail"].startswith(detail)
    assert english.json()["title"] != dutch.json()["title"]
    assert english.json()["detail"] != dutch.json()["detail"]


async def test_every_fault_of_the_input_is_in_the_language_too(notes: Sample) -> None:
    reasons = {fault["name"]: fault["reason"] for fault in (await _invalid(notes, "nl")).json()["invalidParams"]}
    assert reasons == {
        "schoolId": "Dit veld is verplicht.",
        "title": "Geef een tekst.",
        "text": "In deze tekst staan stuurtekens. Haal die weg.",
        "parts.0.startsAt": "Geef een tijdstip met het verschil met UTC erbij, zoals 2026-11-20T09:15:00Z.",
        "parts.0.minutes": "Dit veld is verplicht.",
        "more": "Dit veld bestaat hier niet. Laat het weg.",
    }
    found = (await _faults_of_a_use_case(notes, "nl")).json()
    assert [fault["reason"] for fault in found["invalidParams"]] == ["Draaibank bestaat al", "Dit is leeg."]
    unknown = await notes.client.get("/notes?x=1", headers=notes.headers(Accept_Language="nl"))
    assert unknown.json()["invalidParams"][0]["reason"].startswith('Dit adres kent alleen "cursor", ')


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("nl;q=0.1, en;q=0.2", "en"),
        ("nl;q=high, ;;,\x7f", "en"),
        ("fr, nl", "nl"),
    ],
)
async def test_any_other_preference_gets_the_nearest_language(notes: Sample, asked: str, language: str) -> None:
    response = await _nowhere(notes, asked)
    assert (response.status_code, response.headers["content-language"]) == (404, language)


async def test_without_a_preference_problems_are_in_english(notes: Sample) -> None:
    request = notes.client.build_request("GET", "/nowhere")
    request.headers.pop("accept-language", None)
    response = await notes.client.send(request)
    assert (response.headers["content-language"], response.json()["title"]) == ("en", "Not found")


async def test_several_headers_are_one_preference(notes: Sample) -> None:
    headers = [("Accept-Language", "en;q=0.3"), ("Accept-Language", "nl")]
    assert (await notes.client.get("/nowhere", headers=headers)).headers["content-language"] == "nl"


async def test_a_caller_who_asks_too_often_reads_so_in_dutch(notes_database: str, tmp_path: Path) -> None:
    async with sample(notes_database, tmp_path, rate_limit="1/hour") as notes:
        headers = notes.headers(Accept_Language="nl")
        assert (await notes.client.get("/notes", headers=headers)).status_code == 200
        response = await notes.client.get("/notes", headers=headers)
        assert (response.status_code, response.headers["content-language"]) == (429, "nl")
        assert response.json()["title"] == "Te veel verzoeken"
        assert response.json()["detail"] == "Deze client mag 1 keer per 3600 seconden iets vragen."
        assert int(response.headers["retry-after"]) > 0


async def test_an_origin_that_is_not_on_the_list_is_refused_in_the_language_too(notes: Sample) -> None:
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET", "Accept-Language": "nl"}
    response = await notes.client.options("/notes", headers=headers)
    assert (response.status_code, response.headers["content-language"]) == (403, "nl")


async def test_a_repeated_write_keeps_its_answer_and_a_repeated_refusal_follows_the_language(notes: Sample) -> None:
    key, body = str(uuid7()), {"schoolId": str(SCHOOL), "title": "Lathe"}
    written = [
        await notes.client.post(
            "/notes", json=body, headers=notes.headers(Idempotency_Key=key, Accept_Language=language)
        )
        for language in ("nl", "en")
    ]
    assert [answer.status_code for answer in written] == [201, 201]
    assert written[1].headers["idempotency-replayed"] == "true"
    assert "content-language" not in written[1].headers
    other = {**body, "title": "Drill"}
    reused = await notes.client.post(
        "/notes", json=other, headers=notes.headers(Idempotency_Key=key, Accept_Language="nl")
    )
    assert (reused.status_code, reused.json()["detail"]) == (
        422,
        "Deze Idempotency-Key is al gebruikt voor een ander verzoek.",
    )


async def test_outside_of_any_service_the_language_counts_as_well(notes: Sample) -> None:
    response = await notes.client.get("http://localhost:8000/nowhere", headers={"Accept-Language": "nl"})
    assert (response.status_code, response.json()["detail"]) == (404, "Op dit adres is niets.")
