"""Errors of aiokafka, translated: the log is away, or it refuses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)

from common.messaging.log import LogUnavailable, NotPermitted

if TYPE_CHECKING:
    from common.messaging.kafka.brokers import Brokers

_REFUSALS: Final = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
)
_LOOK_WITHIN: Final = 3.0


def trouble(error: Exception) -> LogUnavailable:
    """Return what to raise instead of an error of a broker or of the way to it."""
    kind = NotPermitted if isinstance(error, _REFUSALS) else LogUnavailable
    return kind(str(error) or type(error).__name__)


async def trouble_connecting(brokers: Brokers, error: Exception) -> LogUnavailable:
    """Return what to raise where a client could not start.

    aiokafka keeps to itself why no broker took it in: a wrong password and a certificate that nobody trusts look
    like a network that is away. So where there is something to prove, one more connection is made to find out.
    """
    if brokers.tls is None or not isinstance(error, KafkaConnectionError):
        return trouble(error)
    settings = brokers.client
    host, _, port = settings.pop("bootstrap_servers").split(",")[0].rpartition(":")
    try:
        async with asyncio.timeout(_LOOK_WITHIN):
            connection = await create_conn(host, int(port), request_timeout_ms=int(_LOOK_WITHIN * 1000), **settings)
    except (KafkaError, OSError, ValueError) as reason:
        return trouble(reason)
    connection.close()
    return trouble(error)
