"""Servers in containers: a Kafka broker whose process can be killed and comes back by its restart policy."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from common.messaging.kafka import KafkaLog
from common.messaging.log import LogUnavailable
from common.messaging.rights import Rights, ServiceLogin
from common.runtime.log_login import LogLogin
from deploy.make_secrets import ADMINISTRATOR, make_certificates
from tests.support.postgres import free_port

KAFKA = "apache/kafka:4.1.1"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
_SECURITY = {
    "KAFKA_AUTHORIZER_CLASS_NAME": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND": "false",
    # Whoever comes without TLS is a test that wants no rights; "anybody" is the one that wants TLS all the same.
    "KAFKA_SUPER_USERS": f"User:ANONYMOUS;User:anybody;User:CN={ADMINISTRATOR}",
    "KAFKA_SSL_KEYSTORE_TYPE": "PEM",
    "KAFKA_SSL_KEYSTORE_LOCATION": "/run/broker/broker.pem",
    "KAFKA_SSL_TRUSTSTORE_TYPE": "PEM",
    "KAFKA_SSL_TRUSTSTORE_LOCATION": "/run/broker/ca.pem",
    "KAFKA_LISTENER_NAME_MANAGED_SSL_CLIENT_AUTH": "required",
    "KAFKA_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-512",
    "KAFKA_LISTENER_NAME_SECURED_SCRAM___SHA___512_SASL_JAAS_CONFIG": _SCRAM,
    "KAFKA_LISTENER_NAME_RELAYED_SCRAM___SHA___512_SASL_JAAS_CONFIG": _SCRAM,
}


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


async def patiently(ask: Callable[[], Awaitable[object]]) -> None:
    """Ask again while a broker that has only just started does not answer."""
    async with asyncio.timeout(90):
        while True:
            try:
                await ask()
            except LogUnavailable:
                await asyncio.sleep(0.2)
            else:
                return


_NONE = Rights(service="nothing", writes=(), reads=())


class Kafka:
    """One broker; the image applies no defaults once a setting is given, so all of them stand here.

    It can be entered as in production, by TLS and SCRAM with the rights that a login has, or by ``port`` with any
    rights and without a word: for tests of what has nothing to do with rights.
    """

    def __init__(self, *, relayed: int) -> None:
        """``relayed``: a port of this machine behind which a test relays to ``inner``, to meddle with the wire."""
        self.port, self.inner, self.secured, self.managed = (free_port() for _ in range(4))
        self._folder = Path(tempfile.mkdtemp(prefix="hto-kafka-"))
        self._folder.chmod(0o755)  # the broker's account must get through
        make_certificates(self._folder, ["localhost"])
        self._container = (
            DockerContainer(KAFKA)
            .with_bind_ports(self.port, self.port)  # fixed: a restart would hand out another one
            .with_bind_ports(self.inner, self.inner)
            .with_bind_ports(self.secured, self.secured)
            .with_bind_ports(self.managed, self.managed)
            .with_volume_mapping(str(self._folder / "broker"), "/run/broker", "ro")
            .with_kwargs(restart_policy={"Name": "always"})
            .with_envs(
                KAFKA_NODE_ID="1",
                KAFKA_PROCESS_ROLES="broker,controller",
                KAFKA_LISTENERS=f"DIRECT://:{self.port},RELAYED://:{self.inner},SECURED://:{self.secured},"
                f"MANAGED://:{self.managed},CONTROLLER://:9093",
                KAFKA_ADVERTISED_LISTENERS=f"DIRECT://localhost:{self.port},RELAYED://localhost:{relayed},"
                f"SECURED://localhost:{self.secured},MANAGED://localhost:{self.managed}",
                KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="CONTROLLER:PLAINTEXT,DIRECT:PLAINTEXT,RELAYED:SASL_SSL,"
                "SECURED:SASL_SSL,MANAGED:SSL",
                **_SECURITY,
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

    def login(self, user: str, password: str, *, port: int | None = None) -> LogLogin:
        """Whoever has a password, with the rights that were given to this user."""
        return LogLogin(
            url=f"kafka+ssl://{user}@localhost:{port or self.secured}",
            password=password,
            ca_file=self._folder / "trust" / "ca.pem",
        )

    @property
    def administrator(self) -> LogLogin:
        """Whoever has the administrator's certificate may do everything."""
        return LogLogin(
            url=f"kafka+ssl://localhost:{self.managed}",
            ca_file=self._folder / "trust" / "ca.pem",
            certificate_file=self._folder / "admin" / "client.pem",
        )

    def add_user(self, user: str, password: str) -> None:
        """Give somebody a password."""

        async def add() -> None:
            log = KafkaLog(self.administrator)
            try:
                await patiently(lambda: log.grant([ServiceLogin(rights=_NONE, user=user, password=password)]))
            finally:
                await log.stop()

        asyncio.run(add())

    def start(self) -> None:
        require_engine()
        self._container.start()

    def stop(self) -> None:
        self._container.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

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


@contextmanager
def a_broker() -> Iterator[Kafka]:
    """Run a broker, whose connections a test can cut."""
    broker = Kafka(relayed=free_port())
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
