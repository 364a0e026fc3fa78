"""JSON in and out: strict commands, views, and the types that both are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    ValidationInfo,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema
from stdnum.nl import bsn

from common import inputs

T = TypeVar("T")


class _FromText:
    """A value that JSON and an address have as text of one form, and that code has as itself."""

    kind: ClassVar[type[Any]]
    json_schema: ClassVar[JsonSchemaValue]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return dict(self.json_schema)

    def of_text(self, text: str, today: date | None) -> Any:
        """Return what a caller wrote, or raise why it cannot be."""
        raise NotImplementedError

    def of_code(self, value: Any) -> Any:
        """Return what our own code gives, or raise why it cannot be."""
        return value

    def _validate(self, value: object, info: ValidationInfo) -> Any:
        try:
            # By its very class: a moment is a day as well, and neither is the other here.
            if type(value) is self.kind:
                return self.of_code(value)
            if not isinstance(value, str):
                raise PydanticKnownError("string_type")
            return self.of_text(value, (info.context or {}).get(TODAY))
        except inputs.Unfit as unfit:
            raise _said(unfit) from None


class _Moment(_FromText):
    """A moment: RFC 3339 with any offset in, UTC out."""

    kind = datetime
    json_schema: ClassVar[JsonSchemaValue] = {"type": "string", "format": "date-time"}

    def of_text(self, text: str, today: date | None) -> datetime:  # noqa: ARG002 - what days need
        return inputs.moment(text)

    def of_code(self, value: datetime) -> datetime:
        if value.utcoffset() is None:
            raise inputs.NotAMoment
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise inputs.NotAMoment from None


class _ClockTime(_FromText):
    """A clock time without offset, to the minute or second."""

    kind = time
    json_schema: ClassVar[JsonSchemaValue] = {"type": "string", "format": "time-local"}

    def of_text(self, text: str, today: date | None) -> time:  # noqa: ARG002 - what days need
        return inputs.clock_time(text)


class DayWithin(_FromText):
    """A day between bounds; a body's are counted from the business day of its request."""

    kind = date
    json_schema: ClassVar[JsonSchemaValue] = {"type": "string", "format": "date"}

    def __init__(self, bounds: inputs.Bounds) -> None:
        """Take the bounds that hold where it is used."""
        self._bounds = bounds

    def of_text(self, text: str, today: date | None) -> date:
        """Read a day as a caller writes it."""
        return inputs.day(text, self._bounds, today=today)


TODAY: Final = "today"
"""The key of the business day in a validation's context."""

Moment = Annotated[datetime, _Moment()]
"""A moment; any offset is accepted, the answer is in UTC. Name it ``…_at``."""
ClockTime = Annotated[time, _ClockTime()]
"""A local clock time. Name it ``…_time``."""
Day = Annotated[date, DayWithin(inputs.CALENDAR)]
"""Any day that the calendar of this system has. Name it ``…_on`` or ``…_until``."""
PlannedDay = Annotated[date, DayWithin(inputs.PLANNED)]
"""A day on which work begins, ends or was done."""


def _said(unfit: inputs.Unfit) -> PydanticCustomError:
    # The reason as a value: a brace in it must not be read as a field of the message.
    return PydanticCustomError(unfit.code.replace("-", "_"), "{reason}", {"reason": unfit.message})


def checked(read: Callable[[str], str]) -> AfterValidator:
    """Have a text read by one of ``common.inputs``; what it raises is said in the problem."""

    def validate(text: str) -> str:
        try:
            return read(text)
        except inputs.Unfit as unfit:
            raise _said(unfit) from None

    return AfterValidator(validate)


_NINE_DIGITS: Final = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){8}(?!\d)")


def _no_bsn(text: str) -> str:
    for found in _NINE_DIGITS.findall(text):
        if bsn.is_valid(found):
            raise PydanticCustomError(
                "bsn", "This text seems to have a citizen service number (BSN) in it; such a number is never kept here"
            )
    return text


def _length(limit: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=limit)


FreeText = Annotated[str, _length(inputs.NOTE_LENGTH), checked(inputs.note), AfterValidator(_no_bsn)]
"""What a person wrote, in lines; refused where it has a citizen service number in it."""
Line = Annotated[str, _length(inputs.LINE_LENGTH), checked(inputs.line), AfterValidator(_no_bsn)]
"""Free text on one line."""
Title = Annotated[str, _length(inputs.LINE_LENGTH), checked(inputs.title), AfterValidator(_no_bsn)]
"""What an organisation or a place is called."""
PersonName = Annotated[str, _length(inputs.NAME_LENGTH), checked(inputs.name), AfterValidator(_no_bsn)]
"""A person's name, in any script."""
MailAddress = Annotated[
    str,
    _length(inputs.ADDRESS_LENGTH),
    checked(inputs.mail_address),
    Field(examples=["otis.zaagblad@koperdraad-installaties.example"]),
]
"""A mail address that mail can be sent to; its domain may be in any script, and is kept in ASCII."""


def says_no_kind_of_time(annotation: Any, metadata: Sequence[Any], *, days: bool) -> bool:
    """Whether a field is a time of any form; with ``days`` also whether it is a day without bounds."""
    bare = set() if any(isinstance(one, _FromText) for one in metadata) else set(_bare(annotation))
    return bool(bare & {datetime, time}) or (days and date in bare)


def is_list(annotation: Any) -> bool:
    """Whether a field takes several values, or none at all."""
    return get_origin(annotation) is list or any(is_list(argument) for argument in get_args(annotation))


def _check_fields(model: type[BaseModel], *, days: bool) -> None:
    for name, field in model.model_fields.items():
        if says_no_kind_of_time(field.annotation, field.metadata, days=days):
            raise TypeError(f"{model.__name__}.{name}: say Moment, ClockTime, or Day for a day that comes in")


def _bare(annotation: Any) -> Iterator[Any]:
    """Yield the types in an annotation that nothing says more about."""
    arguments = get_args(annotation)
    if any(isinstance(argument, _FromText) for argument in arguments):
        return
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _bare(argument)


class Command(BaseModel):
    """The body of a request: strict, complete, lowerCamelCase; nothing is guessed and nothing extra is let through."""

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
        _check_fields(cls, days=True)


class View(BaseModel):
    """The body of an answer: read from an aggregate or a row, lowerCamelCase."""

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
        _check_fields(cls, days=False)


class Page(View, Generic[T]):
    """One page of a collection, in a fixed order."""

    items: list[T]
    next_cursor: str | None = None
    """Give it as ``cursor`` for what follows; null where this is the end. The Link header says the same."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Name it after what is on it: ``VacancyView`` makes ``VacancyViewPage``."""
        return f"{getattr(params[0], '__name__', params[0])}Page"
