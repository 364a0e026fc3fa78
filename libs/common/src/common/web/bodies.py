"""A request's JSON, read by JSON's own types: strictly, and all of its faults at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Final, get_args

from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import Request

from common.errors import InvalidParam, Message
from common.web.problems import HttpProblem
from common.web.request_context import ANSWERING
from common.web.views import TODAY, Command

_TOO_MANY: Final = 2000
"""To name each fault of a megabyte of them takes more than a second and an answer of ten."""
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class RawJson:
    """A body as it came."""

    content: bytes


class ContentTooLarge(HttpProblem, status=413, code="content-too-large"):
    """Send {largest} bytes at most."""


class StrictRequest(Request):
    """A request with a largest size, whose JSON is left to the command that reads it."""

    def __init__(self, request: Request, largest: int) -> None:
        """Take over from a request that nobody has read yet."""
        super().__init__(request.scope, request.receive)
        self._largest = largest

    async def stream(self) -> Any:
        """Yield the body's parts, and stop reading one that is too large."""
        size = 0
        async for part in super().stream():
            size += len(part)
            if size > self._largest:
                raise ContentTooLarge(largest=self._largest)
            yield part

    async def json(self) -> RawJson:
        """Return the body as it came."""
        return RawJson(await self.body())


def read_strictly(field: Any) -> None:
    """Have FastAPI's body field read raw JSON itself.

    FastAPI would parse it first and then validate Python values, of which strict validation takes no text for
    a date or an id.
    """
    info = field.field_info
    kind: Any = info.annotation
    if info.discriminator:
        kind = Annotated[kind, Field(discriminator=info.discriminator)]
    adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def validate(
        value: object,
        values: Mapping[str, Any] | None = None,  # noqa: ARG001 - FastAPI's signature
        *,
        loc: tuple[int | str, ...] = (),
    ) -> tuple[Any, list[dict[str, Any]]]:
        content = value.content if isinstance(value, RawJson) else b""
        try:
            context = {TODAY: ANSWERING.get().context.database.clock.today()}
            return adapter.validate_json(content, by_alias=True, by_name=False, context=context), []
        except ValidationError as error:
            if error.error_count() > _TOO_MANY:
                said = Message("This has {count} faults, too many to name them", count=error.error_count())
                return None, [{"type": "too_many_faults", "loc": loc, "msg": said, "ctx": {"reason": said}}]
            faults = error.errors(include_url=False, include_input=False)
            return None, [{**fault, "loc": (*loc, *fault["loc"])} for fault in faults]

    field.validate = validate


def is_of_commands(field: Any) -> bool:
    """Whether a body is a Command, or made of nothing else: a list, a tagged union; or one that may be left out."""
    leaves = [leaf for leaf in _leaves(field.field_info.annotation) if leaf is not NoneType]
    return bool(leaves) and all(isinstance(leaf, type) and issubclass(leaf, Command) for leaf in leaves)


def check_text(content: bytes) -> None:
    """Check that no text in a body has a NUL in it, which no database takes.

    Raises:
        HttpProblem: 400, there is one.
    """
    if _NUL.search(content):
        raise HttpProblem.invalid(
            InvalidParam("body", Message("Text must not have control characters"), "control-character")
        )


def _leaves(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _leaves(argument)
