"""Reference data are open."""

from __future__ import annotations

from tests.integration.registry.registry_site import Site


async def test_regions_and_trades_are_open_data(site: Site) -> None:
    answer = await site.http.get("/regions?scheme=labour_market")
    assert answer.status_code == 200
    assert (len(answer.json()["items"]), answer.json()["nextCursor"]) == (35, None)
    assert len((await site.http.get("/regions")).json()["items"]) == 38
    page = (await site.http.get("/regions?limit=5")).json()
    assert (len(page["items"]), bool(page["nextCursor"])) == (5, True)
    kinds = {one["kind"] for one in (await site.http.get("/trades")).json()["items"]}
    assert kinds == {"trade", "subject", "profile"}
    assert {one["kind"] for one in (await site.http.get("/trades?kind=profile")).json()["items"]} == {"profile"}
