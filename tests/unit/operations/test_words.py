"""Both catalogues have the same words, and what a newer version wrote is shown as unknown."""

from __future__ import annotations

from typing import Any

from operations.case.wording import kind, step
from operations.words import CATALOGUES, word


def keys(catalogue: dict[str, Any]) -> set[str]:
    """Every key, sections included; no word is empty."""
    assert all(catalogue.values())
    found = set(catalogue)
    for section, words in catalogue.items():
        if isinstance(words, dict):
            assert all(words.values())
            found |= {f"{section}.{name}" for name in words}
    return found


def test_both_languages_have_the_same_words() -> None:
    assert keys(CATALOGUES["nl"]) == keys(CATALOGUES["en"])


def test_a_word_is_said_in_the_readers_language() -> None:
    assert (step("sign_contract", "nl"), step("sign_contract", "en")) == ("Contract ondertekenen", "Sign the contract")
    assert (word("desk", "nl"), word("parked", "nl")) == ("loket", "Geparkeerd")
    assert (kind("vacancy", "en"), kind("trainer", "nl"), kind("other", "nl")) == ("vacancy", "hto'er", "overig")


def test_a_code_that_this_version_does_not_know_is_shown_as_unknown() -> None:
    assert step("fly", "nl") == "Onbekende stap (deze versie kent hem nog niet)"
    assert word("pilot", "en") == kind("flight", "en") == "unknown (newer than this version)"
