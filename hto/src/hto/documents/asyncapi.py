"""The AsyncAPI 3 document: which service says what on which topic, and who listens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pydantic.alias_generators import to_camel

from common.service import Service
from events import EACH_SERVICE, PREFIX, Event, publishers_of, topic_from
from events.catalogue import CATALOGUE
from hto.documents.event_schemas import file_name
from hto.services import NAMES

VERSION: Final = "1.0.0"


def document(services: Iterable[Service]) -> dict[str, Any]:
    """Return the document for these services; message payloads are the committed JSON Schemas."""
    services = tuple(services)
    channels = {topic.name: _channel(topic.name, compacted=topic.compacted) for s in services for topic in s.topics}
    operations: dict[str, Any] = {}
    for type_, event in sorted(CATALOGUE.items()):
        for service in _speakers(event):
            topic = topic_from(service, event)
            if topic not in channels:
                continue
            channels[topic]["messages"][_id(type_)] = {"$ref": f"#/components/messages/{_id(type_)}"}
            send = operations.setdefault(f"{service}.send.{topic}", _operation("send", service, topic))
            send["messages"].append({"$ref": f"#/channels/{topic}/messages/{_id(type_)}"})
    for declared in services:
        consumers = (declared.handlers, *(each.handlers for each in declared.projections))
        for topic in sorted({topic for handlers in consumers for topic in handlers.topics(NAMES)}):
            operations[f"{declared.name}.receive.{topic}"] = _operation("receive", declared.name, topic)
    for operation in operations.values():
        if not operation["messages"]:
            del operation["messages"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "hto events",
            "version": VERSION,
            "description": "The events of the five services of the programme: CloudEvents 1.0, NL GOV profile, "
            "binary mode on Kafka. The key orders; `source` + `id` is what a reader deduplicates by.",
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
            "contact": {"name": "hto programme", "url": "https://hto.example", "email": "beheer@hto.example"},
            "tags": [{"name": service.name, "description": service.description} for service in services],
        },
        "defaultContentType": "application/json",
        "channels": dict(sorted(channels.items())),
        "operations": dict(sorted(operations.items())),
        "components": {
            "messages": {_id(type_): _message(event) for type_, event in sorted(CATALOGUE.items())},
            "messageTraits": {"cloudEvent": {"headers": _headers()}},
        },
    }


def _speakers(event: type[Event]) -> tuple[str, ...]:
    publishers = publishers_of(event)
    return NAMES if EACH_SERVICE in publishers else publishers


def _channel(topic: str, *, compacted: bool) -> dict[str, Any]:
    keeps = "the newest record of each key; an empty value removes it" if compacted else "everything"
    return {
        "address": topic,
        "description": f"Keeps {keeps}. Records of one key keep their order.",
        "messages": {},
        "bindings": {"kafka": {"topicConfiguration": {"cleanup.policy": ["compact" if compacted else "delete"]}}},
    }


def _operation(action: str, service: str, topic: str) -> dict[str, Any]:
    does = "publishes this" if action == "send" else "reads all of it and acts on what it knows"
    return {
        "action": action,
        "description": f"`{service}` {does}.",
        "channel": {"$ref": f"#/channels/{topic}"},
        "tags": [{"name": service}],
        "messages": [],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": event.description(),
        "description": event.dutch,
        "contentType": "application/json",
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./schemas/{file_name(event.type)}"},
        },
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "x-key": to_camel(event.about),
    }


def _headers() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_partitionkey"],
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {"type": "string", "format": "uuid"},
            "ce_source": text,
            "ce_type": text,
            "ce_subject": text,
            "ce_time": {"type": "string", "format": "date-time"},
            "ce_dataschema": {"type": "string", "format": "uri"},
            "ce_partitionkey": text,
            "ce_sequence": text,
            "ce_sequencetype": text,
            "ce_correlationid": text,
            "ce_causationid": text,
            "ce_traceparent": text,
            "ce_parties": {
                "type": "string",
                "description": "The parties of the event: `role=value`, with a space between; the "
                "roles are board, school, location, company, trainer, organisation (ids) and region (a code). "
                "Never sent to outsiders.",
                "examples": ["company=0192f0c0-0000-7000-8000-000000000001 region=AM28"],
            },
            "content-type": text,
        },
    }


def _id(type_: str) -> str:
    return type_.removeprefix(PREFIX)
