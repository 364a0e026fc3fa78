"""Whoever changes something says which version they mean."""

from __future__ import annotations

import pytest

from common.persistence.transaction import uuid7
from tests.support.http_sample import Sample


async def _note(notes: Sample) -> str:
    note = await notes.write()
    assert note.headers["etag"] == '"1"'
    return f"/notes/{note.json()['id']}"


async def _change(notes: Sample, address: str, **headers: str) -> tuple[int, str | None]:
    response = await notes.client.put(f"{address}/title", json={"title": "Mill"}, headers=notes.headers(**headers))
    return response.status_code, response.headers.get("etag")


async def test_a_change_of_the_version_that_is_there_is_made(notes: Sample) -> None:
    address = await _note(notes)
    assert await _change(notes, address, If_Match='"1"') == (200, '"2"')
    assert await _change(notes, address, If_Match='"7", "2"') == (200, '"3"')
    assert await _change(notes, address, If_Match="*") == (200, '"4"')


async def test_a_change_of_another_version_is_refused_and_names_the_present_one(notes: Sample) -> None:
    address = await _note(notes)
    await _change(notes, address, If_Match='"1"')
    assert await _change(notes, address, If_Match='"1"') == (412, '"2"')


async def test_a_weak_tag_is_not_the_version(notes: Sample) -> None:
    assert await _change(notes, await _note(notes), If_Match='W/"1"') == (412, '"1"')


async def test_a_change_of_no_stated_version_is_refused(notes: Sample) -> None:
    assert await _change(notes, await _note(notes)) == (428, None)


@pytest.mark.parametrize("tag", ["1", '"1', '"1" "2"', "", '"1",', "x" * 2000])
async def test_a_tag_without_its_quotes_is_a_mistake(notes: Sample, tag: str) -> None:
    assert await _change(notes, await _note(notes), If_Match=tag) == (400, None)


async def test_a_delete_of_the_version_that_is_there_is_done(notes: Sample) -> None:
    address = await _note(notes)
    assert (await notes.client.delete(address, headers=notes.headers(If_Match='"2"'))).status_code == 412
    response = await notes.client.delete(address, headers=notes.headers(If_Match='"1"'))
    assert (response.status_code, response.content) == (204, b"")
    assert (await notes.client.get(address, headers=notes.headers())).status_code == 404


@pytest.mark.parametrize("tags", ['"1"', 'W/"1"', '"0", "1"', "*"])
async def test_a_version_that_the_caller_has_is_not_sent_again(notes: Sample, tags: str) -> None:
    response = await notes.client.get(await _note(notes), headers=notes.headers(If_None_Match=tags))
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", '"1"')
    assert await notes.rows("processing_log") == 1


async def test_a_newer_version_is_sent(notes: Sample) -> None:
    response = await notes.client.get(await _note(notes), headers=notes.headers(If_None_Match='"0"'))
    assert (response.status_code, response.headers["etag"]) == (200, '"1"')


async def test_putting_a_new_thing_at_an_id_of_ones_own_needs_no_version(notes: Sample) -> None:
    address, body = f"/notes/{uuid7()}", {"schoolId": str((await notes.write()).json()["schoolId"]), "title": "Mill"}
    first = await notes.client.put(address, json=body, headers=notes.headers())
    again = await notes.client.put(address, json=body, headers=notes.headers())
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()


async def test_a_list_of_tags_without_end_is_refused(notes: Sample) -> None:
    response = await notes.client.get(await _note(notes), headers=notes.headers(If_None_Match="0" * 1001))
    assert response.status_code == 400
    assert response.json()["type"].endswith("/too-long")
