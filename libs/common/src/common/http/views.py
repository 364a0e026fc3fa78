"""What goes in and out as JSON: strict commands, views, and the types that both are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Annotated, Any, Final, Generic, TypeVar, get_args

from annotated_types import BaseMetadata
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from stdnum.nl import bsn

T = TypeVar("T")


class _InUtc:
    """A moment: RFC 3339 with any offset in, UTC out."""

    SHAPE: Final = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)$", re.ASCII)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.chain_schema(
            [core_schema.str_schema(strict=True), core_schema.no_info_plain_validator_function(cls.parse)]
        )
        instance = core_schema.no_info_after_validator_function(
            cls.in_utc, core_schema.datetime_schema(tz_constraint="aware", strict=True)
        )
        return core_schema.json_or_python_schema(
            json_schema=text, python_schema=core_schema.union_schema([instance, text])
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}

    @classmethod
    def parse(cls, text: str) -> datetime:
        if cls.SHAPE.match(text):
            try:
                return cls.in_utc(datetime.fromisoformat(text.upper()))
            except (ValueError, OverflowError):
                pass
        raise PydanticCustomError("moment", "Give a moment with its offset, such as 2026-11-20T09:15:00Z")

    @staticmethod
    def in_utc(moment: datetime) -> datetime:
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise PydanticCustomError("moment", "This moment is beyond the calendar") from None


class _Local:
    """A clock time without offset, to the minute or second."""

    SHAPE: Final = re.compile(r"^\d\d:\d\d(:\d\d)?$", re.ASCII)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.chain_schema(
            [core_schema.str_schema(strict=True), core_schema.no_info_plain_validator_function(cls.parse)]
        )
        instance = core_schema.time_schema(strict=True)
        return core_schema.json_or_python_schema(
            json_schema=text, python_schema=core_schema.union_schema([instance, text])
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "time-local"}

    @classmethod
    def parse(cls, text: str) -> time:
        if cls.SHAPE.match(text):
            try:
                return time.fromisoformat(text)
            except ValueError:
                pass
        raise PydanticCustomError("clock_time", "Give a clock time without offset, such as 08:30")


Moment = Annotated[datetime, _InUtc()]
"""A moment; any offset is accepted, the answer is in UTC. Name it ``…_at``."""
ClockTime = Annotated[time, _Local()]
"""A local clock time. Name it ``…_time``."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NINE_DIGITS: Final = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){8}(?!\d)")


def _harmless(text: str) -> str:
    if _CONTROL.search(text):
        raise PydanticCustomError("control_character", "Text must not have control characters")
    return text


def _no_bsn(text: str) -> str:
    for found in _NINE_DIGITS.findall(text):
        if bsn.is_valid(found):
            raise PydanticCustomError(
                "bsn", "This text seems to have a citizen service number (BSN) in it; such a number is never kept here"
            )
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise PydanticCustomError("one_line", "Text must fit on one line")
    return text


FreeText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_harmless),
    AfterValidator(_no_bsn),
]
"""What a person wrote, in lines; refused where it has a citizen service number in it."""
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_harmless),
    AfterValidator(_one_line),
    AfterValidator(_no_bsn),
]
"""A name, a title: free text on one line."""


def _check_times(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        bare = set(_bare(field.annotation)) if not any(isinstance(m, _InUtc | _Local) for m in field.metadata) else ()
        if datetime in bare or time in bare:
            raise TypeError(f"{model.__name__}.{name}: say Moment for a moment and ClockTime for a clock time")


def _bare(annotation: Any) -> Iterator[Any]:
    """Yield the types in an annotation that nothing says more about."""
    arguments = get_args(annotation)
    if any(isinstance(argument, _InUtc | _Local | BaseMetadata) for argument in arguments):
        return
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _bare(argument)


class Command(BaseModel):
    """What a request asks: strict, complete, lowerCamelCase; nothing is guessed and nothing extra is let through."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        alias_generator=to_camel,
        use_attribute_docstrings=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Check the fields' types."""
        super().__pydantic_init_subclass__(**kwargs)
        _check_times(cls)


class View(BaseModel):
    """What an answer shows: read from an aggregate or a row, lowerCamelCase."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        alias_generator=to_camel,
        use_attribute_docstrings=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Check the fields' types."""
        super().__pydantic_init_subclass__(**kwargs)
        _check_times(cls)


class Page(View, Generic[T]):
    """One page of a collection, in a fixed order."""

    items: list[T]
    next_cursor: str | None = None
    """Give it as ``cursor`` for what follows; null where this is the end. The Link header says the same."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Name it after what is on it: ``VacancyView`` makes ``VacancyViewPage``."""
        return f"{getattr(params[0], '__name__', params[0])}Page"
