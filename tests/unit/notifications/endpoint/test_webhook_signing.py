"""Signatures are those of Standard Webhooks 1.0."""

from __future__ import annotations

import secrets
import time

from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from notifications.endpoint.model.signing import SIZE, secret_of, signed_headers


def test_the_standards_own_vector() -> None:
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(
    body=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1).map(
        lambda t: f'"{t.encode().hex()}"'
    )
)
def test_the_standards_own_library_verifies_what_we_sign_with_any_of_the_secrets(body: str) -> None:
    old, new = (secret_of(secrets.token_bytes(SIZE)) for _ in range(2))
    headers = signed_headers([new, old], event_id="id", timestamp=int(time.time()), body=body.encode())
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers) == body.strip('"')
