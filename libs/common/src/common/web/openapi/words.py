"""The document's standing text: whom to ask, what each status and header field means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CONTACT: Final = {
    "name": "Programma hybride techniekopleiders",
    "url": "https://hybride-techniekopleiders.nl",
    "email": "api@hybride-techniekopleiders.nl",
}
LICENSE: Final = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}

ERRORS: Final[Mapping[int, str]] = {
    400: "The request is not valid; every fault of it is in `invalidParams`.",
    401: "No access token, or one that is not taken.",
    403: "The token lacks the scope or the role, or the caller does not act for that owner.",
    404: "There is no such thing, or it is not the caller's to see.",
    406: "The answer does not come in a form that the caller takes.",
    409: "It does not fit the present state; or the same request is still running, or its answer was erased.",
    412: "It has changed since it was read.",
    413: "The body is too large.",
    415: "The body is not in a form that is understood.",
    422: "A rule refuses it, or the Idempotency-Key was used for something else.",
    428: "If-Match is missing.",
    429: "The client asks too often; `Retry-After` says how long to wait.",
    500: "The fault is on this side; it was recorded.",
    503: "Not available at this moment; the same request may succeed after `Retry-After`.",
}
# Not those of Python's http module, which changed between its versions.
NAMES: Final[Mapping[int, str]] = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "ContentTooLarge",
    415: "UnsupportedMediaType",
    422: "UnprocessableContent",
    428: "PreconditionRequired",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}
ANSWERS: Final[Mapping[int, str]] = {
    200: "As it is now.",
    201: "As it was made.",
    202: "It was taken and is being worked on.",
    204: "Done.",
    304: "The caller has the newest version.",
}
HEADERS: Final[Mapping[str, str]] = {
    "Content-Language": "The language of the problem: nl or en, as Accept-Language prefers; en without it.",
    "Vary": "Accept-Language: another language would be another problem.",
    "API-Version": "The full version of this API.",
    "RateLimit": "What is left of the limit and when it starts anew.",
    "RateLimit-Policy": "How many requests in how many seconds.",
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "How to authenticate, and what was wrong.",
    "ETag": "The version; send it in If-Match to change it.",
    "Link": 'The next page, with `rel="next"`, where there is one.',
    "Location": "Where the new thing is.",
}
