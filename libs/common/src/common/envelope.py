"""The CloudEvents 1.0 attributes around a payload, NL GOV profile, in Kafka's binary mode (``ce_`` headers)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from events.parties import Parties

SCHEMAS = "https://hybride-techniekopleiders.nl/events"
PARTIES = "ce_parties"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An event's publisher, subject, moment, case, cause and parties; ids only, nothing personal."""

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    key: str
    sequence: int | None = None
    """The aggregate's version after this event; without gaps per subject."""
    case: str | None = None
    cause: UUID | None = None
    trace: str | None = None
    parties: Parties | None = None
    """Who takes part in what it is about; None: nobody, or it was written before the attribute."""

    def headers(self) -> dict[str, str]:
        """Return the binary-mode headers."""
        headers = {
            "content-type": "application/json",
            "ce_specversion": "1.0",
            "ce_id": str(self.id),
            "ce_source": self.source,
            "ce_type": self.type,
            "ce_subject": self.subject,
            "ce_time": self.time.isoformat().replace("+00:00", "Z"),
            "ce_dataschema": dataschema(self.type),
            "ce_partitionkey": self.key,
        }
        if self.sequence is not None:
            headers["ce_sequence"] = str(self.sequence)
            headers["ce_sequencetype"] = "Integer"
        if self.case:
            headers["ce_correlationid"] = self.case
        if self.cause:
            headers["ce_causationid"] = str(self.cause)
        if self.trace:
            headers["ce_traceparent"] = self.trace
        if self.parties:
            headers[PARTIES] = self.parties.text()
        return headers

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        """Read binary-mode headers.

        Raises:
            KeyError: a required attribute is missing.
            ValueError: one is not what CloudEvents says it is.
        """
        if headers["ce_specversion"] != "1.0":
            raise ValueError("ce_specversion is not 1.0")
        sequence, cause, parties = headers.get("ce_sequence"), headers.get("ce_causationid"), headers.get(PARTIES)
        return cls(
            id=UUID(headers["ce_id"]),
            source=headers["ce_source"],
            type=headers["ce_type"],
            subject=headers.get("ce_subject", ""),
            time=datetime.fromisoformat(headers["ce_time"]),
            key=headers["ce_partitionkey"],
            sequence=int(sequence) if sequence else None,
            case=headers.get("ce_correlationid"),
            cause=UUID(cause) if cause else None,
            trace=headers.get("ce_traceparent"),
            parties=Parties.read(parties) if parties else None,
        )

    def structured(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the structured mode, for outsiders: webhooks and the pull feed.

        The parties stay inside: before everybody agreed, they say who the others are.
        """
        inside = {"content-type", PARTIES}
        attributes: dict[str, Any] = {
            name.removeprefix("ce_"): value for name, value in self.headers().items() if name not in inside
        }
        return {**attributes, "datacontenttype": "application/json", "data": dict(data)}


def dataschema(type_: str) -> str:
    """Return where a type's JSON Schema is published."""
    name, _, version = type_.removeprefix("nl.hybride-techniekopleiders.").rpartition(".")
    return f"{SCHEMAS}/{name}/{version}.json"
