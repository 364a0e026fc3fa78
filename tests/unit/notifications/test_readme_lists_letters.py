"""The service's README lists every letter."""

from __future__ import annotations

from pathlib import Path

from notifications.message.model.letter_rules import RULES

README = Path(__file__).parents[3] / "services/notifications/README.md"


def test_every_letter_is_listed() -> None:
    text = README.read_text()
    missing = [rule.template for rule in RULES.values() if f"`{rule.template}`" not in text]
    assert missing == []
