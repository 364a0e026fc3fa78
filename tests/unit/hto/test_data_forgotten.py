"""`make clean-data`: what `hto run` made is gone, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedded import EmbeddedFailure
from hto import data_folder
from hto.data_folder import main


def _made(data: Path) -> None:
    for name in ("postgres", "mail", "issuer"):
        (data / name).mkdir(parents=True)
    for name in ("mail/letter.eml", "issuer/key.pem", "journey.json", "running.json"):
        (data / name).write_text("{}")


@pytest.fixture
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "forget_server", lambda place: place.rmdir())


@pytest.mark.usefixtures("_no_server")
def test_a_folder_with_our_data_alone_is_gone(tmp_path: Path) -> None:
    _made(tmp_path / "data")
    assert main([str(tmp_path / "data")]) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_no_server")
def test_files_of_others_in_the_folder_stay(tmp_path: Path) -> None:
    """Seen red: the folder that was named, a home for instance, was deleted with all that it held."""
    _made(tmp_path)
    (tmp_path / "thesis.odt").write_text("six years of work")
    assert main([str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


@pytest.mark.usefixtures("_no_server")
def test_a_link_is_taken_away_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    _made(tmp_path / "data")
    (tmp_path / "data" / "mail" / "letter.eml").unlink()
    (tmp_path / "data" / "mail").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "letter.eml").write_text("dear")
    (tmp_path / "data" / "mail").symlink_to(tmp_path / "elsewhere")
    assert main([str(tmp_path / "data")]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]
    assert (tmp_path / "elsewhere" / "letter.eml").exists()


def test_data_in_use_stay_as_they_are_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(place: Path) -> None:
        raise EmbeddedFailure(f"{place} is in use by process 7.")

    monkeypatch.setattr(data_folder, "forget_server", refuses)
    _made(tmp_path)
    assert main([str(tmp_path)]) == 1
    assert "in use by process 7" in capsys.readouterr().err
    assert (tmp_path / "mail" / "letter.eml").exists()
