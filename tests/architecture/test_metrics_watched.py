"""Every metric of the plumbing has an alert, or a reason why nobody is woken by it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
WITHOUT_ALERT: Final = {
    "hto_consumer_lag_events": "the age of the oldest is what matters: hto_consumer_lag_seconds",
    "hto_handled_events_total": "a rate to look at",
    "hto_inbox_duplicates_total": "what the inbox is for: a repeated delivery does nothing",
    "hto_outbox_refused_total": "hto_outbox_keys_set_apart says what is still refused now",
    "hto_outbox_rows": "the age of the oldest is what matters: hto_outbox_age_seconds",
    "hto_queue_working": "a figure to look at: what stands still is hto_loop_turn_age_seconds",
    "hto_relayed_events_total": "a rate to look at",
    "hto_retention_rows_total": "a figure to look at: what is not purged in time has alerts of its own",
}


def test_a_metric_has_an_alert_or_a_reason() -> None:
    declared = (ROOT / "libs/common/src/common/runtime/telemetry.py").read_text("utf-8")
    alerts = (ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8")
    names = set(re.findall(r'"(hto_[a-z_]+)"', declared))
    assert len(names) > 20
    assert {name for name in names if name not in alerts} == set(WITHOUT_ALERT)
