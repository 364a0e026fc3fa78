"""The built-in data load through the same use cases as anybody else's, once."""

from __future__ import annotations

import json
from collections import Counter

from common.persistence.migrations import runner
from registry import built_in
from registry.app import service
from registry.built_in import records
from tests.integration.registry.registry_site import Registry, open_database
from tests.support.migrations import differences
from tests.support.postgres import FreshDatabase


async def load_all(registry: Registry) -> None:
    for chunk in built_in.builtin_chunks():
        async with registry.database.begin(actor="test") as tx:
            await chunk.load(tx)


async def test_built_in_records_are_loaded_once_and_the_second_time_publishes_no_event(bare: Registry) -> None:
    built_in = records.load()
    await load_all(bare)
    told = Counter(await bare.names_told())
    assert told["organisation.registered.v2"] == len(built_in.organisations.entries) + len(built_in.companies)
    assert told["trainer.available.v1"] == told["trainer.applied.v1"] == len(built_in.trainers)
    assert told["contact.stated.v1"] == told["organisation.registered.v2"] + len(built_in.trainers)
    assert (told["organisation.changed.v2"], told["trainer.left.v1"]) == (0, 0)
    await load_all(bare)
    assert await bare.names_told() == []


async def test_a_built_in_trainer_is_as_available_as_anybody(bare: Registry) -> None:
    await load_all(bare)
    profiles = {
        json.loads(payload)["trainerId"]: json.loads(payload)
        for name, payload in await bare.told()
        if name == "profile.stated.v3" and payload
    }
    assert len(profiles) == len(records.load().trainers)
    assert {profile["status"] for profile in profiles.values()} == {"available"}
    for trainer in records.load().trainers:
        profile = profiles[str(trainer.id)]
        assert profile["employerAgreed"] is bool(trainer.company)
        assert sorted(q["code"] for q in profile["qualifications"]) == sorted(q.code for q in trainer.qualifications)
        assert trainer.family_name not in json.dumps(profile)


async def test_seeding_again_publishes_nothing_and_a_lost_row_is_published_anew(bare: Registry) -> None:
    async with bare.database.begin(actor="test") as tx:
        assert await built_in.seed_reference(tx) == 0
    assert await bare.told() == []
    await bare.rows("DELETE FROM policies WHERE code = 'rate_band' RETURNING code")
    async with bare.database.begin(actor="test") as tx:
        assert await built_in.seed_reference(tx) == 1
    assert await bare.names_told() == ["policy.changed.v1"]


async def test_the_first_seeding_publishes_a_set_that_knows_its_size(fresh_database: FreshDatabase) -> None:
    url = await fresh_database()
    await runner.upgrade(service, url)
    assert await differences(service, url) == []
    registry = Registry(open_database(url))
    async with registry.database.begin(actor="hto migrate") as tx:
        published = await built_in.seed_reference(tx)
    told = [json.loads(str(payload)) for name, payload in await registry.told() if name == "policy.changed.v1"]
    assert len(told) == published > 30
    assert {(one["setVersion"], one["rowsInSet"]) for one in told} == {(1, published)}
    await registry.database.close()
    await runner.downgrade(service, url)
    assert not await runner.is_current(service, url)
    await runner.upgrade(service, url)
    assert await differences(service, url) == []
