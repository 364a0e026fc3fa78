"""Events past their term leave the log, each service's own topics by its own worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from common.messaging.log import NotPermitted
from common.persistence.terms import CHUNK, Purge, term

if TYPE_CHECKING:
    from common.messaging.log import EventLog
    from common.persistence.transaction import Tx

log = structlog.get_logger()

TERM: Final = "retention.event_log"


class Held(Exception):
    """Consumer groups have not read what is past its term."""

    def __init__(self, topic: str, groups: tuple[str, ...]) -> None:
        """Name the topic and the groups."""
        super().__init__(f"{topic} has events past their term that {', '.join(groups)} has not read")


def purge_topic(event_log: EventLog, topic: str) -> Purge:
    """Make the purge of one topic of events; compacted topics keep the newest of each key by themselves."""

    async def forget(tx: Tx) -> int:
        keep = await term(tx, TERM)
        try:
            purged = await event_log.purge(topic, keep, at_most=CHUNK)
        except NotPermitted as refused:
            # Counted as a failure; its words hold names of logins and topics only, and say what to do.
            log.warning("retention.not_permitted", service=tx.database.service, topic=topic, reason=str(refused))
            raise
        if purged.changed:
            log.info("retention.set", service=tx.database.service, topic=topic, changed=purged.changed)
        if purged.held_by:
            log.warning("retention.held", service=tx.database.service, topic=topic, groups=purged.held_by)
            if not purged.removed:
                # Counted as a failure: the alert stays until the groups have read on, or are taken away.
                raise Held(topic, purged.held_by)
        return purged.removed

    return Purge(table="event log", policy=TERM, forget=forget, part=topic)
