"""A trainer with a contract: the school notes a certificate, and the record is kept as long as the contract."""

from __future__ import annotations

from datetime import timedelta

from common.caller import CallerRole
from tests.integration.registry.registry_cast import TRAINER_ID, Asked, Contracts
from tests.integration.registry.registry_site import Client, Registry


async def test_a_school_with_a_contract_may_note_that_it_saw_the_certificate(asked: Asked) -> None:
    posted = await asked.post()
    path = f"/trainers/{TRAINER_ID}/vog"
    seen = {"issuedOn": asked.today.isoformat(), "shownOn": asked.today.isoformat(), "seenBy": "Directie"}
    await asked.school("PUT", path, seen, status=404)
    await Contracts(asked.site.registry, posted["id"]).sign()
    assert (await asked.school("PUT", path, seen))["vog"]["seenBy"] == "Directie"
    await asked.stranger("PUT", path, seen, status=404)


async def test_a_school_learns_nothing_of_a_trainer_by_noting_a_certificate(asked: Asked) -> None:
    """Seen red: the answer had the profile and whether the trainer looks for more, to a school of long ago as well."""
    contracts = Contracts(asked.site.registry, (await asked.post())["id"])
    path = f"/trainers/{TRAINER_ID}/vog"
    seen = {"issuedOn": asked.today.isoformat(), "shownOn": asked.today.isoformat(), "seenBy": "Directie"}
    contract = await contracts.sign()
    answer = await asked.school.send("PUT", path, seen)
    assert answer.json() == {"id": str(TRAINER_ID), "vog": seen}
    assert "etag" not in answer.headers
    await contracts.end(contract, early=False)
    await asked.school("PUT", path, seen, status=404)
    await contracts.dissolve(await contracts.sign())
    await asked.school("PUT", path, seen, status=404)


async def test_a_trainer_who_worked_is_kept_as_long_as_the_contract(asked: Asked) -> None:
    registry = asked.site.registry
    contracts = Contracts(registry, (await asked.post())["id"])
    contract = await contracts.sign()
    trainer: Client = asked.site.as_(CallerRole.TRAINER, trainer=TRAINER_ID)
    await trainer("POST", f"/trainers/{TRAINER_ID}/_leave", {"reason": "other"})
    start = registry.now
    await registry.pass_time(start + timedelta(days=100))
    assert await _status_of_trainer(registry) == "left", "a contract still runs"
    await contracts.end(contract, early=False)
    await registry.pass_time(start + timedelta(days=6 * 365))
    assert await _status_of_trainer(registry) == "left"
    await registry.pass_time(start + timedelta(days=8 * 365))
    assert await _status_of_trainer(registry) == "anonymised"


async def _status_of_trainer(registry: Registry) -> str:
    rows = await registry.rows("SELECT status FROM trainers WHERE id = :id", id=TRAINER_ID)
    return str(rows[0].status)
