"""Questions to the brokers beside reading and writing: do they answer, and which topics are there."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaError,
    NoError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from common.messaging.kafka import acls
from common.messaging.kafka.refusals import trouble_connecting
from common.messaging.kafka.requests import (
    SCRAM_SHA_512,
    SET,
    AlterConfigs,
    AlterScramUsers,
    CreateAcls,
    DescribeAcls,
    DescribeScramUsers,
)
from common.messaging.log import (
    SHORTEST_TERM,
    LogUnavailable,
    NotPermitted,
    TopicMismatch,
    TopicNotPermitted,
    UnknownTopic,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import timedelta

    from common.messaging.kafka.brokers import Brokers
    from common.messaging.log import Topic
    from common.messaging.rights import ServiceLogin

T = TypeVar("T")

ANSWER_WITHIN: Final = 5.0
"""Seconds."""
_KNOWN_WITHIN: Final = 30.0
_FOR_EVER: Final = "-1"
_THE_BROKERS_OWN: Final = -1
"""As replication factor."""


def milliseconds(span: timedelta) -> int:
    """Express a span in the unit of Kafka's settings."""
    return int(span.total_seconds() * 1000)


class Cluster:
    """An admin client that is made anew after every failure."""

    def __init__(self, brokers: Brokers, *, compacted_within: timedelta, tombstones_kept: timedelta) -> None:
        """Prepare; the first question connects."""
        self._brokers = brokers
        self._lock = asyncio.Lock()
        self._admin: Any = None
        # The time of the log, not the sender's: replay from a moment needs one clock.
        stamped = {"message.timestamp.type": "LogAppendTime"}
        self._events = stamped | {
            "cleanup.policy": "delete",
            "retention.ms": _FOR_EVER,
            "retention.bytes": _FOR_EVER,
        }
        self._states = stamped | {
            "cleanup.policy": "compact",
            "max.compaction.lag.ms": str(milliseconds(compacted_within)),
            "segment.ms": str(milliseconds(compacted_within)),
            "delete.retention.ms": str(milliseconds(tombstones_kept)),
        }

    async def _ask(self, question: Callable[[Any], Awaitable[T]]) -> T:
        async with self._lock:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    if self._admin is None:
                        self._admin = AIOKafkaAdminClient(
                            **self._brokers.client, request_timeout_ms=int(ANSWER_WITHIN * 1000)
                        )
                        await self._admin.start()
                    return await question(self._admin)
            except (KafkaError, OSError) as broken:
                await self._forget()
                raise await trouble_connecting(self._brokers, broken) from broken

    async def _forget(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            await admin.close()

    async def check(self) -> None:
        """Return when a broker answers."""
        await self._ask(lambda admin: admin.describe_cluster())

    async def partitions(self, topics: Sequence[str], *, led: bool = False) -> dict[str, int]:
        """Count the partitions of those topics that exist; with ``led``, where every one of them has its leader.

        Raises:
            TopicNotPermitted: this login has nothing to do with one of them.
        """
        described: list[dict[str, Any]] = await self._ask(lambda admin: admin.describe_topics(list(topics)))
        hidden = [t["topic"] for t in described if t["error_code"] == TopicAuthorizationFailedError.errno]
        if hidden:
            raise TopicNotPermitted(hidden, self._brokers.login.user or "this login")
        return {
            topic["topic"]: len(topic["partitions"])
            for topic in described
            if topic["error_code"] == NoError.errno
            and not (led and any(partition["leader"] < 0 for partition in topic["partitions"]))
        }

    async def create(self, topics: Sequence[Topic]) -> None:
        """Make what is missing and wait until it can be written to; compare what is there."""
        if not topics:
            return
        wanted = [
            NewTopic(
                topic.name,
                topic.partitions,
                _THE_BROKERS_OWN,
                replica_assignments={},
                topic_configs=self._states if topic.compacted else self._events,
            )
            for topic in topics
        ]
        made = await self._ask(lambda admin: admin.create_topics(wanted))
        for name, code, reason in made.topic_errors:
            error = for_code(code)
            if error is TopicAuthorizationFailedError:
                raise NotPermitted(f"{self._brokers.login.user or 'this login'} may not make {name}")
            if error not in {NoError, TopicAlreadyExistsError}:
                message = f"{name}: {error.__name__} {reason or ''}"
                raise ValueError(message)
        names = [topic.name for topic in topics]
        while len(counts := await self.partitions(names, led=True)) < len(set(names)):  # noqa: ASYNC110 - asked of a broker
            await asyncio.sleep(0.05)  # no broker announces that the leaders are there
        policies = await self._policies(names)
        for topic in topics:
            there = (counts[topic.name], policies[topic.name] == "compact")
            if there != (topic.partitions, topic.compacted):
                message = f"{topic.name} exists with {there[0]} partitions, compacted: {there[1]}, not as {topic}"
                raise TopicMismatch(message)

    async def _policies(self, topics: Sequence[str]) -> dict[str, str]:
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic, {"cleanup.policy": None}) for topic in topics]
        answers = await self._ask(lambda admin: admin.describe_configs(resources))
        return {resource[3]: resource[4][0][1] for answer in answers for resource in answer.resources}

    async def keep(self, topic: str, term: timedelta | None) -> tuple[str, ...]:
        """Have the brokers remove a topic's events after this term (None: never); return what was changed.

        Raises:
            NotPermitted: this login may not see or alter the topic's settings.
            ValueError: the topic is compacted, or the term is too short.
        """
        if term is not None and term < SHORTEST_TERM:
            raise ValueError(f"events stay for {SHORTEST_TERM.days} days at least")
        # A bound in bytes would remove events of any age.
        wanted = {"retention.ms": _FOR_EVER if term is None else str(milliseconds(term)), "retention.bytes": _FOR_EVER}
        there = await self._settings(topic, ["cleanup.policy", *wanted], wanted)
        if there["cleanup.policy"] != "delete":
            raise ValueError(f"{topic} is no topic of events")
        missing = {name: value for name, value in wanted.items() if there[name] != value}
        if missing:
            entries = [(name, SET, value) for name, value in missing.items()]
            alter = AlterConfigs([(ConfigResourceType.TOPIC.value, topic, entries)], False)  # noqa: FBT003 - validate only
            answer = await self._ask(lambda admin: admin._send_request(alter))  # noqa: SLF001 - it only replaces all settings
            for code, message, *_ in answer.responses:
                self._check_settings(code, message, topic, wanted)
            await self._until(partial(self._set, topic, wanted), set(wanted.items()))
        return tuple(f"{name}: {there[name]} is now {value}" for name, value in missing.items())

    async def _set(self, topic: str, wanted: Mapping[str, str]) -> set[tuple[str, str]]:
        return set((await self._settings(topic, list(wanted), wanted)).items())

    async def _settings(self, topic: str, names: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict.fromkeys(names))
        [answer] = await self._ask(lambda admin: admin.describe_configs([resource]))
        [(code, message, _, _, entries)] = answer.resources
        self._check_settings(code, message, topic, wanted)
        return {name: value for name, value, *_ in entries}

    def _check_settings(self, code: int, message: str | None, topic: str, wanted: Mapping[str, str]) -> None:
        if code == UnknownTopicOrPartitionError.errno:
            raise UnknownTopic(topic)
        if code == TopicAuthorizationFailedError.errno:
            by_hand = ",".join(f"{name}={value}" for name, value in wanted.items())
            raise NotPermitted(
                f"{self._brokers.login.user or 'this login'} may not see or alter the settings of {topic}: run"
                f" `hto migrate`, which gives that right, or have an administrator set {by_hand}"
            )
        _check(code, message)

    async def grant(self, logins: Sequence[ServiceLogin], *, reset_passwords: bool) -> list[str]:
        """Make what is missing of the services' users and ACLs; return what was made and what is there beyond it."""
        return [
            *await self._make_users(logins, reset_passwords=reset_passwords),
            *await self._make_acls(logins),
        ]

    async def _make_users(self, logins: Sequence[ServiceLogin], *, reset_passwords: bool) -> list[str]:
        known = [(login.user, login.password) for login in logins if login.password is not None]
        if not known:
            return []
        there = await self._users_among(known)
        todo = [(user, password) for user, password in known if reset_passwords or user not in there]
        if todo:
            upserts: list[tuple[Any, ...]] = [
                (user, SCRAM_SHA_512, acls.ITERATIONS, *acls.salted(password), {}) for user, password in todo
            ]
            alter = AlterScramUsers([], upserts, {})
            answer = await self._ask(lambda admin: admin._send_to_controller(alter))  # noqa: SLF001 - see above
            for _, code, message, _ in answer.results:
                _check(code, message)
            await self._until(lambda: self._users_among(known), {user for user, _ in known})
        return [f"{'another password for' if user in there else 'made'} the user {user}" for user, _ in todo]

    async def _users_among(self, known: Sequence[tuple[str, str | None]]) -> set[str]:
        request = DescribeScramUsers([(user, {}) for user, _ in known], {})
        found = await self._ask(lambda admin: admin._send_request(request))  # noqa: SLF001 - it knows no such question
        _check(found.error_code, found.error_message)
        return {user for user, code, _, credentials, _ in found.results if code == NoError.errno and credentials}

    async def _until(self, look: Callable[[], Awaitable[set[T]]], wanted: set[T]) -> None:
        """Wait until the brokers, who hear of it from their controller, know what was made."""
        try:
            async with asyncio.timeout(_KNOWN_WITHIN):
                while not wanted <= await look():  # noqa: ASYNC110 - asked of a broker
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise LogUnavailable("the brokers do not know yet what was made; ask again") from None

    async def _make_acls(self, logins: Sequence[ServiceLogin]) -> list[str]:
        said: list[str] = []
        for login in logins:
            wanted = acls.wanted(login)
            there = await self._acls_of(f"User:{login.user}")
            missing = [acl for acl in wanted if acl not in there]
            if missing:
                create = CreateAcls(missing)
                answer = await self._ask(lambda admin, create=create: admin._send_to_controller(create))  # type: ignore[misc] # noqa: SLF001
                for code, message in answer.results:
                    _check(code, message)
                await self._until(partial(self._acls_of, f"User:{login.user}"), set(wanted))
            said += [f"allowed {acl}" for acl in missing]
            said += [f"left as it is, although the code needs it not: {acl}" for acl in sorted(there - set(wanted))]
        return said

    async def _acls_of(self, principal: str) -> set[acls.Acl]:
        request = DescribeAcls(acls.ANY, None, acls.ANY, principal, None, acls.ANY, acls.ANY)
        answer = await self._ask(lambda admin: admin._send_request(request))  # noqa: SLF001 - see above
        _check(answer.error_code, answer.error_message)
        return {
            acls.Acl(kind, name, pattern, *entry)
            for kind, name, pattern, entries in answer.resources
            for entry in entries
        }

    async def close(self) -> None:
        """Release connections."""
        async with self._lock:
            await self._forget()


def _check(code: int, message: str | None) -> None:
    """Return where a broker did what it was asked.

    Raises:
        NotPermitted: it may not be asked by this login, or it keeps no such rights.
    """
    if code != NoError.errno:
        raise NotPermitted(f"{for_code(code).__name__} {message or ''}".strip())
