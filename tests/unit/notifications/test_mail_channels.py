"""Which way mail leaves, by the address in the settings; and what a mail looks like."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from common.settings import Settings
from notifications.channels.letters import Letter
from notifications.channels.mail import FolderChannel, NoMailServer, SmtpChannel, channel_of, compose

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
    assert (plain._port, plain._implicit_tls, plain._username) == (25, False, None)
    assert (sealed._port, sealed._implicit_tls) == (465, True)
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
    assert mail["To"].addresses[0].display_name == 'Jan "de Draaier", Ø'
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
