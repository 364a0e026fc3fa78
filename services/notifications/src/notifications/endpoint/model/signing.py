"""Standard Webhooks 1.0: how a delivery is signed, so that its receiver knows who sent it and when."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
SIZE: Final = 32
"""Bytes of a new secret; the standard asks for 24 to 64."""


def secret_of(random: bytes) -> str:
    """Write a secret as the standard does."""
    return f"{PREFIX}{base64.b64encode(random).decode()}"


def signed_headers(secrets: Sequence[str], *, event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a delivery: one signature per secret, the newest first.

    ``timestamp``: seconds of the attempt, in real time. Test vector: see the standard.
    """
    signatures = [f"v1,{_signature(secret, event_id, timestamp, body)}" for secret in secrets]
    return {"webhook-id": event_id, "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signatures)}


def _signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{id_}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
