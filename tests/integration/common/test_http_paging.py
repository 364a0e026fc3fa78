"""Collections come in pages, in an order that does not change under whoever reads them."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import urlsplit

import pytest

from tests.support.http_sample import SCHOOL, Sample


async def _write(notes: Sample, count: int, **note: str) -> list[str]:
    return [(await notes.write(title=f"{number}", **note)).json()["title"] for number in range(count)]


async def _pages(notes: Sample, address: str) -> list[list[str]]:
    """Follow the Link header to the end."""
    pages: list[list[str]] = []
    following: str | None = address
    while following:
        response = await notes.client.get(following, headers=notes.headers())
        assert response.status_code == 200, response.text
        pages.append([item["title"] for item in response.json()["items"]])
        found = re.fullmatch(r'<([^>]+)>; rel="next"', response.headers.get("link", ""))
        assert bool(found) == (response.json()["nextCursor"] is not None)
        following = found[1].removeprefix("/sample/v1") if found else None
        if found:
            assert response.json()["nextCursor"] in urlsplit(found[1]).query
    return pages


async def test_every_item_comes_once_in_order(notes: Sample) -> None:
    titles = await _write(notes, 5)
    assert await _pages(notes, "/notes?limit=2") == [titles[:2], titles[2:4], titles[4:]]
    assert await _pages(notes, "/notes?limit=5") == [titles]
    assert await _pages(notes, "/notes?limit=2&newestFirst=true") == [["4", "3"], ["2", "1"], ["0"]]


async def test_each_row_may_be_made_into_something(notes: Sample) -> None:
    await _write(notes, 3)
    page = (await notes.client.get("/titles?limit=2", headers=notes.headers())).json()
    assert page["items"] == ["0!", "1!"]
    rest = await notes.client.get(f"/titles?cursor={page['nextCursor']}", headers=notes.headers())
    assert rest.json() == {"items": ["2!"], "nextCursor": None}


async def test_an_empty_collection_is_an_empty_page(notes: Sample) -> None:
    assert await _pages(notes, "/notes") == [[]]


async def test_a_filter_stays_in_the_link(notes: Sample) -> None:
    await _write(notes, 2, startsOn="2026-01-01")
    await _write(notes, 3, startsOn="2026-02-01")
    assert await _pages(notes, "/notes?limit=2&startsOn=2026-02-01") == [["0", "1"], ["2"]]


async def test_rows_added_behind_the_cursor_are_found_and_none_comes_twice(notes: Sample) -> None:
    await _write(notes, 3)
    first = await notes.client.get("/notes?limit=2", headers=notes.headers())
    await notes.write(title="late")
    rest = await notes.client.get(f"/notes?cursor={first.json()['nextCursor']}", headers=notes.headers())
    assert [item["title"] for item in rest.json()["items"]] == ["2", "late"]


@pytest.mark.parametrize("limit", ["0", "501", "-1", "many", "1.5", ""])
async def test_a_limit_beyond_its_bounds_is_refused(notes: Sample, limit: str) -> None:
    response = await notes.client.get(f"/notes?limit={limit}", headers=notes.headers())
    assert response.status_code == 400
    assert [fault["name"] for fault in response.json()["invalidParams"]] == ["limit"]


async def test_a_cursor_of_another_filter_or_of_nobody_is_refused(notes: Sample) -> None:
    await _write(notes, 2)
    cursor = (await notes.client.get("/notes?limit=1", headers=notes.headers())).json()["nextCursor"]
    collection = json.loads(base64.urlsafe_b64decode(f"{cursor}==="))[0]

    def made_up(*place: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()

    wrong = [
        f"cursor={cursor}&startsOn=2026-01-01",
        "cursor=nonsense",
        "cursor=%00",
        "cursor=",
        f"cursor={made_up(collection)}",
        f"cursor={made_up(collection, 'yesterday', 'x')}",
        f"cursor={made_up(collection, '2026-01-01T00:00:00Z', str(SCHOOL), 3)}",
        f"cursor={made_up({'a': 1})}",
        f"cursor={base64.urlsafe_b64encode(b'7').decode()}",
        f"cursor={base64.urlsafe_b64encode(b'[[[[').decode()}",
        f"cursor={'A' * 501}",
        f"cursor={'é'}",
    ]
    for query in wrong:
        response = await notes.client.get(f"/notes?limit=1&{query}", headers=notes.headers())
        assert response.status_code == 400, query
        assert [fault["name"] for fault in response.json()["invalidParams"]] == ["cursor"], query
