"""A service's rights in Kafka's words: who may do what with which topic or group. Pure."""

from __future__ import annotations

import hashlib
import secrets
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from common.messaging.kafka.brokers import MECHANISM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.messaging.rights import ServiceLogin

ANY: Final = 1
"""As a filter on a kind, a pattern, an operation or a permission."""
ALLOW: Final = 3
EVERYWHERE: Final = "*"
"""As a host."""
ITERATIONS: Final = 8192
"""Of the hash of a password; Kafka takes 4096 to 16384."""


class Kind(IntEnum):
    """The kind of resource of an ACL; the numbers and names are Kafka's."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    """How its name is read."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """The operation that an ACL allows; the numbers and names are Kafka's."""

    READ = 3
    WRITE = 4
    ALTER_CONFIGS = 11


class Acl(NamedTuple):
    """That a principal may do something from anywhere."""

    kind: Kind | int
    name: str
    pattern: Pattern | int
    principal: str
    host: str
    operation: Operation | int
    permission: int = ALLOW

    def __str__(self) -> str:
        """Say it in a line."""
        named = {
            "operation": _name(Operation, self.operation),
            "kind": _name(Kind, self.kind),
            "pattern": "*" if self.pattern == Pattern.PREFIXED else "",
        }
        return f"{self.principal}: {named['operation']} on {named['kind']} {self.name}{named['pattern']}"


def _name(words: type[IntEnum], number: int) -> str:
    try:
        return words(number).name.lower()
    except ValueError:
        return f"{words.__name__.lower()} {number}"


def wanted(login: ServiceLogin) -> tuple[Acl, ...]:
    """Return the ACLs that a service needs: to read or write implies to describe, to alter settings to see them.

    The settings are the term of its events, which follows the policy (``Cluster.keep``). An idempotent producer needs
    no right of its own: brokers since 2.8 take the right to write to any topic for it.
    """
    principal, rights = f"User:{login.user}", login.rights
    return (
        *(Acl(Kind.TOPIC, topic, Pattern.LITERAL, principal, EVERYWHERE, Operation.WRITE) for topic in rights.writes),
        *(Acl(Kind.TOPIC, topic, Pattern.LITERAL, principal, EVERYWHERE, Operation.READ) for topic in rights.sees),
        *(
            Acl(Kind.TOPIC, topic, Pattern.LITERAL, principal, EVERYWHERE, Operation.ALTER_CONFIGS)
            for topic in rights.purges
        ),
        Acl(Kind.GROUP, rights.group, Pattern.LITERAL, principal, EVERYWHERE, Operation.READ),
        Acl(Kind.GROUP, f"{rights.group}.", Pattern.PREFIXED, principal, EVERYWHERE, Operation.READ),
    )


def commands(logins: Sequence[ServiceLogin]) -> list[str]:
    """Return what an administrator types to make the users and their ACLs by hand."""
    lines = [
        "# BROKERS is host:port, ADMIN a properties file with an administrator's login; each PASSWORD is your choice.",
    ]
    for login in logins:
        lines += [
            "",
            f"# {login.rights.service}",
            _user_command(login.user),
            *map(_acl_command, wanted(login)),
        ]
    return lines


def _user_command(user: str) -> str:
    return (
        f"kafka-configs.sh --bootstrap-server $BROKERS --command-config $ADMIN --alter --entity-type users "
        f"--entity-name {user} --add-config '{MECHANISM}=[iterations={ITERATIONS},password=PASSWORD]'"
    )


def _acl_command(acl: Acl) -> str:
    kind, operation = _name(Kind, acl.kind), _name(Operation, acl.operation).title().replace("_", "")
    pattern = " --resource-pattern-type prefixed" if acl.pattern == Pattern.PREFIXED else ""
    return (
        f"kafka-acls.sh --bootstrap-server $BROKERS --command-config $ADMIN --add "
        f"--allow-principal {acl.principal} --operation {operation} --{kind} {acl.name}{pattern}"
    )


def salted(password: str) -> tuple[bytes, bytes]:
    """Return a new salt and the password hashed with it: the broker never gets the password itself."""
    salt = secrets.token_bytes(32)
    return salt, hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
