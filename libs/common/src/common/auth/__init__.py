"""Who is calling, and what may they see: tokens, scopes, organisations, regions."""

from common.auth.caller import Caller, ForeignOwner, InsufficientScope, Role, WrongRole
from common.auth.keys import KeySource, KeysUnavailable, OwnKeys, RemoteKeys
from common.auth.verifier import Unauthenticated, Verifier

__all__ = [
    "Caller",
    "ForeignOwner",
    "InsufficientScope",
    "KeySource",
    "KeysUnavailable",
    "OwnKeys",
    "RemoteKeys",
    "Role",
    "Unauthenticated",
    "Verifier",
    "WrongRole",
]
