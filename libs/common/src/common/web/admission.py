"""Checks before a request's body is read: its media type and encoding, the accepted form of the answer, its keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from fastapi.datastructures import DefaultPlaceholder
from starlette.requests import Request
from starlette.responses import Response

from common.errors import InvalidParam, Message
from common.web.problems import HttpProblem

JSON: Final = "application/json"


class OnlyOffered(HttpProblem, status=406):
    """The answer comes as {offered}."""


class NotUnderstood(HttpProblem, status=415):
    """Send {understood} in UTF-8."""


def media_type_of(response_class: type[Response] | DefaultPlaceholder) -> str:
    """Return the media type in which a route answers."""
    kind = response_class.value if isinstance(response_class, DefaultPlaceholder) else response_class
    return str(kind.media_type or "")


def check_form_of_answer(request: Request, offered: str) -> None:
    """Check ``Accept``.

    Raises:
        HttpProblem: 406, the answer does not come in a form that the caller takes.
    """
    accept = request.headers.get("accept", "")
    if accept.strip() and not any(_covers(wanted, offered) for wanted in _wanted(accept)):
        raise OnlyOffered(offered=offered)


def check_form_of_body(request: Request, accepted: Collection[str]) -> None:
    """Check ``Content-Type`` where there is a body to read.

    Raises:
        HttpProblem: 415, naming what is understood.
    """
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().replace('"', "").replace(" ", "")
    if media_type.strip().lower() not in accepted or ("charset=" in charset and "charset=utf-8" not in charset):
        understood = ", ".join(sorted(accepted))
        raise NotUnderstood(headers={"Accept-Post": understood}, understood=understood)


def check_queries(request: Request, known: Collection[str], lists: Collection[str] = ()) -> None:
    """Check that every query key is one of the operation's: a filter with a typing error must not return everything.

    ``lists`` are those that may stand there more than once: of any other, one value would be passed by in silence.

    Raises:
        HttpProblem: 400, with all that are unknown, doubled or unreadable.
    """
    names = ", ".join(sorted(known))
    takes = Message("This operation takes {names}.", names=names) if known else Message("This operation takes none.")
    given = request.query_params.multi_items()
    faults = [
        InvalidParam(name, takes, "unknown") for name in dict.fromkeys(name for name, _ in given if name not in known)
    ]
    faults += [
        InvalidParam(name, Message("Give this once"), "doubled")
        for name, times in Counter(name for name, _ in given).items()
        if times > 1 and name in known and name not in lists
    ]
    faults += [
        InvalidParam(name, Message("Text must not have control characters"), "control-character")
        for name in dict.fromkeys(name for name, value in given if "\x00" in value)
    ]
    faults += [
        InvalidParam(name, Message("Text must not have control characters"), "control-character")
        for name, value in request.path_params.items()
        if "\x00" in str(value)
    ]
    if faults:
        raise HttpProblem.invalid(*faults)


def _wanted(accept: str) -> Iterator[str]:
    for wanted in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in wanted.split(";"))
        quality = next((value for name, _, value in (p.partition("=") for p in parameters) if name.strip() == "q"), "1")
        if quality.strip().strip("0.") or quality.strip() in {"", "1"}:
            yield media_range


def _covers(media_range: str, offered: str) -> bool:
    kind, _, subtype = media_range.partition("/")
    offered_kind, _, offered_subtype = offered.partition(";")[0].partition("/")
    return kind in {"*", offered_kind} and subtype in {"*", offered_subtype}
