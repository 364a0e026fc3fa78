"""The numbers by which the Netherlands knows schools, companies and places: one spelling each, or a refusal."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from uuid import NAMESPACE_DNS, UUID, uuid5

from stdnum.exceptions import ValidationError
from stdnum.nl import brin as stdnum_brin
from stdnum.nl import bsn as stdnum_bsn
from stdnum.nl import postcode as stdnum_postcode

from common.errors import Refused

NAMESPACE: Final = uuid5(NAMESPACE_DNS, "hybride-techniekopleiders.nl")
"""Where ids come from that must be the same on every machine and at every load."""


class NotAnIdentifier(Refused, ValueError):
    """This is not an identifier of the expected kind."""


class NotABrin(NotAnIdentifier):
    """A BRIN is two digits and two letters, such as 01AB."""


class NotALocationCode(NotAnIdentifier):
    """A location code is a BRIN and two digits, such as 01AB00."""


class NotAProviderCode(NotAnIdentifier):
    """A RIO provider code is three digits, an A and three digits, such as 101A234."""


class NotARioLocationCode(NotAnIdentifier):
    """A RIO location code is three digits, an X and three digits, such as 101X234."""


class NotABoardNumber(NotAnIdentifier):
    """The number of a competent authority (bevoegd gezag) is five digits."""


class NotAKvkNumber(NotAnIdentifier):
    """A KvK number is eight digits."""


class NotAnOin(NotAnIdentifier):
    """An OIN is twenty positions: a known prefix of eight, a main number of eight or nine, and zeros."""


class NotACrebo(NotAnIdentifier):
    """A CREBO number is five digits."""


class NotAPostcode(NotAnIdentifier):
    """A Dutch postcode is four digits, not beginning with 0, and two letters, such as 1234 AB."""


class NotAPostcodeArea(NotAnIdentifier):
    """A postcode area is the four digits of a postcode, not beginning with 0."""


class NotALabourMarketRegion(NotAnIdentifier):
    """A labour-market region is AM and two digits, such as AM01."""


class ContainsBsn(Refused, ValueError):
    """This text holds a number that passes the check of a citizen service number (BSN). Leave it out: none is kept."""


def identity(kind: str, code: str) -> UUID:
    """Return the id of what a public code names, the same everywhere: ``identity("location", "01AB00")``."""
    return uuid5(NAMESPACE, f"{kind}/{code}")


def brin(text: str) -> str:
    """Return the four positions of an institution's BRIN, in capitals.

    Raises:
        NotABrin: it has another form.
    """
    number = _stdnum_brin(text)
    if len(number) != _BRIN_LENGTH:
        raise NotABrin
    return number


def location_code(text: str) -> str:
    """Return the six positions of a location code: BRIN and two digits.

    Raises:
        NotALocationCode: it has another form.
    """
    number = _stdnum_brin(text)
    if len(number) != _LOCATION_LENGTH:
        raise NotALocationCode
    return number


def rio_provider(text: str) -> str:
    """Return RIO's code of an education provider (onderwijsaanbieder).

    Raises:
        NotAProviderCode: it has another form.
    """
    return _matching(r"[0-9]{3}A[0-9]{3}", text, NotAProviderCode)


def rio_location(text: str) -> str:
    """Return RIO's code of an education location (onderwijslocatie).

    Raises:
        NotARioLocationCode: it has another form.
    """
    return _matching(r"[0-9]{3}X[0-9]{3}", text, NotARioLocationCode)


def board_number(text: str) -> str:
    """Return DUO's number of a competent authority.

    Raises:
        NotABoardNumber: it is not five digits.
    """
    return _matching(r"[0-9]{5}", text, NotABoardNumber)


def kvk(text: str) -> str:
    """Return a number of the trade register; it has no check digit.

    Raises:
        NotAKvkNumber: it is not eight digits.
    """
    return _matching(r"[0-9]{8}", text, NotAKvkNumber)


def oin(text: str) -> str:
    """Return an organisation's number as the OIN system composes it.

    The KvK number is the one main number of eight positions; main numbers of some registers have letters.

    Raises:
        NotAnOin: unknown prefix, wrong length, or something else than zeros at the end.
    """
    return _matching(
        r"00000003[0-9]{8}0000|000000(?:0[12])[0-9]{9}000|000000(?:0[46789]|1[01]|99)[0-9A-Z]{9}000", text, NotAnOin
    )


def crebo(text: str) -> str:
    """Return the number of an mbo qualification.

    Raises:
        NotACrebo: it is not five digits.
    """
    return _matching(r"[0-9]{5}", text, NotACrebo)


def postcode(text: str) -> str:
    """Return a postcode without its space: ``1234AB``.

    Raises:
        NotAPostcode: it has another form, or one of the letter pairs that are never given out.
    """
    try:
        return str(stdnum_postcode.validate(text)).replace(" ", "")
    except ValidationError:
        raise NotAPostcode from None


def postcode_area(text: str) -> str:
    """Return the four digits of a postcode area.

    Raises:
        NotAPostcodeArea: it has another form.
    """
    return _matching(r"[1-9][0-9]{3}", text, NotAPostcodeArea)


def labour_market_region(text: str) -> str:
    """Return the code that Statistics Netherlands gives a labour-market region.

    Raises:
        NotALabourMarketRegion: it has another form.
    """
    return _matching(r"AM[0-9]{2}", text, NotALabourMarketRegion)


def contains_bsn(text: str) -> bool:
    """Whether free text holds a nine-digit number that passes the BSN check.

    A BSN may be written in one piece or in its two usual groupings, with a space, dot or dash. Nine digits inside a
    longer number are none, nor are those of a UUID, a VAT number or an international telephone number.
    """
    plain = _NEVER_A_BSN.sub(" ", unicodedata.normalize("NFKC", text))
    return any(stdnum_bsn.is_valid(found[0]) for found in _NINE_DIGITS.finditer(plain))


def without_bsn(text: str) -> str:
    """Return the text itself.

    Raises:
        ContainsBsn: it holds a number that passes the BSN check.
    """
    if contains_bsn(text):
        raise ContainsBsn
    return text


_BRIN_LENGTH: Final = 4
_LOCATION_LENGTH: Final = 6

_NINE_DIGITS: Final = re.compile(
    r"""
    (?<![0-9]) (?<![0-9]\.)              # not the tail of a longer number, nor the decimals of one
    (?: [0-9]{9}
      | (?<![0-9][ -]) (?: [0-9]{4}(?P<four>[ .-])[0-9]{2}(?P=four)[0-9]{3}
                         | [0-9]{3}(?P<three>[ .-])[0-9]{3}(?P=three)[0-9]{3} )
        (?![ .-][0-9])                   # a grouped number that goes on is another number
    )
    (?![0-9])
    """,
    re.VERBOSE,
)

_NEVER_A_BSN: Final = re.compile(
    r"""
    \b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b                  # UUID
    | \bNL[0-9]{9}B[0-9]{2}\b                                                         # VAT number
    | \+[1-9][0-9]{0,2}[ .-]?(?:\(0\)[ .-]?)?[1-9](?:[ .-]?[0-9]){8}(?![0-9])         # telephone
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _stdnum_brin(text: str) -> str:
    """Return four or six positions, or nothing where the form is another."""
    try:
        return str(stdnum_brin.validate(text))
    except ValidationError:
        return ""


def _matching(pattern: str, text: str, refusal: type[NotAnIdentifier]) -> str:
    number = text.strip().upper()
    if re.fullmatch(pattern, number) is None:
        raise refusal
    return number
