"""The document that the parties sign: its clauses as data, and the hash that every signature refers to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from common.clock import business_day
from contracts.contract.model.plain import camel_keys
from contracts.contract.model.signing import Instrument, Signing
from contracts.contract.model.terms import Lessons, Terms
from events.words import Party
from rules.ending import Endings
from rules.forms import Circumstance, SigningFacts, signatories

if TYPE_CHECKING:
    from common.policy import Policies
    from contracts.contract.model.contract import Contract
    from contracts.contract.model.decision import Decision

EDITION: Final = "2026-12"
"""The standard wording that goes with the clauses. A published edition never changes: another text is a new one."""

Clauses = Mapping[str, Any]
"""Plain JSON; ids instead of names, so that erasing a person leaves what was signed as it is."""

_TERMS: Final = TypeAdapter(Terms)
_LESSONS: Final = TypeAdapter(Lessons)
_INSTRUMENTS: Final = TypeAdapter(tuple[Instrument, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One version put before the parties."""

    clauses: Clauses
    signing: Signing


def canonical(clauses: Clauses) -> bytes:
    """Return the one way to write the clauses down: sorted keys, no white space, UTF-8."""
    return json.dumps(clauses, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(clauses: Clauses) -> str:
    """Return the SHA-256 of the canonical clauses, in hexadecimal."""
    return hashlib.sha256(canonical(clauses)).hexdigest()


def draw_up(contract: Contract, decision: Decision, policies: Policies, now: datetime) -> Document:
    """Write the next version of a contract's document, and who is to sign it until when.

    Raises:
        Missing: ``forms.<form>``, ``terms.signing`` or ``terms.invoice`` is not known on its day.
    """
    instruments = instruments_of(contract, policies)
    number = contract.documents + 1
    today = business_day(now)
    days = int(policies.on("terms.signing", today).value["expiresAfterDays"])
    clauses = {
        "edition": EDITION,
        "drawnUpOn": today.isoformat(),
        "contract": str(contract.id),
        "version": number,
        "form": contract.form.value,
        "instruments": _INSTRUMENTS.dump_python(instruments, mode="json"),
        "parties": {
            "trainer": str(contract.trainer_id),
            "board": str(contract.board_id),
            "school": str(contract.school_id),
            "location": str(contract.location_id),
            "company": None if contract.company_id is None else str(contract.company_id),
        },
        "lessons": camel_keys(_LESSONS.dump_python(contract.lessons, mode="json")),
        "terms": camel_keys(_TERMS.dump_python(contract.terms, mode="json")),
        "invoiceDays": int(policies.on("terms.invoice", contract.terms.starts_on).value["payWithinDays"]),
        "ground": decision.ground,
        "vat": {
            "row": decision.vat.row,
            "treatment": decision.vat.treatment,
            "rate": None if decision.vat.rate is None else str(decision.vat.rate),
            "legalBasis": decision.vat.legal_basis,
            "reclaimable": decision.vat.reclaimable,
            "fiscalReview": decision.vat.fiscal_review,
        },
        "policyVersion": decision.policy_version,
    }
    signing = Signing(version=number, hash=hash_of(clauses), instruments=instruments, before=now + timedelta(days=days))
    return Document(clauses=clauses, signing=signing)


def parties_of(contract: Contract, policies: Policies, day: date) -> tuple[Party, ...]:
    """Return the parties of the agreement under which the lessons are given; the others run and end nothing of it.

    Raises:
        Missing: ``forms.<form>`` or ``endings.<form>`` is not known on its day.
    """
    code = Endings.of(contract.form, policies, day).instrument
    instruments = contract.signing.instruments if contract.signing else instruments_of(contract, policies)
    return next((each.mandatory for each in instruments if each.code == code), ())


def instruments_of(contract: Contract, policies: Policies) -> tuple[Instrument, ...]:
    """Return the agreements of a contract, each with its parties, by the terms as they are.

    Raises:
        Missing: ``forms.<form>`` is not known on its first day.
    """
    in_company_time = contract.terms.declared.in_company_time and contract.company_id is not None
    facts = SigningFacts(
        day=contract.terms.starts_on,
        circumstances=frozenset({Circumstance.IN_COMPANY_TIME}) if in_company_time else frozenset(),
    )
    return tuple(
        Instrument(
            code=instrument.code,
            mandatory=tuple(party for party in Party if party in instrument.mandatory),
            invited=tuple(party for party in Party if party in instrument.invited),
        )
        for instrument in signatories(contract.form, facts, policies).instruments
    )
