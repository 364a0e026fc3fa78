"""The published language: the events of all services. It knows the domain's words, no plumbing."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Data: TypeAlias = Mapping[str, Any]
"""An event's payload as JSON shows it: lowerCamelCase names."""

PREFIX: Final = "nl.hybride-techniekopleiders."
_TYPE: Final = re.compile(rf"^{re.escape(PREFIX)}(?P<name>[a-z]+(?:[.-][a-z]+)+)\.v(?P<version>\d+)$")


class TypeName(NamedTuple):
    """``nl.hybride-techniekopleiders.proposal.accepted.v1`` is name ``proposal.accepted``, version 1."""

    name: str
    version: int

    @classmethod
    def parse(cls, text: str) -> TypeName | None:
        """Return None for a type that is not ours."""
        found = _TYPE.match(text)
        return cls(found["name"], int(found["version"])) if found else None


class UnknownVersion(Exception):
    """The event {type} is newer than this reader; it waits for the upgrade."""

    def __init__(self, type_: str) -> None:
        """Name the full type."""
        super().__init__(f"The event {type_} is newer than this reader; it waits for the upgrade.")


class BadEvent(Exception):
    """An event's payload does not fit its schema."""


def _said(fault: ErrorDetails) -> str:
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {fault['msg']}" if place else fault["msg"]


class NotItsPublisher(Exception):
    """Only {publishers} may publish {type}, not {service}."""

    def __init__(self, type_: str, service: str, publishers: Iterable[str]) -> None:
        """Name the event, the service that tried and those that may."""
        may = " or ".join(sorted(publishers)) or "a service that its module declares"
        super().__init__(f"Only {may} may publish {type_}, not {service}.")


class Payload(BaseModel):
    """Part of an event; frozen, strict, lowerCamelCase on the wire."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class Event(Payload):
    """Something that happened, told to the other services.

    A class's docstring is its English description, ``dutch`` the Dutch one. ``about`` names the field with
    the aggregate's id: the key that orders it. ``taking_part`` names the roles of its parties.
    """

    type: ClassVar[str] = ""
    dutch: ClassVar[str] = ""
    about: ClassVar[str] = ""
    taking_part: ClassVar[frozenset[str]] = frozenset()
    """The roles of ``events.parties`` that its parties may be in: nobody else can get a letter about it."""
    publishers: ClassVar[tuple[str, ...]] = ()
    """Where it differs from what its module declares with ``published_by``."""

    @property
    def key(self) -> str:
        """The id of the subject: records of one key keep their order."""
        return str(getattr(self, self.about))

    @classmethod
    def subject_kind(cls) -> str:
        """Return the aggregate's name, the first part of the event's name."""
        return cls.type.removeprefix(PREFIX).split(".")[0]

    @classmethod
    def description(cls) -> str:
        """Return what it means, in English."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Enter every event with a type into the catalogue, once."""
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.__dict__.get("type"):
            return
        name = TypeName.parse(cls.type)
        if name is None or not cls.dutch or cls.about not in cls.model_fields:
            raise TypeError(f"{cls.__name__} needs a type such as {PREFIX}thing.happened.v1, `dutch` and `about`")
        if cls.type in CATALOGUE:
            raise TypeError(f"{cls.type} is taken by {CATALOGUE[cls.type].__name__}")
        CATALOGUE[cls.type] = cls
        _NAMES[name.name] = cls


class CompactedEvent(Event):
    """The newest state of one key, on a compacted topic of its own; a tombstone takes it back."""

    topic: ClassVar[str] = ""
    partitions: ClassVar[int | None] = None
    """None is as many as an event topic has; 1 keeps one order over all keys."""


CATALOGUE: Final[dict[str, type[Event]]] = {}
"""Every current event class by its type."""

EACH_SERVICE: Final = "*"
"""Stands for every service in a declaration of publishers."""
_PUBLISHERS: Final[dict[str, tuple[str, ...]]] = {}


def published_by(module: str, *services: str) -> None:
    """Declare which services publish the events of a module, or of a package with all that is in it."""
    _PUBLISHERS[module] = services


@cache
def publishers_of(event: type[Event]) -> tuple[str, ...]:
    """Return the services that may publish an event; ``EACH_SERVICE`` stands for all, none is nobody."""
    if event.publishers:
        return event.publishers
    module = event.__module__
    while module not in _PUBLISHERS:
        module, _, last = module.rpartition(".")
        if not last:
            return ()
    return _PUBLISHERS[module]


def may_publish(service: str, event: type[Event]) -> bool:
    """Whether an event is one of a service's own."""
    publishers = publishers_of(event)
    return service in publishers or EACH_SERVICE in publishers


def events_topic(service: str) -> str:
    """Return the topic of a service's events."""
    return f"hto.{service}.events"


def topic_from(service: str, event: type[Event]) -> str:
    """Return the topic on which a service publishes an event.

    Raises:
        NotItsPublisher: the event is another service's.
    """
    if not may_publish(service, event):
        raise NotItsPublisher(event.type, service, publishers_of(event))
    return event.topic if issubclass(event, CompactedEvent) else events_topic(service)


def topics_of(event: type[Event], services: Iterable[str]) -> frozenset[str]:
    """Return the topics on which an event is published, ``services`` being all there are."""
    publishers = publishers_of(event)
    speaking = services if EACH_SERVICE in publishers else publishers
    return frozenset(topic_from(service, event) for service in speaking)


def state_topics() -> frozenset[str]:
    """Return the compacted topics, those of the states that were imported."""
    return frozenset(event.topic for event in CATALOGUE.values() if issubclass(event, CompactedEvent))


Upcaster: TypeAlias = Callable[[Data], Data]
_NAMES: Final[dict[str, type[Event]]] = {}
_UPCASTERS: Final[dict[str, tuple[Upcaster, type[Event]]]] = {}


def upcast(old: str, *, to: type[Event]) -> Callable[[Upcaster], Upcaster]:
    """Register how a payload of type ``old`` becomes one of ``to``; keys are as on the wire."""

    def register(function: Upcaster) -> Upcaster:
        _UPCASTERS[old] = (function, to)
        return function

    return register


def name_of(type_: str) -> str:
    """Return the name in a full type, without prefix and version: ``contract.signed``."""
    return type_.removeprefix(PREFIX).rpartition(".")[0]


def known_as(type_: str) -> type[Event] | None:
    """Return today's class of a type, of whatever version it is; None for an unknown name."""
    if type_ in CATALOGUE:
        return CATALOGUE[type_]
    while type_ in _UPCASTERS:
        target = _UPCASTERS[type_][1]
        if target.type in CATALOGUE:
            return target
        type_ = target.type
    name = TypeName.parse(type_)
    return None if name is None else _NAMES.get(name.name)


def modernise(type_: str, payload: bytes) -> Event | None:
    """Read a payload as today's class of its name.

    Returns:
        The event; None where the name is unknown, so that a reader may ignore it.

    Raises:
        UnknownVersion: a known name in a version that this code does not know.
        BadEvent: the payload does not fit; the message tells where and why, without its values.
    """
    current = CATALOGUE.get(type_)
    try:
        if current is not None:
            return current.model_validate_json(payload)
        if type_ in _UPCASTERS:
            data: Data = json.loads(payload)
            while type_ in _UPCASTERS:
                function, target = _UPCASTERS[type_]
                data, type_ = function(data), target.type
            return CATALOGUE[type_].model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise BadEvent("; ".join(map(_said, error.errors(include_input=False)))) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadEvent(f"not readable as {type_}: {type(error).__name__}") from None
    name = TypeName.parse(type_)
    if name is not None and name.name in _NAMES:
        raise UnknownVersion(type_)
    return None
