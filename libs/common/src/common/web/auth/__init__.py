"""Tokens: verified, and read as a caller."""

from common.web.auth.keys import KeySource, KeysUnavailable, OwnKeys, RemoteKeys
from common.web.auth.verifier import Unauthenticated, Verifier

__all__ = ["KeySource", "KeysUnavailable", "OwnKeys", "RemoteKeys", "Unauthenticated", "Verifier"]
