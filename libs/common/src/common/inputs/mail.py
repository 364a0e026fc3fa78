"""Mail addresses: one grammar for what is accepted and what is mailed."""

from __future__ import annotations

import re
from typing import Final

import idna

from common.inputs.refusals import LocalPart, LocalPartTooLong, NotADomain, NotAMailAddress, TooLong, Unfit

ADDRESS_LENGTH: Final = 254
"""RFC 5321 §4.5.3.1.3: a path of 256 with its angle brackets."""
LOCAL_LENGTH: Final = 64
DOMAIN_LENGTH: Final = 253
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)


def mail_address(text: str) -> str:
    """Return a mail address as it is kept and mailed: a dot-atom, @, and a domain in ASCII and small letters.

    A domain in another script becomes its A-labels (IDNA 2008, after the mapping of UTS 46): ``jan@bücher.example``
    is ``jan@xn--bcher-kva.example``. Whatever is returned here can be put into a header and given to a mail server.

    Raises:
        NotAMailAddress: with what is wrong.
    """
    local, at, domain = text.strip(" \t\n\r").rpartition("@")
    if not at:
        raise NotAMailAddress
    if not _DOT_ATOM.fullmatch(local) or "=?" in local:
        raise LocalPart
    if len(local) > LOCAL_LENGTH:
        raise LocalPartTooLong(limit=LOCAL_LENGTH)
    address = f"{local}@{_domain(domain)}"
    if len(address) > ADDRESS_LENGTH:
        raise TooLong(limit=ADDRESS_LENGTH)
    return address


def is_mail_address(text: str) -> bool:
    """Whether a text is a mail address in the spelling that is kept: what is kept can be mailed."""
    try:
        return mail_address(text) == text
    except Unfit:
        return False


def _domain(text: str) -> str:
    if len(text) > DOMAIN_LENGTH:
        raise NotADomain
    labels = [_label(label) for label in re.split("[.\u3002\uff0e\uff61]", text)]
    if len(labels) < 2 or _NUMBER.fullmatch(labels[-1]) or len(".".join(labels)) > DOMAIN_LENGTH:  # noqa: PLR2004
        raise NotADomain
    return ".".join(labels)


def _label(text: str) -> str:
    label = text.lower() if text.isascii() else text
    if not text.isascii() or label.startswith("xn--"):
        try:
            label = idna.encode(label, uts46=True, std3_rules=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise NotADomain from None
    if not _LABEL.fullmatch(label):
        raise NotADomain
    return label
