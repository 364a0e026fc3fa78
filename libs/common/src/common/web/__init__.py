"""Over HTTP: what a service's routes are made of, and the application that they become."""

from common.web.app import Api, behind_proxies, create_site
from common.web.dependencies import Caller, InTx, Language, Now, creates_resource, max_body_size, public, roles, scope
from common.web.etags import IfMatch, etag
from common.web.paging import Paging
from common.web.problems import HttpProblem
from common.web.request_context import ApiContext
from common.web.routing import Router
from common.web.views import (
    ClockTime,
    Command,
    Day,
    DayWithin,
    FreeText,
    Line,
    MailAddress,
    Moment,
    Page,
    PersonName,
    PlannedDay,
    Title,
    View,
    checked,
)

__all__ = [
    "Api",
    "ApiContext",
    "Caller",
    "ClockTime",
    "Command",
    "Day",
    "DayWithin",
    "FreeText",
    "HttpProblem",
    "IfMatch",
    "InTx",
    "Language",
    "Line",
    "MailAddress",
    "Moment",
    "Now",
    "Page",
    "Paging",
    "PersonName",
    "PlannedDay",
    "Router",
    "Title",
    "View",
    "behind_proxies",
    "checked",
    "create_site",
    "creates_resource",
    "etag",
    "max_body_size",
    "public",
    "roles",
    "scope",
]
