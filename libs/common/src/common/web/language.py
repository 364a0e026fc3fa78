"""The language of an answer: Dutch or English, as the caller prefers (``Accept-Language``, RFC 9110 §12.5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, get_args

from starlette.requests import Request

Language = Literal["nl", "en"]
DEFAULT: Final[Language] = "en"
"""Where the caller names no language, or none that there is."""
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_LONGEST: Final = 1000
"""Characters that are read: no browser sends more, and what follows would only cost time."""
_ITEM: Final = re.compile(
    r"[ \t]*(?P<range>\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)"
    r"(?:[ \t]*;[ \t]*[qQ]=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?[ \t]*"
)


def of(request: Request) -> Language:
    """Return the language that the caller of a request prefers."""
    return preferred(",".join(request.headers.getlist("accept-language")))


def headers(language: Language) -> dict[str, str]:
    """Return the headers of an answer in this language, which another caller may not get from a cache."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


def preferred(header: str | None) -> Language:
    """Return the language to answer in; a part of the header that cannot be read counts for nothing.

    A range speaks for its first part: ``nl-BE`` is Dutch. ``*`` speaks for each language that is not named. The
    highest weight wins; of equal weights the one that is named first, and the default before those of ``*``.
    A header that refuses both languages gets the default: a problem in a strange language is better than none.
    """
    weights: dict[str, float] = {}
    for name, weight in _ranges((header or "")[:_LONGEST]):
        weights[name] = max(weight, weights.get(name, 0.0))
    others = weights.get("*", 0.0)
    order = [name for name in weights if name != "*"] + [DEFAULT, *LANGUAGES]
    found = max(LANGUAGES, key=lambda one: (weights.get(one, others), -order.index(one)))
    return found if weights.get(found, others) > 0 else DEFAULT


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for item in header.split(","):
        if read := _ITEM.fullmatch(item):
            yield read["range"].partition("-")[0].lower(), float(read["weight"] or 1)
