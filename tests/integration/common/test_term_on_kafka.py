"""A worker's hour on Kafka: the term of events is the policy row in force, now and when another row replaces it."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from common.messaging.log import EventLog
from common.messaging.log_retention import purge_topic
from common.service.retention import forget_all
from tests.support.plumbing import TOPIC, Ears, have_rule

pytestmark = pytest.mark.containers


@pytest.mark.parametrize("event_log", ["kafka"], indirect=True)
async def test_the_setting_of_the_topic_follows_the_policy_and_every_change_is_logged_once(
    ears: Ears, event_log: EventLog
) -> None:
    hour = purge_topic(event_log, TOPIC)
    said = []
    terms: list[dict[str, Any]] = [{"days": 2557}, {"days": 2557}, {"days": 40}, {"forEver": True}, {"days": 3}]
    for version, value in enumerate(terms, 1):
        await have_rule(ears.database, "retention.event_log", value, version=version)
        with capture_logs() as logs:
            assert await forget_all(ears.database, hour) == 0
        said.append([line.get("changed", line["event"]) for line in logs])
    assert said == [
        [("retention.ms: -1 is now 220924800000",)],
        [],
        [("retention.ms: 220924800000 is now 3456000000",)],
        [("retention.ms: 3456000000 is now -1",)],
        ["retention.failed"],
    ]
