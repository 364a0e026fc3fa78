"""Refusals: a class's docstring is its message. Pure."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, ClassVar


class DomainError(Exception):
    """Something was asked that cannot be done."""

    code: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        """Fill the docstring's fields with ``facts``; they travel to the caller, so nothing personal."""
        self.facts = facts
        super().__init__(inspect.cleandoc(type(self).__doc__ or "").format(**facts))

    def __init_subclass__(cls) -> None:
        """Derive a stable machine-readable code from the class name: ``NotPossible`` is ``not-possible``.

        A class may name its own.
        """
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


class Refused(DomainError):
    """This is refused by a rule."""


class NotFound(DomainError):
    """There is no {what} {id}."""


class Conflict(DomainError):
    """This does not fit the present state."""


class Forbidden(DomainError):
    """This caller may not do that."""


@dataclass(frozen=True, slots=True)
class InvalidParam:
    """One field that is wrong: where (lowerCamelCase path), why, and a code for machines."""

    name: str
    reason: str
    code: str


class Invalid(DomainError):
    """The input is not valid: {summary}"""  # noqa: D415 - the message ends with the summary

    def __init__(self, *params: InvalidParam) -> None:
        """Report all faults at once."""
        super().__init__(summary="; ".join(f"{p.name}: {p.reason}" for p in params))
        self.params = params


class StaleVersion(Exception):
    """The aggregate was changed by another writer between reading and writing it."""


class Unavailable(Exception):
    """A server that this process needs does not answer now; that passes by itself."""


class Unwell(Exception):
    """A part of this process does not do its work; the message has names, places and ids only, and may be shown."""
