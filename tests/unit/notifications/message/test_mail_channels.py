"""Which way mail leaves, by the address in the settings; and what a mail looks like."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, compat32
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.runtime.settings import Settings
from notifications.message.channels.letters import Letter
from notifications.message.channels.mail import (
    FolderChannel,
    NoMailServer,
    RefusedForGood,
    SmtpChannel,
    Tls,
    channel_of,
    compose,
)

LETTER = Letter(subject="Onderwerp", text="Tekst\n", html="<p>Tekst</p>")


def settings(mail_url: str, folder: Path = Path("data")) -> Settings:
    url = "postgresql://x/y"
    return Settings(database_url=url, log_url=url, mail_url=mail_url, data_dir=folder)


def test_a_folder_is_inside_the_data_folder_or_where_it_says(tmp_path: Path) -> None:
    inside, outside = channel_of(settings("folder://mail", tmp_path)), channel_of(settings("folder:///var/mail"))
    assert isinstance(inside, FolderChannel)
    assert isinstance(outside, FolderChannel)
    assert (inside._folder, outside._folder) == (tmp_path / "mail", Path("/var/mail"))


def test_a_server_has_its_scheme_port_and_account() -> None:
    plain, sealed = channel_of(settings("smtp://mail.nl")), channel_of(settings("smtps://me%40x:p%2Fw@mail.nl"))
    assert isinstance(plain, SmtpChannel)
    assert isinstance(sealed, SmtpChannel)
    assert (plain._port, plain._tls, plain._username) == (25, Tls.STARTTLS, None)
    assert (sealed._port, sealed._tls) == (465, Tls.IMPLICIT)
    assert (sealed._username, sealed._password) == ("me@x", "p/w")


async def test_a_folder_that_cannot_be_written_is_a_way_out_that_is_closed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mail = compose(
        message_id=UUID(int=1),
        sender="noreply@hto.example",
        to_name="Jan",
        to="jan@example.org",
        letter=LETTER,
        language="nl",
        at=datetime(2026, 9, 1, tzinfo=UTC),
    )
    async with FolderChannel(tmp_path / "file").open() as sender:
        with pytest.raises(NoMailServer):
            await sender.send(mail)


def test_a_mail_says_that_a_machine_sent_it_and_carries_its_own_id() -> None:
    mail = compose(
        message_id=UUID(int=1),
        sender="noreply@hto.example",
        to_name='Jan "de Draaier", Ø',
        to="jan@example.org",
        letter=LETTER,
        language="nl",
        at=datetime(2026, 9, 1, tzinfo=UTC),
    )
    assert mail["Message-ID"] == "<00000000-0000-0000-0000-000000000001@hto.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    read = message_from_bytes(mail.as_bytes(), policy=SMTP)
    assert read["To"].addresses[0].display_name == 'Jan "de Draaier", Ø'
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("name", ["Jan\r\nBcc: x@example.org", "Jan\nX: y"])
def test_a_name_cannot_add_a_header(name: str) -> None:
    with pytest.raises(ValueError, match=r"CR|LF|linefeed|newline|invalid"):
        compose(
            message_id=UUID(int=1),
            sender="noreply@hto.example",
            to_name=name,
            to="jan@example.org",
            letter=LETTER,
            language="nl",
            at=datetime(2026, 9, 1, tzinfo=UTC),
        )


HEADERS = {
    *("from", "to", "subject", "date", "message-id", "auto-submitted", "content-language", "mime-version"),
    "content-type",
}
HOSTILE = (
    "=?utf-8?q?x=0d=0aBcc:_v@y.z?=",
    "=?utf-8?b?eA0KQmNjOiB2QHkueg==?=",
    "=?utf-8?q?x=0a=0aAnother_body?=",
    'a" <v@y.z>, "b =?utf-8?q?=0d=0aContent-Type:_text/html?=',
    "Jan\r\nBcc: v@y.z",
    "Jan\nSubject: else",
    "Jan\rBcc: v@y.z",
    "Jan\x85Bcc: v@y.z",
    "Jan\u2028Bcc: v@y.z",
    "Jan\x00",
    "Jan\u202e",
    "Jan <v@y.z>, Piet",
    'Jan", v@y.z, "Piet',
    "v@y.z,",
    "a:b;c",
    "(comment",
    "x\\",
    "x" * 5000,
    "Ó " * 300,
    "\ud800",
    "",
)
"""What somebody may have called themselves before names were looked at, or on a log that others could write to."""


def composed(**other: Any) -> EmailMessage:
    given: dict[str, Any] = {
        "message_id": UUID(int=1),
        "sender": "noreply@hto.example",
        "to_name": "Jan",
        "to": "jan@example.org",
        "letter": LETTER,
        "language": "nl",
        "at": datetime(2026, 9, 1, tzinfo=UTC),
    }
    return compose(**{**given, **other})


def check_one_recipient_and_our_headers(mail: EmailMessage) -> None:
    raw = mail.as_bytes()
    head, _, _ = raw.partition(b"\r\n\r\n")
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    for policy in (SMTP, compat32):
        read = message_from_bytes(raw, policy=policy)
        assert {name.lower() for name in read} == HEADERS
        assert len(read.keys()) == len(HEADERS)
        recipients = getaddresses([str(read["To"])])
        assert [address for _, address in recipients] == ["jan@example.org"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", ["to_name", "subject", "to", "sender", "language"])
def test_no_value_adds_a_header_a_recipient_or_a_body(field: str, value: str) -> None:
    letter = Letter(subject=value, text="Tekst\n", html="<p>Tekst</p>") if field == "subject" else LETTER
    try:
        mail = composed(letter=letter, **({} if field == "subject" else {field: value}))
    except (ValueError, RefusedForGood):
        return
    assert field in {"to_name", "subject"}
    check_one_recipient_and_our_headers(mail)


@given(text=st.lists(st.text(max_size=12) | st.sampled_from(HOSTILE), max_size=4).map("".join))
def test_no_name_and_no_subject_adds_a_header(text: str) -> None:
    for letter, name in ((LETTER, text), (Letter(subject=text, text=text, html=text), "Jan")):
        try:
            mail = composed(letter=letter, to_name=name)
        except ValueError:
            continue
        check_one_recipient_and_our_headers(mail)


@pytest.mark.parametrize(
    "name", ["Ó Súilleabháin", "Strauß", "İbrahim", "van 't Hoff", "Nguyễn", "محمد علي", "王小明", "O"]
)
def test_a_name_of_any_script_arrives_as_it_is(name: str) -> None:
    mail = composed(to_name=name, to="jan@xn--bcher-kva.example")
    read = message_from_bytes(mail.as_bytes(), policy=SMTP)
    assert read["To"].addresses[0].display_name == name
    assert read["To"].addresses[0].addr_spec == "jan@xn--bcher-kva.example"
