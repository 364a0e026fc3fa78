"""What is private is closed to others, whatever the umask, and what was open is closed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from common.runtime.private_files import close, private_folder, write_private
from hto import data_folder
from hto.data_folder import State, record
from hto.issuer.files import keep_secret
from notifications.message.channels.letters import Letter
from notifications.message.channels.mail import FolderChannel, compose

MAIL = compose(
    message_id=UUID(int=1),
    sender="noreply@hto.example",
    to_name="Jan",
    to="jan@example.org",
    letter=Letter(subject="Onderwerp", text="Tekst\n", html="<p>Tekst</p>"),
    language="nl",
    at=datetime(2026, 9, 1, tzinfo=UTC),
)


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct, autouse=True)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): oct(path.lstat().st_mode & 0o777) for path in folder.rglob("*")}


def left_open(folder: Path) -> Path:
    """A folder with a file in it that an earlier version left open to everybody."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "old.eml").write_text("secret")
    (folder / "old.eml").chmod(0o644)
    return folder


async def test_letters_in_a_folder_are_their_owners_only(tmp_path: Path) -> None:
    async with FolderChannel(tmp_path / "data" / "mail").open() as sender:
        await sender.send(MAIL)
    assert set(modes(tmp_path).values()) == {"0o700", "0o600"}
    assert len(modes(tmp_path)) == 3


async def test_letters_that_were_left_open_are_closed(tmp_path: Path) -> None:
    async with FolderChannel(left_open(tmp_path / "mail")).open() as sender:
        await sender.send(MAIL)
    assert modes(tmp_path)["mail"] == "0o700"
    assert modes(tmp_path)["mail/old.eml"] == "0o600"


async def test_a_folder_with_other_things_in_it_stays_as_its_owner_has_it(tmp_path: Path) -> None:
    (left_open(tmp_path / "mail") / "readme.txt").write_text("mine")
    async with FolderChannel(tmp_path / "mail").open() as sender:
        await sender.send(MAIL)
    assert modes(tmp_path)["mail"] == "0o755"
    (letter,) = [path for path in (tmp_path / "mail").glob("*.eml") if path.name != "old.eml"]
    assert oct(letter.stat().st_mode & 0o777) == "0o600"


def test_keys_are_their_owners_only_and_a_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    keep_secret(left_open(tmp_path / "issuer") / "key.json", "secret")
    keep_secret(tmp_path / "new" / "deep" / "key.json", "secret")
    assert set(modes(tmp_path).values()) == {"0o700", "0o600"}


def test_the_data_folder_is_closed_and_so_is_what_was_open_in_it(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    left_open(data / "mail")
    (data / "running.json").write_text("{}")
    record(data_folder.take(data), State.PLAYING)
    assert all(int(mode, 8) & 0o007 == 0 for mode in (modes(data) | {"": oct(data.stat().st_mode & 0o777)}).values())
    assert modes(data)["mail"] == "0o700"
    assert modes(data)["mail/old.eml"] == modes(data)["journey.json"] == modes(data)["running.json"] == "0o600"


def test_a_data_folder_that_holds_other_things_is_not_closed(tmp_path: Path) -> None:
    left_open(tmp_path / "data")
    data_folder.take(tmp_path / "data")
    assert modes(tmp_path)["data"] == "0o755"


def test_a_link_is_left_alone_and_a_file_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / "target").chmod(0o644)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    close(tmp_path / "link")
    assert modes(tmp_path)["target"] == "0o644"
    write_private(tmp_path / "link", b"secret")
    assert (tmp_path / "target").read_text() == "mine"
    assert modes(tmp_path)["link"] == "0o600"
    assert private_folder(tmp_path / "link2").is_dir()


def test_a_folder_is_closed_from_the_moment_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only once it was closed: somebody may look in between. Seen red with folders made for everybody."""
    monkeypatch.setattr("common.runtime.private_files.close", lambda _: None)
    private_folder(tmp_path / "above" / "below")
    assert set(modes(tmp_path).values()) == {"0o700"}
