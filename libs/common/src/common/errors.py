"""Refusals: a class's docstring is its message, in English; the Dutch one is in a file beside it. Pure."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

PACKAGES: Final[set[str]] = {"common"}
"""The packages that have refusals; each may have Dutch texts."""


class Message(str):
    """An English text that remembers what it is made of, so that it can be shown in another language.

    Facts that travel to a caller: nothing personal is among them, and nothing that a caller wrote.
    """

    __slots__ = ("facts", "kind", "template")

    template: str
    facts: Mapping[str, Any]
    kind: type[Any] | None
    """The class whose docstring it is, if it is one."""

    def __new__(cls, template: str, /, **facts: Any) -> Self:
        """Fill the template's fields with ``facts``."""
        return cls._made(template.format(**facts), template, facts)

    @classmethod
    def of(cls, kind: type[Any], facts: Mapping[str, Any]) -> Self:
        """Return the docstring of a class, filled."""
        template = inspect.cleandoc(kind.__doc__ or "")
        return cls._made(template.format(**facts), template, facts, kind)

    @classmethod
    def of_library(cls, text: str, key: str, facts: Mapping[str, Any]) -> Self:
        """Return a text that a library made; ``key`` is what another language knows it by."""
        return cls._made(text, key, facts)

    @classmethod
    def _made(cls, text: str, template: str, facts: Mapping[str, Any], kind: type[Any] | None = None) -> Self:
        made = super().__new__(cls, text)
        made.template, made.facts, made.kind = template, facts, kind
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes with all of it."""
        return self._made, (str(self), self.template, dict(self.facts), self.kind)


class Worded(str):
    """A fact that is a code, or several, with its Dutch words from elsewhere: ``rules`` has those of the law."""

    __slots__ = ("nl",)

    nl: str

    def __new__(cls, code: str, *, nl: str) -> Self:
        """Take both."""
        made = super().__new__(cls, code)
        made.nl = nl
        return made


class DomainError(Exception):
    """Something was asked that cannot be done."""

    code: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        """Fill the docstring's fields with ``facts``; they travel to the caller, so nothing personal."""
        self.facts = facts
        self.message = Message.of(type(self), facts)
        super().__init__(str(self.message))

    def __init_subclass__(cls) -> None:
        """Derive a stable machine-readable code from the class name: ``NotPossible`` is ``not-possible``.

        A class may name its own.
        """
        super().__init_subclass__()
        PACKAGES.add(cls.__module__.partition(".")[0])
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
    reason: Message
    code: str

    @classmethod
    def refused(cls, name: str, refusal: DomainError) -> InvalidParam:
        """Return a refusal as the fault of a field."""
        return cls(name, refusal.message, refusal.code)


class Summary(str):
    """Faults of the input in one line, which is made anew in another language."""

    __slots__ = ("params",)

    params: tuple[InvalidParam, ...]

    def __new__(cls, params: tuple[InvalidParam, ...]) -> Self:
        """Name each field with its reason."""
        made = super().__new__(cls, "; ".join(f"{one.name}: {one.reason}" for one in params))
        made.params = params
        return made


class Invalid(DomainError):
    """The input is not valid: {summary}"""  # noqa: D415 - the message ends with the summary

    def __init__(self, *params: InvalidParam) -> None:
        """Report all faults at once."""
        super().__init__(summary=Summary(params))
        self.params = params


class StaleVersion(Exception):
    """The aggregate was changed by another writer between reading and writing it."""


class Unavailable(Exception):
    """A server that this process needs does not answer now; that passes by itself."""


class Unwell(Exception):
    """A part of this process does not do its work; the message has names, places and ids only, and may be shown."""
