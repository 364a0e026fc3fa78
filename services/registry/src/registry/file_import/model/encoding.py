"""From bytes to text: the encoding that most lines have, and the lines whose letters nobody can be sure of."""

from __future__ import annotations

import re
from typing import Final

from common.errors import Message
from registry.file_import.model.problems import AnotherCodePage, EncodedTwice, LostLetters, Unreadable

MAX_BYTES: Final = 16 * 1024 * 1024
"""Several times the largest file of DUO; a larger file is not such a list."""
UNDECODABLE: Final = re.compile("[\udc80-\udcff]")
"""What ``surrogateescape`` makes of a byte that is not of the file's encoding."""
_CONTINUATION: Final = bytes(range(0x80, 0xC0)).decode("cp1252", "ignore") + "\x81\x8d\x8f\x90\x9d"
LOOKS_ENCODED_TWICE: Final = re.compile(f"[ÂÃÄÅ][{re.escape(_CONTINUATION)}]|â€.|â\u201a¬|ï¿½|ï»¿")
"""Latin letters, quotation marks and dashes in UTF-8 as they look when they are read as windows-1252: ``FlorÃ¨s``."""


_SIGNS: Final = bytes([0x82, 0x84, 0x86, 0x87, 0x88, 0x89, 0x8B, 0x95, 0x98]).decode("cp1252")
_CAPITALS: Final = bytes([0x8A, 0x8C, 0x8E, 0x9F]).decode("cp1252")
OF_ANOTHER_CODE_PAGE: Final = re.compile(
    rf"(?<=[^\W\d_])(?:[{_SIGNS}]|[\u201c\u201d](?=[^\W\d_]))|(?<=[a-z\u00df-\u00ff])[{_CAPITALS}]"
)
"""Letters with an accent of DOS or of an old Macintosh as they look when they are read as windows-1252."""


def decode(content: bytes) -> tuple[str, str]:
    """Return the text and the encoding that most of its lines have; a byte of another one stays as a surrogate.

    A letter beyond ASCII in windows-1252 is hardly ever valid UTF-8; the reverse always "works". One line that was
    pasted from another source must therefore not decide about all others.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(why=Message("it is larger than {size} MB.", size=MAX_BYTES // 1024**2))
    if b"\x00" in content:  # also every UTF-16 file
        raise Unreadable(why=Message("it is not text in UTF-8 or windows-1252."))
    utf_8 = other = 0
    for line in content.splitlines():
        if not line.isascii():
            if _is_utf_8(line):
                utf_8 += 1
            else:
                other += 1
    if other > utf_8:
        text = content.decode("cp1252", "surrogateescape")
        if UNDECODABLE.search(text.split("\n", 1)[0]):
            raise Unreadable(why=Message("it is not text in UTF-8 or windows-1252."))
        return text, "windows-1252"
    return content.decode("utf-8-sig", "surrogateescape"), "utf-8"


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def check_letters(cell: str) -> None:
    """Refuse text whose letters were lost on the way: nobody can say which ones they were."""
    if "\ufffd" in cell:
        raise LostLetters
    if LOOKS_ENCODED_TWICE.search(cell):
        raise EncodedTwice
    if OF_ANOTHER_CODE_PAGE.search(cell):
        raise AnotherCodePage
