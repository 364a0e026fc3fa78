"""The document: one way to write it down, one hash, and a text of it in two languages."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.contract.model.contract import REVIEW
from contracts.contract.model.document import EDITION, canonical, draw_up, hash_of
from contracts.contract.model.terms import Declared
from contracts.contract.wording import FOLDER, render
from contracts.fact.model import Contact
from contracts.legal_check.model.review import decide
from events.words import Fee, FeeBasis, FeeKind, Form, Party
from tests.unit.contracts.contract_examples import (
    COMPANY,
    NOON,
    POLICIES,
    SCHOOL,
    TERMS,
    TRAINER,
    contract,
    decision,
    dossier,
)

NAMES = {
    Party.TRAINER: Contact(
        id=TRAINER, party=Party.TRAINER, name="Aagje Veerring", contact_name=None, language="nl", brin=None, kvk=None
    ),
    Party.SCHOOL: Contact(
        id=SCHOOL, party=Party.SCHOOL, name="School Noord", contact_name="Bo", language="nl", brin="01AB", kvk=None
    ),
    Party.COMPANY: Contact(
        id=COMPANY,
        party=Party.COMPANY,
        name="Koperdraad",
        contact_name="Otis",
        language="en",
        brin=None,
        kvk="00000100",
    ),
}
FEES = {
    Form.SELF_EMPLOYED: Fee(kind=FeeKind.HOURLY, cents=612_345),
    Form.DUAL_EMPLOYMENT: Fee(kind=FeeKind.SALARY, cents=70_000),
    Form.SECONDMENT: Fee(kind=FeeKind.COST, cents=5500, basis=FeeBasis.COST),
    Form.GUEST: Fee(kind=FeeKind.NONE, cents=0),
}

PUBLISHED = {
    "2026-11/contract.nl.txt.j2": "4198b3d9c74330a247242cbf43624762f3a758b0f031ede531a0ba10aa47d165",
    "2026-11/contract.en.txt.j2": "fb02b08f1ebc08ac4327ba5564cbb9e45717c0806d5d6899b83e30f314322cb9",
}


def _document(form: Form = Form.GUEST, **terms: Any) -> Any:
    credit = Party.COMPANY if form is Form.DUAL_EMPLOYMENT else None
    agreed = replace(TERMS, **{"fee": FEES[form], "payroll_tax_credit": credit, **terms})
    one = contract(REVIEW, form=form, terms=agreed)
    ruling, _ = _decide(one)
    return draw_up(one, ruling, POLICIES, NOON)


def _decide(one: Any) -> Any:
    return decide(dossier(one), POLICIES)


def test_a_published_wording_never_changes() -> None:
    """Whoever signed must be able to read what they signed: another text is another edition."""
    found = {
        str(file.relative_to(FOLDER)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(FOLDER.rglob("*.j2"))
    }
    assert found == PUBLISHED
    assert all(name.startswith(EDITION) for name in found)


def test_the_hash_is_of_the_one_way_to_write_the_clauses_down() -> None:
    document = _document()
    shuffled = dict(reversed(list(document.clauses.items())))
    assert document.signing.hash == hash_of(shuffled) == hashlib.sha256(canonical(shuffled)).hexdigest()
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_other_clauses_have_another_hash(one: int, other: int) -> None:
    first, second = (_document(minutes_per_week=minutes, roster=None) for minutes in (one, other))
    assert (first.signing.hash == second.signing.hash) == (one == other)


def test_a_version_has_its_number_signatories_and_time() -> None:
    one = replace(contract(REVIEW), documents=2)
    document = draw_up(one, decision(), POLICIES, NOON)
    assert (document.signing.version, document.clauses["version"]) == (3, 3)
    assert (document.signing.before - NOON).days == 30
    assert document.signing.mandatory == (Party.TRAINER, Party.SCHOOL)
    in_company = replace(one, terms=replace(TERMS, declared=Declared(in_company_time=True)))
    assert draw_up(in_company, decision(), POLICIES, NOON).signing.mandatory == tuple(Party)
    alone = replace(in_company, company_id=None)
    assert draw_up(alone, decision(), POLICIES, NOON).signing.mandatory == (Party.TRAINER, Party.SCHOOL)


def test_no_name_is_in_what_is_signed() -> None:
    clauses = canonical(_document(Form.DUAL_EMPLOYMENT).clauses).decode()
    assert all(contact.name not in clauses for contact in NAMES.values())


@pytest.mark.parametrize("form", Form)
def test_every_form_reads_well_in_both_languages(form: Form) -> None:
    document = _document(form, travel_cents_per_km=23, notice_months=1, max_minutes_per_school_year=8000)
    dutch, english = (render(document.clauses, NAMES, language) for language in ("nl", "en"))
    for text in (dutch, english):
        assert "Aagje Veerring" in text
        assert "School Noord (01AB)" in text
        assert "Koperdraad (00000100)" in text
        assert "  -" in text
        assert "None" not in text
        assert "{" not in text
        assert "08:30-12:00" in text
    assert "Vanaf 1 februari 2027 tot en met 9 juli 2027." in dutch
    assert "From 1 February 2027 up to and including 9 July 2027." in english
    assert ("loonheffingskorting wordt alleen toegepast door het bedrijf" in dutch) == (form is Form.DUAL_EMPLOYMENT)


def test_amounts_and_rates_are_said_as_people_say_them() -> None:
    clauses = _document(Form.SELF_EMPLOYED).clauses
    assert "€ 6.123,45 per contactuur, exclusief btw." in render(clauses, NAMES, "nl")
    assert "€6,123.45 per contact hour" in render(clauses, NAMES, "en")
    clauses = _document(Form.SECONDMENT).clauses
    assert "belast met btw (21 %), regel V5" in render(clauses, NAMES, "nl")


def test_an_erased_party_has_no_name_in_the_document() -> None:
    clauses = _document(ends_on=None, roster=None, supervisor_id=None).clauses
    text = render(clauses, {}, "nl")
    assert text.count("(gegevens gewist)") == 3
    assert "voor onbepaalde tijd" in text
    assert "onderling afgesproken" in text
    assert "(details erased)" in render(clauses, {}, "en")
