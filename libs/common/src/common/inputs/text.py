"""Names, lines and notes: composed, bounded, and nothing in them that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from common.inputs.refusals import (
    ControlCharacter,
    Empty,
    EncodedWord,
    InvisibleCharacter,
    LinkInText,
    NoLetter,
    NotInNames,
    OneLine,
    TooLong,
    TooManyMarks,
)

NAME_LENGTH: Final = 100
LINE_LENGTH: Final = 200
NOTE_LENGTH: Final = 4000
MARKS: Final = 4
"""On one letter: no living script stacks more once it is composed."""

_SPACES: Final = re.compile(" +")
_LINES: Final = frozenset("\n\t")
_BREAKS: Final = frozenset({"Zl", "Zp"})
_UNSEEN: Final = frozenset({"Cf", "Co", "Cn", "Cs"})
"""Format characters, among them zero-width and bidi; private, unassigned, half of a pair."""
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters, marks and signs by category, and nothing to see: they make two names look the same."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Persian and emoji are written with them; a note may have them, a name that is compared and mailed may not."""
_IN_NAMES: Final = frozenset(" '\u2019\u2018`\u00b4-\u2010\u2011\u2013.,()&+\u00b7")


def line(text: str, *, limit: int = LINE_LENGTH) -> str:
    """Return text for one line: composed (NFC), single spaces, nothing unseen, fit for a mail header.

    Raises:
        Unfit: with the first reason why not.
    """
    composed = _composed(text.strip(" \t\n\r"))
    for character in composed:
        if character in "\n\r\v\f\x85" or unicodedata.category(character) in _BREAKS:
            raise OneLine
    spaced = "".join(" " if unicodedata.category(c) == "Zs" or c == "\t" else c for c in composed)
    plain = _SPACES.sub(" ", spaced).strip()
    _check_seen(plain)
    if "=?" in plain:
        raise EncodedWord
    return _bounded(plain, limit)


def name(text: str, *, limit: int = NAME_LENGTH) -> str:
    """Return a person's name: a line of letters of any script, with the few signs that names have.

    Raises:
        Unfit: with the first reason why not.
    """
    plain = line(text, limit=limit)
    if "://" in plain or "www." in plain.lower() or "@" in plain:
        raise LinkInText
    if not any(unicodedata.category(character)[0] == "L" for character in plain):
        raise NoLetter
    for character in plain:
        if unicodedata.category(character)[0] not in "LMN" and character not in _IN_NAMES:
            raise NotInNames
    return plain


def title(text: str, *, limit: int = LINE_LENGTH) -> str:
    """Return what an organisation or a place is called: a line with a letter in it and no web address.

    Raises:
        Unfit: with the first reason why not.
    """
    plain = line(text, limit=limit)
    if "://" in plain:
        raise LinkInText
    if not any(unicodedata.category(character)[0] in "LN" for character in plain):
        raise NoLetter
    return plain


def note(text: str, *, limit: int = NOTE_LENGTH) -> str:
    """Return free text in lines: composed, with line ends as one character, nothing that hides what it says.

    Raises:
        Unfit: with the first reason why not.
    """
    plain = _composed(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    for character in plain:
        if unicodedata.category(character) in _BREAKS:
            raise ControlCharacter
    _check_seen(plain, also=_LINES | _JOINERS)
    return _bounded(plain, limit)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _bounded(text: str, limit: int) -> str:
    if not text:
        raise Empty
    if len(text) > limit:
        raise TooLong(limit=limit)
    return text


def _check_seen(text: str, *, also: frozenset[str] = frozenset()) -> None:
    """Check that every character is one that people see, and that marks stand on letters.

    Variation selectors are marks; they are let through in notes only, where emoji have them.
    """
    marks = 0
    for character in text:
        if character in also:
            marks = 0
            continue
        category = unicodedata.category(character)
        if category == "Cc":
            raise ControlCharacter
        if category in _UNSEEN or character in _BLANK or (_is_selector(character) and not also):
            raise InvisibleCharacter
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > MARKS:
            raise TooManyMarks(limit=MARKS)


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
