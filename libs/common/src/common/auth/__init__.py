"""Who is calling, and what may they see: tokens, scopes, organisations, regions."""

from common.auth.authority import Authority
from common.auth.caller import (
    FOR_COMPANIES,
    FOR_SCHOOLS,
    PARTIES,
    Caller,
    ForeignOwner,
    InsufficientScope,
    Role,
    WrongRole,
)
from common.auth.keys import KeySource, KeysUnavailable, OwnKeys, RemoteKeys
from common.auth.verifier import Unauthenticated, Verifier

__all__ = [
    "FOR_COMPANIES",
    "FOR_SCHOOLS",
    "PARTIES",
    "Authority",
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
