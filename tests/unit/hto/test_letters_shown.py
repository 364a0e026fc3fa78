"""The pages of letters hold every letter as people read it, and are committed as the texts are."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hto.commands.letters import app
from hto.documents import letters
from notifications.message.model.letter_rules import BY_TEMPLATE

PAGES = letters.pages()
RUN = CliRunner()


def test_every_letter_is_on_a_page_to_every_role_in_both_languages() -> None:
    text = "".join(PAGES.values())
    for rule in BY_TEMPLATE.values():
        part = text.split(f"## {rule.template}")[1].split("\n## ")[0]
        heads = [line.removeprefix("### ") for line in part.splitlines() if line.startswith("### ")]
        for language in ("nl", "en"):
            named = [role for head in heads if head.endswith(f"({language})") for role in head[:-5].split(", ")]
            assert sorted(named) == sorted(rule.roles or ("trainer",)), rule.template


def test_no_letter_shows_a_plain_example_or_a_code() -> None:
    for page in PAGES.values():
        lines = [line for line in page.splitlines() if line.startswith(">")]
        for line in lines:
            plain = line.replace("@example.org", "").replace("hto.example", "")
            assert "example" not in plain
            assert "None" not in plain


def test_a_blind_letter_names_nobody() -> None:
    for rule in BY_TEMPLATE.values():
        for role in rule.roles:
            text = letters.written(rule, role, "nl").text
            assert rule.reveals or "Puck" not in text


def test_the_kinds_are_listed_and_one_is_printed() -> None:
    listed = RUN.invoke(app, []).output.split()
    assert [f"{kind}.md" for kind in listed] == list(PAGES)
    assert RUN.invoke(app, ["hours"]).output == PAGES["hours.md"]
    unknown = RUN.invoke(app, ["nothing"])
    assert unknown.exit_code != 0


def test_pages_that_differ_from_the_texts_or_have_none_any_more_are_named(tmp_path: Path) -> None:
    folder = ["--folder", str(tmp_path)]
    missing = RUN.invoke(app, ["--check", *folder])
    assert (missing.exit_code, "not written yet" in missing.output) == (1, True)
    assert RUN.invoke(app, ["--write", *folder]).exit_code == 0
    assert RUN.invoke(app, ["--check", *folder]).exit_code == 0
    (tmp_path / "hours.md").write_text("mine")
    (tmp_path / "gone.md").write_text("mine")
    faults = RUN.invoke(app, ["--check", *folder])
    assert faults.exit_code == 1
    assert all(part in faults.output for part in ("hours.md: differs", "gone.md: no letters"))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_qualification_stands_in_a_letter_in_words(language: str) -> None:
    """Before: "Het bewijs van uw bevoegdheid in_pdg"."""
    for template in ("qualification-verified", "qualification-rejected", "qualification-revoked"):
        assert "in_pdg" not in letters.written(BY_TEMPLATE[template], "trainer", language).text
