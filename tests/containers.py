"""Servers in containers: a Kafka broker whose process can be killed and comes back by its restart policy."""

from __future__ import annotations

import os
import signal
import socket
import time

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from tests.postgres import free_port

KAFKA = "apache/kafka:4.1.1"


def cannot_run(why: str) -> None:
    """Skip with the reason, or fail with it where containers are required."""
    if os.environ.get("HTO_REQUIRE_CONTAINERS") == "1":
        pytest.fail(why)
    pytest.skip(why)


def require_engine() -> None:
    """Go on only where a container engine answers; else skip, or fail where containers are required."""
    try:
        DockerClient().client.ping()
    except Exception as silent:  # noqa: BLE001 - an engine that does not answer has many faces
        cannot_run(f"no container engine answers: {silent!r}")


class Kafka:
    """One broker; the image applies no defaults once a setting is given, so all of them stand here."""

    def __init__(self, *, relayed: int) -> None:
        """``relayed``: a port of this machine behind which a test relays to ``inner``, to meddle with the wire."""
        self.port, self.inner = free_port(), free_port()
        self._container = (
            DockerContainer(KAFKA)
            .with_bind_ports(self.port, self.port)  # fixed: a restart would hand out another one
            .with_bind_ports(self.inner, self.inner)
            .with_kwargs(restart_policy={"Name": "always"})
            .with_envs(
                KAFKA_NODE_ID="1",
                KAFKA_PROCESS_ROLES="broker,controller",
                KAFKA_LISTENERS=f"DIRECT://:{self.port},RELAYED://:{self.inner},CONTROLLER://:9093",
                KAFKA_ADVERTISED_LISTENERS=f"DIRECT://localhost:{self.port},RELAYED://localhost:{relayed}",
                KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="CONTROLLER:PLAINTEXT,DIRECT:PLAINTEXT,RELAYED:PLAINTEXT",
                KAFKA_INTER_BROKER_LISTENER_NAME="DIRECT",
                KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
                KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
                KAFKA_LOG_DIRS="/tmp/kafka",
                KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
                KAFKA_DEFAULT_REPLICATION_FACTOR="1",
                KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
                KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS="1",
                KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
                KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
                # Quick, so that a test need not wait: all of these are slower in production.
                KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
                KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS="500",
                KAFKA_BROKER_SESSION_TIMEOUT_MS="2000",
                KAFKA_BROKER_HEARTBEAT_INTERVAL_MS="500",
                KAFKA_LOG_CLEANER_BACKOFF_MS="100",
                KAFKA_LOG_INITIAL_TASK_DELAY_MS="100",
                KAFKA_HEAP_OPTS="-Xms256m -Xmx384m",
            )
            .waiting_for(LogMessageWaitStrategy("Kafka Server started"))
        )

    def start(self) -> None:
        require_engine()
        self._container.start()

    def stop(self) -> None:
        self._container.stop()

    def kill(self) -> None:
        """Kill the broker's process from outside: ``docker kill`` would switch the restart policy off."""
        wrapped = self._container.get_wrapped_container()
        wrapped.reload()
        os.kill(int(wrapped.attrs["State"]["Pid"]), signal.SIGKILL)

    def wait(self) -> None:
        """Wait until the broker takes connections again."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                # The engine's own proxy accepts at once; a broker that is up keeps the connection open.
                probe.settimeout(0.3)
                try:
                    probe.connect(("localhost", self.port))
                    if probe.recv(1) != b"":
                        return
                except TimeoutError:
                    return
                except OSError:
                    pass
            time.sleep(0.2)
        pytest.fail("the broker did not come back")
