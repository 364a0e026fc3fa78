"""Over HTTP: what a service's routes are made of, and the application that they become."""

from common.web.app import Api, behind_proxies, create_app, create_site
from common.web.dependencies import Caller, InDatabase, InTx, Now, ageing, creates, public, roles, scope, takes_up_to
from common.web.etags import IfMatch, etag
from common.web.exchange import Context
from common.web.paging import Paging
from common.web.problems import HttpProblem
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
    "Caller",
    "ClockTime",
    "Command",
    "Context",
    "Day",
    "DayWithin",
    "FreeText",
    "HttpProblem",
    "IfMatch",
    "InDatabase",
    "InTx",
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
    "ageing",
    "behind_proxies",
    "checked",
    "create_app",
    "create_site",
    "creates",
    "etag",
    "public",
    "roles",
    "scope",
    "takes_up_to",
]
