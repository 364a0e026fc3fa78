"""Whatever goes wrong is said in one form, with every fault at once and nothing of our inside."""

from __future__ import annotations

from typing import Any

import pytest

from common.decision import MissingDependency
from common.messaging.log import LogUnavailable
from common.persistence.transaction import Tx
from common.web.problems import MOST_FAULTS
from tests.support.http_sample import SCHOOL, Sample

PROBLEM = "application/problem+json"


def _code(response: Any) -> str:
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["status"] == response.status_code
    return str(response.json()["type"]).removeprefix("https://hybride-techniekopleiders.nl/problems/")


async def test_every_fault_of_the_input_is_named_at_once(notes: Sample) -> None:
    body = {
        "title": 7,
        "text": "a\x07b",
        "startsOn": "2026-02-30",
        "parts": [{"startsAt": 0, "minutes": "5"}, {"startsAt": "2026-01-01T10:00:00"}],
        "more": 1,
    }
    headers = notes.headers(Idempotency_Key="k")
    response = await notes.client.post("/notes", json=body, headers=headers)
    assert (response.status_code, _code(response)) == (400, "invalid")
    faults = {fault["name"]: fault["code"] for fault in response.json()["invalidParams"]}
    assert faults == {
        "schoolId": "missing",
        "title": "string-type",
        "text": "control-character",
        "startsOn": "date-from-datetime-parsing",
        "parts.0.startsAt": "string-type",
        "parts.0.minutes": "int-type",
        "parts.1.startsAt": "moment",
        "parts.1.minutes": "missing",
        "more": "extra-forbidden",
    } | {"startsOn": faults["startsOn"]}
    assert response.json()["instance"] == "/sample/v1/notes"
    assert all(fault["reason"] for fault in response.json()["invalidParams"])


async def test_python_names_are_not_taken_for_the_wires(notes: Sample) -> None:
    headers = notes.headers(Idempotency_Key="k")
    body = {"school_id": str(SCHOOL), "title": "Lathe"}
    response = await notes.client.post("/notes", json=body, headers=headers)
    assert {fault["name"] for fault in response.json()["invalidParams"]} == {"schoolId", "school_id"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"schoolId": NaN}', b"[" * 100_000, b'{"a": "\\ud800"}']
)
async def test_a_body_that_is_not_the_asked_json_is_refused(notes: Sample, body: bytes) -> None:
    headers = notes.headers(Idempotency_Key="k", Content_Type="application/json")
    response = await notes.client.post("/notes", content=body, headers=headers)
    assert (response.status_code, _code(response)) == (400, "invalid")
    assert "body" in response.json()["invalidParams"][0]["name"] or body.startswith(b'{"schoolId')


@pytest.mark.parametrize("mark", [r"a\u0000b", r"\\\u0000"])
async def test_a_nul_in_any_text_is_refused_before_the_database_has_to(notes: Sample, mark: str) -> None:
    headers = notes.headers(Idempotency_Key="k", Content_Type="application/json")
    content = f'{{"schoolId": "{SCHOOL}", "title": "Lathe", "mark": "{mark}"}}'.encode()
    response = await notes.client.post("/notes", content=content, headers=headers)
    assert response.status_code == 400
    assert [fault["code"] for fault in response.json()["invalidParams"]] == ["control-character"]
    harmless = content.replace(mark.encode(), rb"back\\u0000slash")
    assert (await notes.client.post("/notes", content=harmless, headers=headers)).status_code == 201


async def test_a_citizen_service_number_in_a_text_is_refused(notes: Sample) -> None:
    for text in ("111222333", "mijn nummer is 111.222.333.", "111 222 333"):
        response = await notes.write(text=text)
        assert [fault["code"] for fault in response.json()["invalidParams"]] == ["bsn"], text
        assert "111" not in response.json()["invalidParams"][0]["reason"]
    for text in ("111222334", "1112223330", "NL91ABNA0417164300", "06-11222333 4"):
        assert (await notes.write(text=text)).status_code == 201, text


@pytest.mark.parametrize("query", ["limt=1", "starts_on=2026-01-01", "access_token=x", "a=%00"])
async def test_an_unknown_query_key_is_refused(notes: Sample, query: str) -> None:
    response = await notes.client.get(f"/notes?{query}", headers=notes.headers())
    assert response.status_code == 400
    assert response.json()["invalidParams"][0]["name"] == query.partition("=")[0]


async def test_a_filter_that_is_given_twice_is_refused(notes: Sample) -> None:
    response = await notes.client.get("/notes?limit=1&limit=2", headers=notes.headers())
    assert response.status_code == 400
    assert [(fault["name"], fault["code"]) for fault in response.json()["invalidParams"]] == [("limit", "doubled")]


async def test_faults_without_end_get_a_short_answer_that_counts_them(notes: Sample) -> None:
    headers = notes.headers(Idempotency_Key="k")
    for faults in (1_000, 50_000):
        body = {"schoolId": str(SCHOOL), "title": "Lathe", **dict.fromkeys(map(str, range(faults)), 0)}
        response = await notes.client.post("/notes", json=body, headers=headers)
        assert (response.status_code, str(faults) in response.text) == (400, True)
        assert len(response.content) < 30_000
    query = "&".join(f"{number:04x}" for number in range(2_000))
    response = await notes.client.get(f"/notes?{query}", headers=notes.headers())
    assert (response.status_code, "2000 faults" in response.json()["detail"]) == (400, True)
    assert len(response.json()["invalidParams"]) == MOST_FAULTS


async def test_an_id_that_is_none_is_refused_under_its_name_in_camel_case(notes: Sample) -> None:
    response = await notes.client.get("/notes/x", headers=notes.headers())
    assert [fault["name"] for fault in response.json()["invalidParams"]] == ["noteId"]
    assert (await notes.client.get("/notes/%00", headers=notes.headers())).status_code == 400


async def test_faults_that_a_use_case_finds_look_the_same(notes: Sample) -> None:
    headers = notes.headers(Idempotency_Key="k")
    response = await notes.client.post("/notes/_import", json={"title": "A"}, headers=headers)
    assert (response.status_code, _code(response)) == (400, "invalid")
    assert [fault["name"] for fault in response.json()["invalidParams"]] == ["title", "row"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/notes/"),
        ("GET", "/notes.json"),
        ("POST", "/notes/"),
        ("GET", "/../../nothing"),
        ("GET", "//notes"),
    ],
)
async def test_an_unknown_address_is_a_404_and_never_a_redirect(notes: Sample, method: str, path: str) -> None:
    response = await notes.client.request(method, path, headers=notes.headers())
    assert (response.status_code, _code(response)) == (404, "not-found")


@pytest.mark.parametrize("path", ["/", "/sample", "/sample/v1", "/sample/v2/notes", "/nothing/", "/healthz/"])
async def test_so_it_is_outside_of_any_service(notes: Sample, path: str) -> None:
    response = await notes.client.get(f"http://localhost:8000{path}")
    assert (response.status_code, _code(response)) == (404, "not-found")
    assert response.headers["api-version"] == "1.0.0"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/notes", "GET, HEAD, POST"),
        ("POST", "/notes/01a1fdd2-adb8-7745-9b73-bac9c7aa2712", "DELETE, GET, HEAD, PUT"),
        ("PUT", "/openapi.json", "GET, HEAD"),
        ("OPTIONS", "/notes", "GET, HEAD, POST"),
        ("BREW", "/notes", "GET, HEAD, POST"),
    ],
)
async def test_a_method_that_does_not_fit_is_answered_with_those_that_do(
    notes: Sample, method: str, path: str, allowed: str
) -> None:
    response = await notes.client.request(method, path, headers=notes.headers())
    assert (response.status_code, _code(response)) == (405, "method-not-allowed")
    assert response.headers["allow"] == allowed


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/xml", "", "application/json; charset=latin1", "application/merge-patch+json"],
)
async def test_a_body_in_another_form_is_a_415(notes: Sample, media_type: str) -> None:
    headers = notes.headers(Idempotency_Key="k", Content_Type=media_type)
    response = await notes.client.post("/notes", content=b"{}", headers=headers)
    assert (response.status_code, _code(response)) == (415, "unsupported-media-type")
    assert response.headers["accept-post"] == "application/json"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("application/json; q=0.000, text/html", 406),
        ("text/*", 406),
        ("application/json", 200),
        ("text/html, */*;q=0.1", 200),
        ("application/*; q=0.5", 200),
        ("", 200),
    ],
)
async def test_an_answer_in_another_form_is_a_406(notes: Sample, accept: str, status: int) -> None:
    response = await notes.client.get("/notes", headers=notes.headers(Accept=accept))
    assert response.status_code == status
    if status == 406:
        assert _code(response) == "not-acceptable"


async def test_a_body_that_is_too_large_is_a_413(notes: Sample) -> None:
    headers = notes.headers(Idempotency_Key="k")
    small = await notes.client.post("/notes/_import", json={"title": "A" * 64}, headers=headers)
    large = await notes.client.post("/notes", json={"title": "A" * 1024 * 1024}, headers=headers)
    for response in (small, large):
        assert (response.status_code, _code(response)) == (413, "content-too-large")


async def test_an_impossible_transition_is_a_409_that_names_the_state(notes: Sample) -> None:
    note = (await notes.write(title="closed")).json()["id"]
    headers = notes.headers(If_Match='"1"')
    response = await notes.client.put(f"/notes/{note}/title", json={"title": "open"}, headers=headers)
    assert (response.status_code, _code(response)) == (409, "note-closed")
    assert response.json()["detail"] == "A note that is closed cannot become open."
    assert response.json()["facts"] == {"status": "closed", "wanted": "open"}


async def test_a_refusal_by_a_rule_is_a_422_with_our_own_schema(notes: Sample) -> None:
    response = await notes.write(text="1\n2\n3\n4")
    assert (response.status_code, _code(response)) == (422, "note-full")
    assert response.json()["detail"] == "A note has at most 3 lines, this one 4."


@pytest.mark.parametrize("error", [MissingDependency("trainer/1"), LogUnavailable("kafka")])
async def test_a_missing_dependency_is_answered_with_retry_after(notes: Sample, error: Exception) -> None:
    async def fail(tx: Tx) -> None:
        raise error

    notes.hooks.before_answer = fail
    response = await notes.write()
    assert (response.status_code, _code(response)) == (503, "service-unavailable")
    assert response.headers["retry-after"] == "1"
    assert "kafka" not in response.text


async def test_an_unforeseen_error_is_a_500_without_details(notes: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    async def fail(tx: Tx) -> None:
        try:
            dict[str, str]()["somebody@example.nl"]
        except KeyError as error:
            raise ValueError("somebody@example.nl") from error

    notes.hooks.before_answer = fail
    response = await notes.write()
    assert (response.status_code, _code(response)) == (500, "internal-server-error")
    printed = capsys.readouterr().out
    assert "ValueError at tests.integration.common.test_http_problems" in printed
    assert "KeyError" in printed
    assert "somebody" not in printed + response.text


async def test_a_view_that_does_not_fit_is_our_fault(notes: Sample) -> None:
    note = (await notes.write()).json()["id"]

    async def forget(tx: Tx) -> None:
        raise TypeError("a view that does not fit")

    notes.hooks.before_answer = forget
    response = await notes.client.get(f"/notes/{note}", headers=notes.headers())
    assert (response.status_code, _code(response)) == (500, "internal-server-error")
