"""A POST that is sent twice happens once, as long as its key lives."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from sqlalchemy import func, update

from common.messaging import erasure
from common.persistence.stored_answers import KEPT, erase_answers, forget_old_answers, named_in
from common.persistence.transaction import Tx
from common.web.idempotency import holder_of
from tests.support.http_sample import SCHOOL, TABLES, Sample
from tests.support.written import written

KEYS = TABLES.tables["idempotency_keys"]


async def _age(notes: Sample, age: timedelta) -> None:
    async with notes.database.begin(actor="test") as tx:
        await tx.execute(update(KEYS).values(stored_at=func.now() - age))


async def test_the_same_request_again_gets_the_same_answer_and_no_second_effect(notes: Sample) -> None:
    """Seen red with stored answers that are not looked up."""
    first = await notes.write("k", startsOn="2026-09-01")
    again = await notes.write("k", startsOn="2026-09-01")
    assert (again.status_code, again.content) == (201, first.content)
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (await notes.rows(), await notes.rows("outbox"), notes.hooks.runs) == (1, 1, 1)


async def test_quotes_around_the_key_make_no_difference(notes: Sample) -> None:
    await notes.write("a-key")
    assert (await notes.write('"a-key"')).headers["idempotency-replayed"] == "true"
    await notes.write(r'"a \"key\""')
    assert (await notes.write(r' "a \"key\"" ')).headers["idempotency-replayed"] == "true"


async def test_a_post_without_a_key_is_refused(notes: Sample) -> None:
    response = await notes.client.post("/notes", json={}, headers=notes.headers())
    assert response.status_code == 400
    assert [fault["name"] for fault in response.json()["invalidParams"]] == ["Idempotency-Key"]


@pytest.mark.parametrize("key", ["", '""', "a b", 'a"b', '"open', "x" * 256, "a,b", "a;b"])
async def test_a_key_that_is_no_structured_string_is_refused(notes: Sample, key: str) -> None:
    response = await notes.write(key)  # an empty one is replaced by the sample's own
    headers = notes.headers(Idempotency_Key=key)
    response = await notes.client.post("/notes", json={}, headers=headers)
    assert response.status_code == 400
    assert response.json()["invalidParams"][0]["name"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "other",
    [{"title": "Mill"}, {"title": "Lathe", "text": "more"}],
)
async def test_the_same_key_for_something_else_is_refused(notes: Sample, other: dict[str, str]) -> None:
    await notes.write("k")
    response = await notes.write("k", **other)
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (422, "key-reused")
    assert await notes.rows() == 1


async def test_the_same_key_of_another_client_is_another_key(notes: Sample) -> None:
    await notes.write("k")
    other = notes.token("company", claims={"org": [str(SCHOOL)], "roles": ["school"]})
    assert "idempotency-replayed" not in (await notes.write("k", other)).headers
    assert await notes.rows() == 2


async def test_the_same_key_of_another_subject_shows_nobody_elses_answer(notes: Sample) -> None:
    """One client may serve many people, each with keys of their own."""
    first = await notes.write("k")
    claims = jwt.decode(notes.token(), notes.issuer.signing, algorithms=["ES256"]).claims
    header = {"alg": "ES256", "kid": notes.issuer.signing.kid}
    other = jwt.encode(header, {**claims, "sub": "somebody"}, notes.issuer.signing, algorithms=["ES256"])
    response = await notes.write("k", other)
    assert response.status_code == 201
    assert "idempotency-replayed" not in response.headers
    assert response.json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    "claims",
    [
        {"org": [], "roles": ["school"]},
        {"org": [str(uuid4())], "roles": ["school"]},
        {"org": [str(SCHOOL)], "roles": []},
        {"org": [str(SCHOOL)], "roles": ["company"]},
        {"org": [str(uuid4())], "roles": ["school"], "trainer": str(SCHOOL), "regions": ["AM01"]},
    ],
    ids=["of-nothing", "of-another", "without-a-role", "in-another-role", "of-another-and-more"],
)
async def test_a_stored_answer_is_shown_to_nobody_who_may_not_have_it(notes: Sample, claims: dict[str, Any]) -> None:
    """The same client, subject, key and body, acting for somebody else. Seen red: it got the stored note."""
    first = await notes.write("k")
    response = await notes.write("k", notes.token(claims=claims))
    assert response.status_code == 403
    assert "idempotency-replayed" not in response.headers
    assert first.json()["id"] not in response.text
    assert (await notes.write("k")).headers["idempotency-replayed"] == "true"


async def test_a_token_with_more_roles_finds_the_answer_that_it_was_given(notes: Sample) -> None:
    """A role that the operation does not name changes nothing."""
    await notes.write("k")
    more = notes.token(claims={"org": [str(SCHOOL)], "roles": ["school", "partner"]})
    assert (await notes.write("k", more)).headers["idempotency-replayed"] == "true"


async def test_an_answer_that_was_stored_without_its_holder_is_not_shown_and_its_write_does_not_happen_again(
    notes: Sample,
) -> None:
    await notes.write("k")
    async with notes.database.begin(actor="test") as tx:
        await tx.execute(update(KEYS).values(client="school-hr"))
    response = await notes.write("k")
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (409, "answer-of-before")
    assert await notes.rows() == 1


async def test_a_second_request_under_a_key_in_use_is_answered_with_a_conflict(notes: Sample) -> None:
    """Seen red without the lock on the key."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def wait(tx: Tx) -> None:
        reached.set()
        await go_on.wait()

    notes.hooks.before_answer = wait
    first = asyncio.create_task(notes.write("k"))
    await reached.wait()
    async with asyncio.timeout(10):
        second = await notes.write("k")
    go_on.set()
    assert (second.status_code, second.json()["type"].rpartition("/")[2]) == (409, "still-running")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 201
    assert (await notes.write("k")).headers["idempotency-replayed"] == "true"
    assert await notes.rows() == 1


async def test_many_at_once_have_one_effect(notes: Sample) -> None:
    answers = await asyncio.gather(*(notes.write("k") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await notes.rows() == 1


async def test_an_answer_stored_in_the_very_moment_is_found_by_running_again(notes: Sample) -> None:
    """Between the look and the lock another transaction may commit: the stored row then decides."""

    async def be_overtaken(tx: Tx) -> None:
        if notes.hooks.runs == 1:
            async with notes.database.begin(actor="test") as other:
                holder = holder_of(await notes.api.context.verifier.verify(notes.token()))
                row = {"client": holder, "key": "k", "fingerprint": "other", "status": 201, "headers": {}}
                await other.execute(KEYS.insert().values(**row, body=b"{}", names=[]))

    notes.hooks.before_answer = be_overtaken
    response = await notes.write("k")
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (422, "key-reused")
    assert await notes.rows() == 0


async def test_a_refused_request_may_be_put_right_under_the_same_key(notes: Sample) -> None:
    assert (await notes.write("k", title="")).status_code == 400
    assert (await notes.write("k", text="1\n2\n3\n4")).status_code == 422
    assert await notes.rows("idempotency_keys") == 0
    assert (await notes.write("k")).status_code == 201


async def test_a_key_is_good_for_seven_days(notes: Sample) -> None:
    await notes.write("k")
    await _age(notes, KEPT - timedelta(minutes=1))
    assert (await notes.write("k")).headers["idempotency-replayed"] == "true"
    await _age(notes, KEPT + timedelta(minutes=1))
    again = await notes.write("k", title="Mill")
    assert (again.status_code, await notes.rows(), await notes.rows("idempotency_keys")) == (201, 2, 1)
    assert (await notes.write("k", title="Mill")).headers["idempotency-replayed"] == "true"


async def test_old_answers_are_forgotten(notes: Sample) -> None:
    await notes.write("old")
    await _age(notes, KEPT + timedelta(minutes=1))
    await notes.write("new")
    async with notes.database.begin(actor="test") as tx:
        assert await forget_old_answers(tx) == 1
    assert await notes.rows("idempotency_keys") == 1


async def test_an_answer_about_somebody_who_is_erased_is_gone_and_its_write_does_not_happen_again(
    notes: Sample,
) -> None:
    """Seen red without ``erase_answers``, and with keys that go with their answers."""
    about = (await notes.write("about", text="Her own words")).json()["id"]
    await notes.write("other")
    async with notes.database.begin(actor="test") as tx:
        await erasure.erase(tx, UUID(about))
    again = await notes.write("about", text="Her own words")
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "answer-erased")
    assert (await notes.write("other")).headers["idempotency-replayed"] == "true"
    assert await notes.rows() == 2
    kept = (await written(notes.database.url))["idempotency_keys"]
    assert "Her own words" not in kept
    assert len(kept.splitlines()) == 2


def test_an_answer_names_whom_its_path_names() -> None:
    """What is said of somebody may be answered without saying of whom."""
    about = uuid4()
    assert named_in(f"/trainers/{about}/_pause".encode(), b'{"evidence":"Her own words"}') == [about]
    assert named_in(f"{about}, {about} and {about.hex}".encode()) == [about]
    assert named_in(f"0{about}".encode(), f"{about}0".encode()) == []


async def test_an_erased_answer_is_counted_once(notes: Sample) -> None:
    about = UUID((await notes.write("k")).json()["id"])
    for expected in (1, 0):
        async with notes.database.begin(actor="test") as tx:
            assert await erase_answers(tx, about) == expected
