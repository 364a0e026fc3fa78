"""Requests about ACLs, SCRAM users and single settings, which aiokafka's admin client does not know.

As in Kafka's own definitions.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)

SCRAM_SHA_512: Final = 2
"""Among Kafka's numbers of SCRAM mechanisms."""
SET: Final = 0
"""Among Kafka's numbers of what is done with a setting."""
_TEXT: Final = String("utf-8")
_COMPACT_TEXT: Final = CompactString("utf-8")
_TAGS: Final = ("tags", TaggedFields)
_OUTCOME: Final = (("error_code", Int16), ("error_message", _TEXT))
_COMPACT_OUTCOME: Final = (("error_code", Int16), ("error_message", _COMPACT_TEXT))
_THROTTLED: Final = ("throttle_time_ms", Int32)
_ENTRY: Final = (("principal", _TEXT), ("host", _TEXT), ("operation", Int8), ("permission", Int8))
_ACL: Final = (("resource_type", Int8), ("resource_name", _TEXT), ("pattern_type", Int8), *_ENTRY)
"""An ACL that is made, and the filter that finds it, have the same fields."""


class _Question(Request[Any]):  # type: ignore[misc] # aiokafka has no types
    """A request of one version, with its fields."""

    API_KEY = -1
    STRUCT: ClassVar[Any]

    def __init_subclass__(
        cls, *, key: int, version: int, asks: Schema, answers: Schema, flexible: bool = False
    ) -> None:
        cls.API_KEY = key
        super().__init_subclass__()
        about = {"API_KEY": key, "API_VERSION": version}
        answer = type(f"{cls.__name__}Response", (Response,), {**about, "SCHEMA": answers})
        fields = {**about, "FLEXIBLE_VERSION": flexible, "RESPONSE_TYPE": answer, "SCHEMA": asks}
        cls.STRUCT = type(f"{cls.__name__}Request", (RequestStruct,), fields)

    def __init__(self, *fields: Any) -> None:
        self._fields = fields

    def prepare(self, versions: dict[int, tuple[int, int]]) -> RequestStruct:
        """Build it for a broker that takes these versions."""
        least, most = versions.get(self.API_KEY, (0, -1))
        if not least <= self.STRUCT.API_VERSION <= most:
            raise IncompatibleBrokerVersion(f"these brokers know no {type(self).__name__}")
        return self.build(self.STRUCT)

    def build(self, request_struct_class: type[RequestStruct]) -> RequestStruct:
        """Put the fields in."""
        return request_struct_class(*self._fields)


class DescribeAcls(
    _Question,
    key=29,
    version=1,
    asks=Schema(*_ACL),
    answers=Schema(
        _THROTTLED,
        *_OUTCOME,
        ("resources", Array(("type", Int8), ("name", _TEXT), ("pattern_type", Int8), ("acls", Array(*_ENTRY)))),
    ),
):
    """Which ACLs fit a filter."""


class CreateAcls(
    _Question,
    key=30,
    version=1,
    asks=Schema(("creations", Array(*_ACL))),
    answers=Schema(_THROTTLED, ("results", Array(*_OUTCOME))),
):
    """Make ACLs; one that is there already is made once more without effect."""


_CREDENTIAL: Final = (("mechanism", Int8), ("iterations", Int32))


class DescribeScramUsers(
    _Question,
    key=50,
    version=0,
    flexible=True,
    asks=Schema(("users", CompactArray(("name", _COMPACT_TEXT), _TAGS)), _TAGS),
    answers=Schema(
        _THROTTLED,
        *_COMPACT_OUTCOME,
        (
            "results",
            CompactArray(
                ("user", _COMPACT_TEXT),
                *_COMPACT_OUTCOME,
                ("credentials", CompactArray(*_CREDENTIAL, _TAGS)),
                _TAGS,
            ),
        ),
        _TAGS,
    ),
):
    """Which of these users have a password."""


class AlterScramUsers(
    _Question,
    key=51,
    version=0,
    flexible=True,
    asks=Schema(
        ("deletions", CompactArray(("name", _COMPACT_TEXT), ("mechanism", Int8), _TAGS)),
        (
            "upsertions",
            CompactArray(
                ("name", _COMPACT_TEXT), *_CREDENTIAL, ("salt", CompactBytes), ("salted_password", CompactBytes), _TAGS
            ),
        ),
        _TAGS,
    ),
    answers=Schema(_THROTTLED, ("results", CompactArray(("user", _COMPACT_TEXT), *_COMPACT_OUTCOME, _TAGS)), _TAGS),
):
    """Give users a password, or another one."""


_RESOURCE: Final = (("resource_type", Int8), ("resource_name", _TEXT))
_CONFIG: Final = (("name", _TEXT), ("config_operation", Int8), ("value", _TEXT))


class AlterConfigs(
    _Question,
    key=44,
    version=0,
    asks=Schema(("resources", Array(*_RESOURCE, ("configs", Array(*_CONFIG)))), ("validate_only", Boolean)),
    answers=Schema(_THROTTLED, ("responses", Array(*_OUTCOME, *_RESOURCE))),
):
    """Change some settings and leave the others as they are (`IncrementalAlterConfigs`)."""
