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
_ACL: Final = (
    ("resource_type", Int8),
    ("resource_name", String("utf-8")),
    ("pattern_type", Int8),
    ("principal", String("utf-8")),
    ("host", String("utf-8")),
    ("operation", Int8),
    ("permission", Int8),
)
"""An ACL that is made, and the filter that finds it, have the same fields."""


class _Question(Request[Any]):  # type: ignore[misc] # aiokafka has no types
    """A request of one version, with its fields."""

    API_KEY = -1
    STRUCT: ClassVar[type[RequestStruct]]

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


class _DescribeAclsResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 29
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", String("utf-8")),
        (
            "resources",
            Array(
                ("type", Int8),
                ("name", String("utf-8")),
                ("pattern_type", Int8),
                (
                    "acls",
                    Array(
                        ("principal", String("utf-8")),
                        ("host", String("utf-8")),
                        ("operation", Int8),
                        ("permission", Int8),
                    ),
                ),
            ),
        ),
    )


class _DescribeAcls(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 29
    API_VERSION = 1
    RESPONSE_TYPE = _DescribeAclsResponse
    SCHEMA = Schema(*_ACL)


class DescribeAcls(_Question):
    """Which ACLs fit a filter."""

    API_KEY = 29
    STRUCT = _DescribeAcls


class _CreateAclsResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 30
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", Array(("error_code", Int16), ("error_message", String("utf-8")))),
    )


class _CreateAcls(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 30
    API_VERSION = 1
    RESPONSE_TYPE = _CreateAclsResponse
    SCHEMA = Schema(("creations", Array(*_ACL)))


class CreateAcls(_Question):
    """Make ACLs; one that is there already is made once more without effect."""

    API_KEY = 30
    STRUCT = _CreateAcls


class _DescribeScramUsersResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 50
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", CompactString("utf-8")),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("credentials", CompactArray(("mechanism", Int8), ("iterations", Int32), ("tags", TaggedFields))),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _DescribeScramUsers(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 50
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _DescribeScramUsersResponse
    SCHEMA = Schema(
        ("users", CompactArray(("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("tags", TaggedFields),
    )


class DescribeScramUsers(_Question):
    """Which of these users have a password."""

    API_KEY = 50
    STRUCT = _DescribeScramUsers


class _AlterScramUsersResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterScramUsers(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _AlterScramUsersResponse
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class AlterScramUsers(_Question):
    """Give users a password, or another one."""

    API_KEY = 51
    STRUCT = _AlterScramUsers


class _AlterConfigsResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "responses",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class _AlterConfigs(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = _AlterConfigsResponse
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                (
                    "configs",
                    Array(("name", String("utf-8")), ("config_operation", Int8), ("value", String("utf-8"))),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class AlterConfigs(_Question):
    """Change some settings and leave the others as they are (`IncrementalAlterConfigs`)."""

    API_KEY = 44
    STRUCT = _AlterConfigs
