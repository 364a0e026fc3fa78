"""The service's README shows the life cycles that the code goes by, and every letter."""

from __future__ import annotations

from pathlib import Path

from common.diagram import mermaid
from notifications.endpoint.model import endpoint
from notifications.message.model import message
from notifications.message.model.letter_rules import RULES

README = Path(__file__).parents[3] / "services/notifications/README.md"


def test_the_diagrams_are_those_of_the_code() -> None:
    text = README.read_text()
    assert mermaid(message.NEXT) in text
    assert mermaid(endpoint.NEXT) in text


def test_every_letter_is_listed() -> None:
    text = README.read_text()
    missing = [rule.template for rule in RULES.values() if f"`{rule.template}`" not in text]
    assert missing == []
