"""Standard Webhooks, verified as a partner would: against the published vector and another implementation."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from demo.signature import TOLERANCE, is_genuine

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
AT = 1614265330
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(AT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_published_vector_is_genuine() -> None:
    assert is_genuine(SECRET, HEADERS, BODY, now=AT)


def test_one_right_signature_among_several_is_enough() -> None:
    both = {**HEADERS, "webhook-signature": f"v1,{'A' * 43}= v1a,abc {HEADERS['webhook-signature']}"}
    assert is_genuine(SECRET, both, BODY, now=AT)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": str(AT + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": ""},
        {"webhook-signature": HEADERS["webhook-signature"].replace("v1,", "v1a,")},
        {"webhook-signature": HEADERS["webhook-signature"].removeprefix("v1,")},
    ],
)
def test_any_changed_webhook_is_not_genuine(change: dict[str, str]) -> None:
    assert not is_genuine(SECRET, {**HEADERS, **change}, BODY, now=AT)


def test_neither_is_another_body_or_secret() -> None:
    assert not is_genuine(SECRET, HEADERS, BODY + b" ", now=AT)
    assert not is_genuine(f"whsec_{base64.b64encode(b'x' * 24).decode()}", HEADERS, BODY, now=AT)
    assert not is_genuine("whsec_not base64!", HEADERS, BODY, now=AT)


@pytest.mark.parametrize("missing", HEADERS)
def test_neither_is_one_without_a_header(missing: str) -> None:
    assert not is_genuine(SECRET, {name: HEADERS[name] for name in HEADERS if name != missing}, BODY, now=AT)


@pytest.mark.parametrize("seconds", [TOLERANCE + 1, -TOLERANCE - 1])
def test_an_old_message_cannot_be_played_again(seconds: int) -> None:
    assert is_genuine(SECRET, HEADERS, BODY, now=AT + TOLERANCE)
    assert not is_genuine(SECRET, HEADERS, BODY, now=AT + seconds)


@given(st.binary(min_size=24, max_size=64), st.text(alphabet="abcdef0123456789-", min_size=1), st.text(max_size=300))
def test_it_agrees_with_the_reference_implementation(key: bytes, id_: str, text: str) -> None:
    secret, now = f"whsec_{base64.b64encode(key).decode()}", int(time.time())
    signature = Webhook(secret).sign(id_, datetime.fromtimestamp(now, UTC), text)
    headers = {"webhook-id": id_, "webhook-timestamp": str(now), "webhook-signature": signature}
    assert is_genuine(secret, headers, text.encode(), now=now)
