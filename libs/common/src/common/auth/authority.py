"""Authority: the scope and the roles that an operation asks of its caller, over HTTP and in the console alike."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from common.auth.caller import Caller, Role


@dataclass(frozen=True, slots=True)
class Authority:
    """The scope and roles of one operation; the relation to a row comes on top (``Caller.visible`` and ``sees``)."""

    scope: str
    roles: AbstractSet[Role] = frozenset()
    """A caller needs one of them; none named is any caller with the scope, also one without a role."""

    def check(self, caller: Caller) -> Caller:
        """Return the caller with only the roles that count here.

        A second role of the same token gives no rows in an operation that does not name it: a trainer who is also a
        desk's employee reviews as the desk and never as the trainer.

        Raises:
            InsufficientScope: the token does not have the scope.
            WrongRole: the token has none of the roles.
        """
        caller.must_have(self.scope)
        if not self.roles:
            return caller
        caller.must_be(*sorted(self.roles))
        return replace(caller, roles=caller.roles & self.roles)
