"""A PUT that creates or changes: only a change needs the version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from common.web import HttpProblem
from common.web.etags import ANY, Match


class VersionRequiredWhereItExists(HttpProblem, status=428, code="version-required"):
    """It is there already: send If-Match with the ETag that you read to change it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The version of If-Match, where the caller sends one."""

    header: str | None

    def check(self, version: int) -> None:
        """Check the version that is there, before it becomes another one.

        Raises:
            HttpProblem: 428, the caller did not say which version; 412, it is another one.
        """
        if self.header is None:
            raise VersionRequiredWhereItExists
        tags = frozenset(tag.strip().strip('"') for tag in self.header.split(","))
        Match(None if self.header.strip() == ANY else tags).check(version)


async def _expected(
    if_match: Annotated[
        str | None,
        Header(description="To change what is there: the ETag of the version that you mean.", max_length=1000),
    ] = None,
) -> Expected:
    return Expected(if_match)


IfMatchWhereItExists = Annotated[Expected, Depends(_expected)]
"""For a PUT under an id that the caller chose."""
