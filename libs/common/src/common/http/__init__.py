"""Over HTTP: what a service's routes are made of, and the application that they become."""

from common.http.app import Api, behind_proxies, create_app, create_site
from common.http.dependencies import Caller, InDatabase, InTx, Now, ageing, creates, public, roles, scope, takes_up_to
from common.http.etags import IfMatch, etag
from common.http.exchange import Context
from common.http.idempotency import forget_old_answers
from common.http.logboek import processing_log, record_processing
from common.http.paging import Paging, Slice
from common.http.problems import HttpProblem
from common.http.routing import Router
from common.http.views import (
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
    "Slice",
    "Title",
    "View",
    "ageing",
    "behind_proxies",
    "checked",
    "create_app",
    "create_site",
    "creates",
    "etag",
    "forget_old_answers",
    "processing_log",
    "public",
    "record_processing",
    "roles",
    "scope",
    "takes_up_to",
]
