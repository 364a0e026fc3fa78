"""Which log a URL names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from common.messaging.kafka import KafkaLog
from common.messaging.logs import open_log
from common.messaging.pglog import PostgresLog


@pytest.mark.parametrize("url", ["postgresql://hto@localhost/log", "postgres://hto@localhost/log"])
def test_a_postgresql_url_is_the_postgresql_log(url: str) -> None:
    assert isinstance(open_log(url), PostgresLog)


def test_a_kafka_url_names_its_brokers() -> None:
    log = open_log("kafka://one:9092,two:9093")
    assert isinstance(log, KafkaLog)
    assert log._brokers.client["bootstrap_servers"] == "one:9092,two:9093"


@pytest.mark.parametrize("url", ["", "kafka://", "redis://user:secret@host", "localhost:9092"])
def test_any_other_url_is_refused_without_repeating_its_secrets(url: str) -> None:
    with pytest.raises(ValueError, match="An event log is") as refused:
        open_log(url)
    assert "secret" not in str(refused.value)


def test_a_process_on_one_log_never_imports_the_driver_of_the_other() -> None:
    script = """
import sys
from common.messaging.logs import open_log
assert not {"aiokafka", "asyncpg"} & sys.modules.keys()
open_log("postgresql://localhost/log")
assert "asyncpg" in sys.modules and "aiokafka" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
