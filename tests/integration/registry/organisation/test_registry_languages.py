"""The registry's own refusals are in Dutch for callers who prefer it."""

from __future__ import annotations

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from tests.integration.registry.organisation.test_registry_organisations import BOARD
from tests.integration.registry.registry_cast import COMPANY
from tests.integration.registry.registry_site import Site

DUTCH = {"Accept-Language": "nl"}


async def test_refusals_of_an_organisation_are_in_dutch(site: Site) -> None:
    company_id = uuid7()
    company, path = site.as_(CallerRole.COMPANY, org=[company_id]), f"/organisations/{company_id}"
    await company("PUT", path, COMPANY)
    other = {**COMPANY, "lendingStatus": "registered"}
    without = await company("PUT", path, other, status=428, headers=DUTCH)
    assert without["detail"].startswith("Dit bestaat al. Stuur If-Match mee")
    outdated = await company("PUT", path, other, status=412, headers={**DUTCH, "If-Match": '"7"'})
    assert outdated["title"] == "Intussen veranderd"
    kind = await company("PUT", path, BOARD, status=422, headers={**DUTCH, "If-Match": "*"})
    assert kind["detail"] == "Deze organisatie blijft een bedrijf."
    assert (kind["facts"], kind["type"].rpartition("/")[2]) == ({"kind": "company"}, "cannot-change-kind")
    missing = await company("GET", f"/organisations/{uuid7()}", status=404, headers=DUTCH)
    assert missing["detail"].startswith("Er is geen organisatie ")
    wrong = {**COMPANY, "kvk": "12", "postcode": "0000 AA", "lendingStatus": "unclear"}
    faults = (await company("PUT", path, wrong, status=400, headers={**DUTCH, "If-Match": "*"}))["invalidParams"]
    reasons = {fault["name"]: fault["reason"] for fault in faults}
    assert reasons.pop("lendingStatus").startswith("Kies uit: 'not_lending', 'unknown', ")
    assert reasons == {
        "kvk": "Een KvK-nummer heeft acht cijfers.",
        "postcode": "Een Nederlandse postcode heeft vier cijfers en twee letters, zoals 1234 AB. "
        "Het eerste cijfer is geen 0.",
    }
