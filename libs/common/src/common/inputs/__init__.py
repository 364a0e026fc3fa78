"""Types of input: days, moments, names, lines, notes and mail addresses, each with its bounds. Pure.

Commands use these through the annotated types of ``common.web``; imports and everything else that reads what
people wrote call the functions. Each returns the one spelling that is kept, or raises an ``Unfit`` that says why
in words. The refusal never repeats the text: somebody may have pasted personal data into the wrong field.
"""

from __future__ import annotations

from common.inputs.days import (
    CALENDAR,
    CERTIFIED,
    PLANNED,
    VOG_ISSUED,
    Bounds,
    clock_time,
    day,
    moment,
)
from common.inputs.mail import ADDRESS_LENGTH, is_mail_address, mail_address
from common.inputs.refusals import NotAMoment, Unfit
from common.inputs.text import LINE_LENGTH, NAME_LENGTH, NOTE_LENGTH, line, name, note, title

__all__ = [
    "ADDRESS_LENGTH",
    "CALENDAR",
    "CERTIFIED",
    "LINE_LENGTH",
    "NAME_LENGTH",
    "NOTE_LENGTH",
    "PLANNED",
    "VOG_ISSUED",
    "Bounds",
    "NotAMoment",
    "Unfit",
    "clock_time",
    "day",
    "is_mail_address",
    "line",
    "mail_address",
    "moment",
    "name",
    "note",
    "title",
]
