"""Why something cannot come in, in words. A refusal never repeats what was written."""

from __future__ import annotations

from common.errors import Refused


class Unfit(Refused, ValueError):
    """This cannot be taken."""

    # Also a ValueError, so that the functions below serve as validators.


class Empty(Unfit):
    """Give some text."""


class TooLong(Unfit):
    """Give {limit} characters at most."""


class ControlCharacter(Unfit):
    """Text must not have control characters."""


class OneLine(Unfit):
    """Text must fit on one line."""


class InvisibleCharacter(Unfit):
    """Text must not have characters that nobody sees or that turn its direction."""


class EncodedWord(Unfit):
    """Text must not have =? in it: mail programs would decode what follows."""


class LinkInText(Unfit):
    """A name has no web address in it."""


class NoLetter(Unfit):
    """A name has at least one letter."""


class NotInNames(Unfit):
    """A name has letters, digits, spaces, hyphens, apostrophes, commas, full stops and brackets."""


class TooManyMarks(Unfit):
    """A letter has {limit} marks above or below it at most."""


class NotADay(Unfit):
    """Give a day as year-month-day, such as 2026-11-20."""


class OutOfBounds(Unfit):
    """Give a day from {earliest} to {latest}: {why}."""


class NotAMoment(Unfit):
    """Give a moment with its offset, such as 2026-11-20T09:15:00Z."""

    code = "moment"


class BeyondTheCalendar(Unfit):
    """Give a moment from {earliest} to {latest}."""

    code = "moment"


class NotAClockTime(Unfit):
    """Give a clock time without offset, such as 08:30."""

    code = "clock-time"


class NotAMailAddress(Unfit):
    """Give a mail address such as jan@school.example."""


class LocalPart(NotAMailAddress):
    """Before the @ a mail address has letters, digits and some signs, and a full stop only between two of them."""


class LocalPartTooLong(NotAMailAddress):
    """Before the @ a mail address has {limit} characters at most."""


class NotADomain(NotAMailAddress):
    """After the @ a mail address has a domain such as school.example."""
