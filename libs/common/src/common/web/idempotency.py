"""A write that is sent twice happens once: its answer is stored in its own transaction (``Idempotency-Key``)."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from common.caller import Caller
from common.errors import InvalidParam, Message
from common.persistence import stored_answers
from common.persistence.transaction import Tx
from common.web.problems import RETRY_AFTER, HttpProblem

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_CALLERS: Final = 4096
"""Hashes of so many callers are cached."""

# RFC 8941 §3.3.3: a string in quotes; bare is accepted as well.
_QUOTED: Final = re.compile(r'^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$')
_BARE: Final = re.compile(r"^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$")
_LONGEST: Final = 255
_KEPT_HEADERS: Final = frozenset({"content-type", "etag", "location", "link"})


class StillRunning(HttpProblem, status=409, code="still-running"):
    """A request with this Idempotency-Key is still running."""


class AnswerOfBefore(HttpProblem, status=409, code="answer-of-before"):
    """This request was carried out before answers were stored with whom they were given to."""


class AnswerErased(HttpProblem, status=409, code="answer-erased"):
    """This request was carried out; its answer was erased with a person whom it named."""


class KeyReused(HttpProblem, status=422, code="key-reused"):
    """This Idempotency-Key was used for a different request."""


@dataclass(frozen=True, slots=True)
class Key:
    """Which write this is: whose it is, the caller's name for it, and a fingerprint of everything that was sent."""

    client: str
    holder: str
    """The client with whom it acts for: a client that serves many people has a set of keys for each of them."""
    key: str
    fingerprint: str
    path: str

    @classmethod
    def of(cls, request: Request, caller: Caller, body: bytes) -> Key:
        """Read it.

        Raises:
            HttpProblem: 400 where the header is missing or not a string.
        """
        parts = [
            request.method,
            request.url.path,
            request.url.query,
            request.headers.get("content-type", ""),
        ]
        digest = hashlib.blake2b(body, digest_size=24)
        for part in parts:
            digest.update(b"\0" + part.encode())
        key = parse(request.headers.get(HEADER))
        return cls(caller.client, holder_of(caller), key, digest.hexdigest(), request.url.path)

    @property
    def lock(self) -> int:
        """The number of its advisory lock; two keys that share one only wait for each other."""
        text = f"idempotency\0{self.holder}\0{self.key}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), signed=True)


def parse(header: str | None) -> str:
    """Return the key in the header, with or without quotes.

    Raises:
        HttpProblem: 400 where it is missing, empty, too long or not a structured string.
    """
    if header is None:
        reason = Message("Give every POST a key of its own, and the same one when you repeat it.")
        raise HttpProblem.invalid(InvalidParam(HEADER, reason, "missing"))
    given = header.strip()
    quoted = _QUOTED.match(given)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else given
    if not key or len(key) > _LONGEST or not (quoted or _BARE.match(given)):
        reason = Message("Give a string of 1 to {longest} visible characters, in quotes or bare.", longest=_LONGEST)
        raise HttpProblem.invalid(InvalidParam(HEADER, reason, "not-a-string"))
    return key


async def replay(tx: Tx, key: Key) -> Response | None:
    """Take the key for this transaction; return the answer that it has already, if any.

    The caller is authorised already, and an answer is found only by a caller who acts for the same people and
    organisations in the same roles: nobody is shown what was answered to somebody else.

    Raises:
        HttpProblem: 409 while another request with the key runs, where its answer was erased with a person, or where
            it was stored without whom the caller acted for; 422 where it came with something else.
    """
    found = await stored_answers.take(tx, key.key, lock=key.lock, holder=key.holder, client=key.client)
    if not found.taken:
        raise StillRunning(headers=RETRY_AFTER)
    if found.fingerprint is None:
        return None
    if found.holder != key.holder:
        raise AnswerOfBefore
    if found.body is None:
        raise AnswerErased
    if found.fingerprint != key.fingerprint:
        raise KeyReused
    headers = {**json.loads(found.headers), REPLAYED: "true"}
    return Response(found.body, status_code=found.status, headers=headers)


async def store(tx: Tx, key: Key, response: Response) -> None:
    """Keep the answer with the write.

    Raises:
        StaleVersion: another request stored one since ``replay`` looked.
    """
    row = {
        "holder": key.holder,
        "key": key.key,
        "fingerprint": key.fingerprint,
        "status": response.status_code,
        "headers": json.dumps({name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}),
        "body": bytes(response.body),
        "names": stored_answers.named_in(key.path.encode(), bytes(response.body)),
    }
    await stored_answers.store(tx, row)


@lru_cache(maxsize=_CALLERS)
def holder_of(caller: Caller) -> str:
    """Return whose a key is: the client, and a digest of everything in the token that decides what the caller may.

    The scopes are left out: they are checked before an answer is looked up, and a client may ask for other ones.
    """
    parts = [
        caller.subject,
        *sorted(role.value for role in caller.roles),
        "",
        *sorted(map(str, caller.organisations)),
        "",
        *sorted(caller.regions),
        "",
        str(caller.trainer or ""),
    ]
    return f"{caller.client} {hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()}"
