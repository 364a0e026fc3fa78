"""How a partner checks that a webhook comes from us and is what we sent: Standard Webhooks 1.0, in a few lines."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Final

TOLERANCE: Final = 5 * 60
"""Seconds by which the moment of the attempt may differ from now: an old message cannot be played again."""
_PREFIX: Final = "whsec_"


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> bool:
    """Tell whether one of the signatures is right for exactly this id, moment and body.

    ``headers`` have lower-case names; ``now`` is when it came, in Unix time. During a rotation of secrets there are
    several signatures.
    """
    try:
        id_, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        age = abs(now - int(timestamp))
    except (KeyError, ValueError, binascii.Error):
        return False
    expected = base64.b64encode(hmac.digest(key, f"{id_}.{timestamp}.".encode() + body, "sha256")).decode()
    given = [part.partition(",") for part in headers.get("webhook-signature", "").split()]
    right = [hmac.compare_digest(signature, expected) for version, _, signature in given if version == "v1"]
    return any(right) and age <= TOLERANCE
