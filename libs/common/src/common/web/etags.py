"""Which version a caller means: strong ETags from the aggregate's version, ``If-Match`` and ``If-None-Match``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header

from common.web.problems import HttpProblem

_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')
_LIST: Final = re.compile(rf"^\s*{_TAG.pattern}(\s*,\s*{_TAG.pattern})*\s*$")
ANY: Final = "*"
LONGEST: Final = 1000
"""Characters of ``If-Match`` and ``If-None-Match``."""


def etag(version: int) -> str:
    """Return the strong entity tag of a version."""
    return f'"{version}"'


class VersionChanged(HttpProblem, status=412, code="version-changed"):
    """It is no longer the version that you read: read it again and decide again."""


class VersionRequired(HttpProblem, status=428, code="version-required"):
    """Send If-Match with the ETag that you read."""


class NotAnEtag(HttpProblem, status=400, code="not-an-etag"):
    """If-Match takes entity tags in quotes."""


class IfNoneMatchTooLong(HttpProblem, status=400, code="too-long"):
    """If-None-Match takes {longest} characters at most."""


@dataclass(frozen=True, slots=True)
class Match:
    """Which versions the caller accepts; None is any."""

    tags: frozenset[str] | None

    def check(self, version: int) -> None:
        """Check the version that is there, before it is changed.

        Raises:
            HttpProblem: 412, it is another one.
        """
        if self.tags is not None and str(version) not in self.tags:
            raise VersionChanged(headers={"ETag": etag(version)})


async def _if_match(
    if_match: Annotated[
        str | None, Header(description='The ETag of the version that you mean, such as `"7"`.', max_length=LONGEST)
    ] = None,
) -> Match:
    if if_match is None:
        raise VersionRequired
    if if_match.strip() == ANY:
        return Match(None)
    if not _LIST.match(if_match):
        raise NotAnEtag
    # RFC 9110 §13.1.1: a weak tag never matches here.
    return Match(frozenset(tag for weak, tag in _TAG.findall(if_match) if not weak))


IfMatch = Annotated[Match, Depends(_if_match)]
"""For changes of what exists: the caller says which version. ``match.check(aggregate.version)`` first."""


def check_length(if_none_match: str | None) -> None:
    """Check the header that no route reads by itself.

    Raises:
        HttpProblem: 400, it is longer than its document says.
    """
    if if_none_match is not None and len(if_none_match) > LONGEST:
        raise IfNoneMatchTooLong(longest=LONGEST)


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has this version already (weak comparison, RFC 9110 §13.1.2)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == ANY or tag.strip('"') in {found for _, found in _TAG.findall(if_none_match)}
