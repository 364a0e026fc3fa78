"""An alert can fire: every metric that the files for Prometheus and dashboards name is observed by the running code."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from prometheus_client import REGISTRY
from sqlalchemy import text

from common.messaging.consumer.loop import Consumer
from common.messaging.outbox import Relay
from common.runtime.telemetry import LOOP_LAG, watch_event_loop
from common.service.runtime import ServiceRuntime
from events.registry import TrainerPaused
from tests.support.plumbing import MeddledLog, make_topics, quicker
from tests.support.postgres import FreshDatabase
from tests.support.sample import Listener, eventually, listener, new_id, running, tell_paused, teller

DEPLOY = Path(__file__).parents[3] / "deploy"
NAMED = sorted(
    {
        name
        for file in DEPLOY.rglob("*")
        if file.suffix in {".yml", ".yaml", ".json"}
        for name in re.findall(r"\bhto_[a-z_]+[a-z]", file.read_text("utf-8"))
        if name in {family.name for family in REGISTRY.collect()} or re.search(r"_(total|seconds|bucket|events)$", name)
    }
)

_REFUSED = """
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers)
    VALUES (gen_random_uuid(), 'never.made', 'k', 'odd', '', '{}') RETURNING id
"""


def _observed() -> set[str]:
    """The names under which something was observed."""
    found: set[str] = set()
    for family in REGISTRY.collect():
        counts = [sample.value for sample in family.samples if sample.name.endswith("_count")]
        if family.type != "histogram" or any(counts):
            found |= {sample.name for sample in family.samples} | ({family.name} if family.samples else set())
    return found


async def test_every_metric_that_an_alert_names_is_observed(fresh_database: FreshDatabase) -> None:
    """Seen red with ``hto_pool_wait_seconds``, which was declared and never observed: its alert could not fire."""
    assert len(NAMED) > 8
    LOOP_LAG.set(-1)
    log = MeddledLog(await fresh_database())
    await log.check()
    await make_topics(log)

    async def bug(*_: object) -> None:
        raise ZeroDivisionError

    handlers = Listener(react=bug).handlers()
    with quicker(ServiceRuntime, MEASURE=0.05), quicker(Consumer, WAIT=0.05), quicker(Relay, ACKNOWLEDGED_WITHIN=1.0):
        async with (
            running(teller(), await fresh_database(), log) as here,
            running(listener(handlers), await fresh_database(), log) as there,
        ):
            log.drop.add(TrainerPaused.type)
            watching = asyncio.create_task(watch_event_loop(0.01))
            await here.start(worker=True)
            await there.start(worker=True)
            await tell_paused(here.database, new_id())
            await here.database.execute(text(_REFUSED))

            async def all_are() -> bool:
                return set(NAMED) <= _observed() and LOOP_LAG._value.get() >= 0

            try:
                await eventually(all_are, within=40)
            finally:
                watching.cancel()
                assert set(NAMED) - _observed() == set()
    await log.stop()
