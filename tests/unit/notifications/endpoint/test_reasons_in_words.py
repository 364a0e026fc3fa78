"""Why a receiver gave no answer is told in words of ours, whatever the error is called."""

from __future__ import annotations

import ssl

import aiosmtplib
import httpcore2
import pytest

from notifications.endpoint.channels.addresses import NotPublic
from notifications.endpoint.channels.bounded import EndlessAnswer, NotAnswered
from notifications.endpoint.channels.failures import failure_of
from notifications.endpoint.channels.resolving import UnknownName
from notifications.failure import Failure
from notifications.message.channels.mail import trouble


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "no answer in time"),
        (httpcore2.ConnectTimeout("nobody answers"), "no answer in time"),
        (httpcore2.ReadTimeout(), "no answer in time"),
        (NotPublic("not a public address"), "address is not public"),
        (UnknownName("the name does not resolve: gaierror"), "name not found"),
        (httpcore2.ConnectError("refused"), "no connection"),
        (httpcore2.ConnectionNotAvailable(), "no connection"),
        (OSError(113, "no route"), "no connection"),
        (httpcore2.ReadError(), "connection closed"),
        (httpcore2.WriteError(), "connection closed"),
        (NotAnswered("closed"), "connection closed"),
        (ConnectionResetError(), "connection closed"),
        (httpcore2.RemoteProtocolError("Server disconnected without sending a response."), "connection closed"),
        (httpcore2.RemoteProtocolError("illegal status line"), "answer cannot be read"),
        (httpcore2.LocalProtocolError("no"), "answer cannot be read"),
        (ValueError("no"), "answer cannot be read"),
        (EndlessAnswer("without end"), "answer is too long"),
        (ssl.SSLCertVerificationError("self-signed"), "no trusted TLS connection"),
    ],
)
def test_each_kind_of_failure_has_its_words(error: Exception, words: str) -> None:
    assert failure_of(error) == words
    assert Failure(words) is failure_of(error)


def test_a_certificate_that_nobody_vouches_for_is_no_refused_connection() -> None:
    error = httpcore2.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert failure_of(error) is Failure.NO_TLS


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aiosmtplib.SMTPReadTimeoutError("x"), "no answer in time"),
        (aiosmtplib.SMTPServerDisconnected("x"), "connection closed"),
        (BrokenPipeError(), "connection closed"),
        (aiosmtplib.SMTPSenderRefused(553, "who are you", "us@hto.example"), "answered 553"),
        (aiosmtplib.SMTPHeloError(502, "what"), "answered 502"),
        (aiosmtplib.SMTPResponseException(500, "Response too long"), "answer cannot be read"),
        (aiosmtplib.SMTPNotSupported("x"), "answer cannot be read"),
    ],
)
def test_a_recipient_reads_in_words_why_a_letter_has_not_gone_out(error: Exception, words: str) -> None:
    assert trouble(error) == words
