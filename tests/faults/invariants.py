"""What must hold after everything that was killed: nothing lost, nothing doubled, order kept, everybody told once."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from email import message_from_bytes
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from common.messaging.consumer import Handlers
from common.messaging.consumer.decode import decode
from common.messaging.log import Record
from common.runtime.backoff import until_it_works
from common.service.housekeeping import add_housekeeping
from events import PREFIX, name_of
from hto.services import NAMES, all_services
from tests.faults.cluster import AWAY, PATIENCE, Cluster
from tests.faults.mini import Played

Effects = Counter[tuple[str, ...]]

WAITED: Final = frozenset({"vacancy.waiting", "vacancy-waiting"})
"""May happen as well, once: a vacancy that is known before its trainer waits for the trainer."""
THEN: Final = frozenset({"waitlist.promoted", "vacancy.ranked", "message.sent or dropped"})
"""May then happen once more: it is ranked again when the trainer is there, and the school was told."""
TELL: Final = 20.0
"""Seconds of waiting after which it is told what is waited for."""
_EITHER: Final = dict.fromkeys(("message.sent", "message.dropped"), "message.sent or dropped")
"""A question that was answered before it went out is not asked any more."""
_PARTIES: Final = {"school", "trainer", "company"}


class Broken(AssertionError):
    """An invariant does not hold."""


def say(text: str) -> None:
    """Tell how far it is, where somebody looks on (``pytest -s``)."""
    print(text, flush=True)  # noqa: T201 - progress of a long test


async def looked(check: Callable[[], Awaitable[None]]) -> None:
    """Look at once, and again where a database died while it was looked at: other seeds go on killing."""
    await until_it_works(check, AWAY, first=0.3, most=0.3, within=PATIENCE)


async def eventually(check: Callable[[], Awaitable[None]], *, within: float = PATIENCE) -> None:
    """Hold the system to something that it may still be at work on.

    Raises:
        Broken: it does not hold in the end, with what was wrong last.
    """
    until, tell = time.monotonic() + within, time.monotonic() + TELL
    while True:
        try:
            return await looked(check)
        except Broken as broken:
            if time.monotonic() > until:
                raise
            if time.monotonic() > tell:
                say(f"  not yet: {broken}")
                tell = time.monotonic() + TELL
        await asyncio.sleep(0.3)


# -- what happened, in a form that two journeys can be compared by ---------------------------------------------------


def event_of(record: Record) -> str:
    """The event's name without prefix and version: ``contract.signed``."""
    return name_of(record.headers["ce_type"])


def effects(records: Iterable[Record], compacted: frozenset[str]) -> Effects:
    """Count the events of a journey by name and party; a record that the relay sent twice is one event."""
    seen: dict[str, tuple[str, ...]] = {}
    for record in records:
        name = event_of(record)
        # What operators are told of a flow that waited long is no effect; what stays parked is found elsewhere.
        if record.topic not in compacted and not name.startswith("flow."):
            party = json.loads(record.value or b"{}").get("party") or ""
            seen[record.headers["ce_id"]] = (_EITHER.get(name, name), party)
    return Counter(seen.values())


def compare(found: Effects, wanted: Effects, what: str) -> None:
    """Two journeys of the same steps have the same effects.

    Raises:
        Broken: with what is missing and what is too much.
    """
    missing = wanted - found
    too_much = found - wanted
    waited = any(WAITED.intersection(name) for name in too_much)
    possible = WAITED | THEN if waited else frozenset()
    if missing or any(n > 1 or not possible.intersection(name) for name, n in too_much.items()):
        raise Broken(f"{what}: missing {dict(missing)}, too much {dict(too_much)}")


# -- I10: every event published is handled or parked by every subscriber, once ---------------------------------------


def consumers() -> dict[tuple[str, str], Handlers]:
    """Return every consumer there is, by service and name, with what it wants."""
    found: dict[tuple[str, str], Handlers] = {}
    for service in all_services():
        main = service.handlers.copy()
        add_housekeeping(main, service.name, follow_policies=not service.owns_policies, follow_clock=True)
        for handlers in (main, *(each.handlers for each in service.projections)):
            found[service.name, handlers.consumer or service.name] = handlers
    return found


async def everything_was_handled(on: Cluster, records: Iterable[Record]) -> None:
    """Each record that a consumer wants is in its inbox, and nothing is left in an outbox or parked."""
    wanted: dict[tuple[str, str], dict[UUID, str]] = defaultdict(dict)
    subscribers = [(whose, handlers, set(handlers.topics(NAMES))) for whose, handlers in consumers().items()]
    for record in records:
        for whose, handlers, topics in subscribers:
            if record.topic in topics and decode(record, handlers) is not None:
                wanted[whose][UUID(record.headers["ce_id"])] = event_of(record)
    for (service, consumer), events in wanted.items():
        async with on.database(service) as database:
            handled = await database.fetch(
                "SELECT event_id FROM inbox WHERE consumer = $1 AND event_id = ANY($2)", consumer, list(events)
            )
            parked = await database.fetch(
                "SELECT headers::jsonb->>'ce_id' AS id, why, reason FROM parked_events "
                "JOIN parked_keys USING (consumer, topic, key) WHERE consumer = $1",
                consumer,
            )
        left = {id_: name for id_, name in events.items() if id_ not in {row["event_id"] for row in handled}}
        if left:
            raise Broken(f"{consumer} has not handled {sorted(left.values())}")
        mine = [
            f"{events[UUID(row['id'])]}: {row['why']}, {row['reason']}" for row in parked if UUID(row["id"]) in events
        ]
        if mine:
            raise Broken(f"{consumer} has parked {mine}")


async def everything_was_published(on: Cluster, records: Iterable[Record], cases: frozenset[str] | None) -> None:
    """What a transaction published, its audit trail says; each of these events stands on the log, and no other."""
    logged: dict[str, set[UUID]] = defaultdict(set)
    for record in records:
        logged[record.topic.split(".")[1]].add(UUID(record.headers["ce_id"]))
    for service in NAMES:
        async with on.database(service) as database:
            owed = await database.fetch(
                "SELECT event_id, event_type FROM audit WHERE $1::text[] IS NULL OR case_id = ANY($1)",
                None if cases is None else sorted(cases),
            )
            outbox = await database.fetch(
                "SELECT type FROM outbox WHERE $1::text[] IS NULL OR headers->>'ce_correlationid' = ANY($1)"
                " OR aggregateid = ANY($1)",
                None if cases is None else sorted(cases),
            )
        if outbox:
            raise Broken(f"{service} still has in its outbox {sorted(row['type'] for row in outbox)}")
        state = ("contact", "profile", "policy.published")
        lost = [row["event_type"] for row in owed if row["event_id"] not in logged[service]]
        lost = [type_ for type_ in lost if not type_.removeprefix(PREFIX).startswith(state)]
        if lost:
            raise Broken(f"{service} published what never came to the log: {sorted(lost)}")


# -- order, and that state and log agree -----------------------------------------------------------------------------


def order_was_kept(records: Iterable[Record], compacted: frozenset[str]) -> dict[tuple[str, str], int]:
    """On the log each subject tells its story from 1 on without a gap; returns how far each has come.

    Raises:
        Broken: an event came before its predecessor, or two have the same number.
    """
    story: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for record in records:
        sequence, id_ = record.headers.get("ce_sequence"), record.headers["ce_id"]
        if sequence is None or record.topic in compacted:
            continue
        subject = record.topic.split(".")[1], record.headers["ce_subject"]
        known = story[subject]
        if known.get(int(sequence), id_) != id_:
            raise Broken(f"{subject} has two events with number {sequence}")
        if int(sequence) > len(known) + 1:
            raise Broken(f"{subject}: {event_of(record)} has number {sequence} and came after {len(known)} others")
        known[int(sequence)] = id_
    return {subject: len(known) for subject, known in story.items()}


async def state_agrees(on: Cluster, told: dict[tuple[str, str], int]) -> None:
    """No aggregate is at another version than the last that the log tells of it."""
    for service in NAMES:
        versions = {
            UUID(subject.partition("/")[2]): count for (teller, subject), count in told.items() if teller == service
        }
        async with on.database(service) as database:
            tables = await database.fetch(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = "
                "'version' AND table_name IN (SELECT table_name FROM information_schema.columns "
                "WHERE column_name = 'id' AND data_type = 'uuid')"
            )
            found: dict[UUID, set[int]] = defaultdict(set)
            for (table,) in tables:
                for row in await database.fetch(
                    f'SELECT id, version FROM "{table}" WHERE id = ANY($1)', list(versions)
                ):
                    found[row["id"]].add(row["version"])
        differ = {str(id_): (found[id_], count) for id_, count in versions.items() if count not in found[id_]}
        if differ:
            raise Broken(f"{service}: state and log differ (versions kept, events told): {differ}")


# -- nothing answered with 2xx is missing ----------------------------------------------------------------------------


async def answers_stand(on: Cluster, played: Played) -> None:
    """Each answer to a keyed write was kept in the transaction of its effect: the same request gets the same answer."""
    for one in tuple(played.witness.answered):  # asking again is an answer of its own
        key = one.headers.get("Idempotency-Key")
        if key is None:
            continue
        async with on.database(one.path.split("/")[1]) as database:
            kept = await database.fetch("SELECT body FROM idempotency_keys WHERE key = $1", key)
        if len(kept) != 1:
            raise Broken(f"{one.method} {one.path} was answered {one.answer.status}, and {len(kept)} times kept")
        if one.path.endswith("/webhook-endpoints"):
            continue  # its answer has a secret, which is kept nowhere
        again = await played.witness.call(one.who, one.method, one.path, headers=one.headers, content=one.content)
        if (again.status, again.body) != (one.answer.status, one.answer.body):
            raise Broken(f"{one.method} {one.path} was answered {one.answer}, and now {again}")


def contract_binds_rightly(records: Iterable[Record]) -> None:
    """I1: it binds after every mandatory signature on the same version; I4: one place, one acceptance."""
    names = defaultdict(list)
    for record in records:
        names[event_of(record)].append(json.loads(record.value or b"{}"))
    given = {one["party"] for one in names["contract.signature.given"]}
    hashes = {one["documentHash"] for one in names["contract.signature.given"]}
    if given != _PARTIES or len(hashes) != 1:
        raise Broken(f"the contract has signatures of {given} on {len(hashes)} versions")
    accepted = {one["proposalId"] for one in names["proposal.accepted"]}
    if len(accepted) != 1:
        raise Broken(f"one place was taken by {len(accepted)} proposals")


# -- what operations shows -------------------------------------------------------------------------------------------


async def operations_shows_it(played: Played, records: Iterable[Record], compacted: frozenset[str]) -> None:
    """Operations has each event of the log once, each subject's in order and without a gap."""
    steps = [step for case in sorted(played.cases) for step in await played.stage.steps(case)]
    logged = {one.headers["ce_id"] for one in records if one.topic not in compacted}
    shown = Counter(step["eventId"] for step in steps)
    if set(shown) != logged or max(shown.values()) > 1:
        raise Broken(
            f"operations shows {len(shown)} events, the log has {len(logged)}; most often {max(shown.values())}"
        )
    sequences: dict[tuple[str, str], list[int]] = defaultdict(list)
    for step in steps:
        if step.get("sequence") is not None:
            sequences[step["service"], step["subject"]].append(step["sequence"])
    for whose, numbers in sequences.items():
        if numbers != list(range(1, len(numbers) + 1)):
            raise Broken(f"operations shows the steps of {whose} as {numbers}")


# -- I11: every notification owed is delivered, once -----------------------------------------------------------------


def letters_in(folder: Path) -> Counter[str]:
    """Count what lies in the mail folder by Message-ID."""
    files = [message_from_bytes(path.read_bytes()) for path in folder.glob("*.eml")]
    return Counter(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in files)


async def letters_of(on: Cluster, played: Played) -> list[dict[str, Any]]:
    """Return what is owed by mail to the parties of a journey."""
    whom = [UUID(id_) for id_ in played.cases]
    async with on.database("notifications") as database:
        rows = await database.fetch(
            "SELECT id::text, role, template, status, recipient_id, because_of FROM messages "
            "WHERE recipient_id = ANY($1)",
            whom,
        )
    return [dict(row) for row in rows]


async def mails_went_out_once(on: Cluster, played: Played, wanted: Effects) -> None:
    """Each letter that was owed lies in the mail folder once, unless it had become pointless."""
    letters = await letters_of(on, played)
    compare(Counter((one["role"], one["template"]) for one in letters), wanted, "letters owed")
    waiting = [one["template"] for one in letters if one["status"] not in {"sent", "obsolete"}]
    if waiting:
        raise Broken(f"letters did not go out: {waiting}")
    sent = letters_in(on.settings.data_dir / "mail")
    wrong = [one["template"] for one in letters if one["status"] == "sent" and sent[one["id"]] != 1]
    if wrong:
        raise Broken(f"letters were noted as sent and are not in the folder exactly once: {wrong}")
    twice = Counter((one["recipient_id"], one["because_of"], one["template"]) for one in letters)
    if max(twice.values()) > 1:
        raise Broken(f"owed twice: {[name for name, count in twice.items() if count > 1]}")


async def webhooks_came_once(played: Played, wanted: Effects) -> None:
    """Each event that the school's system may know of came: by `webhook-id` once, per subject in order."""
    endpoint, partner = played.stage.found.endpoint, played.stage.partner
    feed = [one["event"] async for one in partner.all("/notifications/v1/events", limit=500)]
    owed = {event["id"] for event in feed if event.get("correlationid") == str(played.stage.cast.vacancy)}
    came = played.stage.receiver.genuine(endpoint["secret"])
    ids = {one.id for one in came}
    if owed - ids:
        missing = sorted(_type_of(event) for event in feed if event["id"] in owed - ids)
        deliveries = [one async for one in partner.all("/notifications/v1/deliveries", limit=500)]
        states = Counter(f"{one['status']} {one['answer']} {one['reason']}" for one in deliveries)
        raise Broken(f"webhooks did not come: {missing}; deliveries by status, answer, reason: {dict(states)}")
    mine = [one.event for one in came if one.id in owed]
    compare(Counter((_type_of(event),) for event in mine), wanted, "webhooks")
    sequences: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in mine:
        if "sequence" in event:
            sequences[event["source"], event["subject"]].append(int(event["sequence"]))
    wrong = {subject: numbers for subject, numbers in sequences.items() if numbers != sorted(set(numbers))}
    if wrong:
        raise Broken(f"webhooks came out of order: {wrong}")


def webhooks_of(played: Played) -> Effects:
    """Count what came to the journey's subscriber, by type."""
    case = str(played.stage.cast.vacancy)
    came = played.stage.receiver.genuine(played.stage.found.endpoint["secret"])
    return Counter((_type_of(one.event),) for one in came if one.event.get("correlationid") == case)


def _type_of(event: dict[str, Any]) -> str:
    name = name_of(event["type"])
    return _EITHER.get(name, name)
