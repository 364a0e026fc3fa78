"""The document: one way to write it down, one hash, and a text of it in two languages."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.contract.model.clauses import SECTIONS, chosen
from contracts.contract.model.contract import REVIEW
from contracts.contract.model.document import EDITION, canonical, draw_up, hash_of
from contracts.contract.model.terms import Declared
from contracts.contract.wording import FOLDER, Agreement, Language, Names, catalogue, written
from contracts.contract.wording import words as said
from contracts.fact.model import Contact
from contracts.legal_check.model.review import decide
from events.words import Fee, FeeBasis, FeeKind, Form, Party, SchoolType, TeachingRole
from tests.unit.contracts.contract_examples import (
    BOARD,
    COMPANY,
    FILES,
    LOCATION,
    NOON,
    POLICIES,
    SCHOOL,
    TERMS,
    TRAINER,
    contract,
    decision,
    dossier,
)

LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
BEFORE: Final = Path(__file__).with_name("documents_of_2026_11.json")


def _contact(id_: UUID, party: Party, name: str, *, brin: str | None = None, kvk: str | None = None) -> Contact:
    return Contact(id=id_, party=party, name=name, contact_name="Bo", language="nl", brin=brin, kvk=kvk)


NAMES = {
    "trainer": _contact(TRAINER, Party.TRAINER, "Aagje Veerring"),
    "board": _contact(BOARD, Party.SCHOOL, "Stichting Noord"),
    "school": _contact(SCHOOL, Party.SCHOOL, "School Noord", brin="01AB"),
    "location": _contact(LOCATION, Party.SCHOOL, "Noord aan de Kade"),
    "company": _contact(COMPANY, Party.COMPANY, "Koperdraad", kvk="00000100"),
}


def render(clauses: Mapping[str, Any], names: Names, language: Language) -> str:
    return written(clauses, names, language)[0]


def agreements(clauses: Mapping[str, Any], names: Names, language: Language) -> tuple[Agreement, ...]:
    return written(clauses, names, language)[1]


FEES = {
    Form.SELF_EMPLOYED: Fee(kind=FeeKind.HOURLY, cents=612_345),
    Form.DUAL_EMPLOYMENT: Fee(kind=FeeKind.SALARY, cents=70_000),
    Form.SECONDMENT: Fee(kind=FeeKind.COST, cents=5500, basis=FeeBasis.COST),
    Form.GUEST: Fee(kind=FeeKind.NONE, cents=0),
}

PUBLISHED = {
    "2026-12/clauses.toml": "d2c2d3efed1c6287a0904fcf4303cb1ea717d464bf331c3130654931a35ea9c1",
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
        for file in sorted([*FOLDER.rglob("*.j2"), *FOLDER.rglob("clauses.toml")])
    }
    assert found == PUBLISHED
    assert (FOLDER / EDITION / "clauses.toml").exists()


@pytest.mark.parametrize("form", Form)
def test_a_document_that_was_drawn_up_before_reads_as_it_did(form: Form) -> None:
    before = json.loads(BEFORE.read_text("utf-8"))[form]
    clauses = before["clauses"]
    texts = {language: hashlib.sha256(render(clauses, NAMES, language).encode()).hexdigest() for language in LANGUAGES}
    assert clauses["edition"] != EDITION
    assert texts == before["sha"]
    assert agreements(clauses, NAMES, "nl") == ()


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
    dutch, english = (render(document.clauses, NAMES, language) for language in LANGUAGES)
    for text in (dutch, english):
        assert "Aagje Veerring" in text
        assert "Stichting Noord, " in text
        assert "Noord aan de Kade" in text
        assert "None" not in text
        assert "{" not in text
    assert "School Noord (BRIN 01AB)" in dutch
    assert "vanaf 1 februari 2027 tot en met 9 juli 2027." in dutch
    assert "from 1 February 2027 up to and including 9 July 2027." in english
    assert "dinsdag van 08:30 tot 12:00 uur" in dutch
    assert "3 uur en 30 minuten les op de school en bereidt 1 uur voor" in dutch
    assert "3 hours and 30 minutes" in english
    assert ("Koperdraad (KvK 00000100)" in dutch) == (form in {Form.DUAL_EMPLOYMENT, Form.SECONDMENT})
    assert ("loonheffingskorting wordt alleen toegepast door het bedrijf" in dutch) == (form is Form.DUAL_EMPLOYMENT)


_CODE: Final = re.compile(r"[0-9a-f]{8}-|\b[0-9a-f]{16,}|\b\w+_\w+|\bV\d|\b[A-Z]{2,}-\d")
"""An id, a hash, a code in snake case or of a table."""
_SHOUTED: Final = re.compile(r"\b[A-Z]{3,}\b")
_TITLES: Final = {"VAT", "BRIN", "VOG", "ABP", "PDG", "ICT"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sector", SchoolType)
@pytest.mark.parametrize("form", Form)
def test_no_code_id_or_enum_value_is_in_any_text(form: Form, sector: SchoolType, language: Language) -> None:
    clauses = _document(form).clauses
    words = said(EDITION, language)
    every = (TeachingRole, FeeKind, words["treatments"], words["grounds"])
    for subject, (role, kind, treatment, ground) in zip(
        words["subjects"], zip(*map(itertools.cycle, every), strict=False), strict=False
    ):
        fee = {"kind": kind, "cents": 0 if kind is FeeKind.NONE else 4500, "basis": "cost_plus"}
        lessons = {**clauses["lessons"], "role": role, "schoolType": sector, "subject": subject}
        vat = {**clauses["vat"], "treatment": treatment, "legalBasis": "OB_MAIN_RULE", "rate": "0.21"}
        terms = {**clauses["terms"], "fee": fee}
        text = render({**clauses, "lessons": lessons, "terms": terms, "vat": vat, "ground": ground}, NAMES, language)
        assert not _CODE.search(text), _CODE.search(text)
        shouted = {word for line in text.splitlines() if not line.isupper() for word in _SHOUTED.findall(line)}
        assert shouted <= _TITLES
        assert subject in words["subjects"][subject] or not re.search(rf"\b{subject}\b", text)


def test_every_code_of_law_and_reference_has_words_in_both_languages() -> None:
    rows = [row for rows in POLICIES.rows.values() for row in rows]
    trades = json.loads((FILES.parents[1] / "reference/trades.json").read_text("utf-8"))
    wanted = {
        "grounds": {row.value["ground"] for row in rows if row.code.startswith("qualification.ground.")},
        "legal_basis": {row.value["legalBasis"] for row in rows if "legalBasis" in row.value},
        "treatments": {row.value["treatment"] for row in rows if "treatment" in row.value},
        "agreements": {each["code"] for row in rows for each in row.value.get("instruments", ())},
        "subjects": {trade["code"] for trade in trades},
        "roles": set(TeachingRole),
        "sectors": set(SchoolType),
        "basis": set(FeeBasis),
        "party": set(Party),
        "sections": set(SECTIONS),
    }
    dutch, english = (said(EDITION, language) for language in LANGUAGES)
    assert {kind: codes - dutch[kind].keys() for kind, codes in wanted.items()} == {kind: set() for kind in wanted}
    assert {kind: dict(one).keys() if isinstance(one, dict) else 0 for kind, one in dutch.items()} == {
        kind: dict(one).keys() if isinstance(one, dict) else 0 for kind, one in english.items()
    }


def test_each_clause_has_a_source_and_the_same_variables_in_both_languages() -> None:
    clauses = catalogue(EDITION)
    assert len({clause.code for clause in clauses}) == len(clauses)
    for clause in clauses:
        assert clause.source
        assert clause.section in SECTIONS
        assert set(re.findall(r"{(\w+)}", clause.nl)) == set(re.findall(r"{(\w+)}", clause.en))


WANTED = {
    "assignment_agreement": {"independence", "substitution-asked", "invoice", "insurance", "vat", "absence"},
    "school_employment": {
        "not-hired-out", "leave", "salary", "pension", "no-probation", "personnel-file", "tax-credit",
    },
    "company_addendum": {"school-hours-first", "company-wage", "company-rights", "side-work", "end-of-addendum"},
    "three_party_agreement": {"both-weeks", "changes-of-hours", "sickness-both", "tax-credit", "end-of-addendum"},
    "secondment_agreement": {
        "direction", "equal-pay", "indexation", "safety-seconded", "invoice", "vat", "cancellation-seconded",
    },
    "guest_agreement": {"unpaid", "safety", "liability", "absence"},
}  # fmt: skip


@pytest.mark.parametrize("sector", SchoolType)
@pytest.mark.parametrize("form", Form)
def test_each_form_has_the_clauses_that_law_asks_in_each_sector(form: Form, sector: SchoolType) -> None:
    clauses = _document(form).clauses
    clauses = {**clauses, "lessons": {**clauses["lessons"], "schoolType": sector}}
    for instrument in clauses["instruments"]:
        found = {clause.code for clause in chosen(catalogue(EDITION), instrument["code"], clauses)}
        assert found >= WANTED[instrument["code"]] | {"fixed-term", "hours", "roster", "changes", "confidentiality"}
        assert {code for code in found if code.startswith("cao-")} == (
            {f"cao-{sector}"} if instrument["code"] == "school_employment" else set()
        )
        asks_vog = sector in {"po", "vo", "mbo"} and instrument["code"] not in {
            "company_addendum",
            "three_party_agreement",
        }
        assert ("vog" in found) == asks_vog


def test_dual_employment_is_three_agreements_each_with_its_own_signatories() -> None:
    school, addendum, together = agreements(_document(Form.DUAL_EMPLOYMENT).clauses, NAMES, "nl")
    assert (school.mandatory, school.title) == (["trainer", "school"], "Arbeidsovereenkomst met de school")
    assert (addendum.mandatory, together.mandatory) == (["trainer", "company"], ["trainer", "school", "company"])
    assert together.invited == []
    assert "Koperdraad" not in school.text
    assert "Stichting Noord" not in addendum.text
    assert "Deze overeenkomst moet worden getekend door: de hto'er, de school en het bedrijf." in together.text
    assert "€ 700,00" not in addendum.text + together.text


def test_scale_factor_and_company_hours_stand_in_the_agreements_that_they_belong_to() -> None:
    terms = {"salary_scale": "LB", "salary_step": "4", "working_time_factor": Decimal("0.1125")}
    clauses = _document(Form.DUAL_EMPLOYMENT, company_minutes_per_week=1650, **terms).clauses
    school, addendum, together = agreements(clauses, NAMES, "nl")
    assert "Dit hoort bij schaal LB, trede 4." in school.text
    assert "De werktijdfactor is 0,1125." in school.text
    assert "27 uur en 30 minuten per week voor het bedrijf" in addendum.text
    assert "27 uur en 30 minuten per week voor het bedrijf" in together.text
    assert "27 uur" not in school.text
    assert "The working-time factor is 0.1125." in render(clauses, NAMES, "en")


def test_a_secondment_names_the_person_whom_it_is_about() -> None:
    clauses = _document(Form.SECONDMENT).clauses
    alone = {**clauses, "instruments": [{**clauses["instruments"][0], "invited": []}]}
    (agreement,) = agreements(alone, NAMES, "nl")
    assert "Deze overeenkomst gaat over Aagje Veerring" in agreement.text
    assert "Ook gevraagd" not in agreement.text
    assert "Ook gevraagd om te tekenen: de hto'er." in render(clauses, NAMES, "nl")


@pytest.mark.parametrize(
    ("form", "kind", "declared", "text"),
    [
        (Form.DUAL_EMPLOYMENT, FeeKind.SALARY, {}, "Het salaris is € 45,00 bruto per maand."),
        (Form.DUAL_EMPLOYMENT, FeeKind.HOURLY, {}, "Het loon is € 45,00 bruto per uur les."),
        (Form.DUAL_EMPLOYMENT, FeeKind.COST, {}, "Het loon is € 45,00 bruto per uur les en per uur voorbereiding."),
        (Form.DUAL_EMPLOYMENT, FeeKind.FIXED, {}, "Het loon is € 45,00 bruto voor het hele werk."),
        (Form.GUEST, FeeKind.HOURLY, {"onPayroll": True}, "Het loon is € 45,00 bruto per uur les."),
        (Form.GUEST, FeeKind.SALARY, {}, "Het salaris is € 45,00 bruto per maand."),
        (Form.GUEST, FeeKind.FIXED, {}, "De vergoeding is € 45,00 voor het hele werk, zonder btw."),
        (Form.SECONDMENT, FeeKind.SALARY, {}, "De vergoeding is € 45,00 per maand, zonder btw."),
        (Form.SELF_EMPLOYED, FeeKind.HOURLY, {}, "De vergoeding is € 45,00 per uur les, zonder btw."),
    ],
)
def test_an_amount_is_written_with_its_unit_and_wages_never_with_vat(
    form: Form, kind: FeeKind, declared: dict[str, bool], text: str
) -> None:
    clauses = _document(form).clauses
    terms = clauses["terms"]
    fee = {"kind": kind, "cents": 4500, "basis": "cost" if kind is FeeKind.COST else None}
    terms = {**terms, "fee": fee, "declared": {**terms["declared"], **declared}}
    dutch = render({**clauses, "terms": terms}, NAMES, "nl")
    assert text in dutch
    assert dutch.count("€ 45,00") == 1
    assert ("btw" in dutch) == text.endswith("zonder btw.")


def test_amounts_and_rates_are_written_as_people_write_them() -> None:
    clauses = _document(Form.SELF_EMPLOYED).clauses
    assert "€ 6.123,45 per uur les, zonder btw." in render(clauses, NAMES, "nl")
    assert "€6,123.45 per hour of lessons" in render(clauses, NAMES, "en")
    assert "De school betaalt binnen 30 dagen" in render(clauses, NAMES, "nl")
    clauses = _document(Form.SECONDMENT).clauses
    assert "Btw: over de vergoeding komt 21 % btw" in render(clauses, NAMES, "nl")


def test_a_term_of_the_contract_chooses_its_clause() -> None:
    clauses = _document(Form.SELF_EMPLOYED, minutes_per_week=45, preparation_minutes_per_week=0, roster=None).clauses
    text = render(clauses, NAMES, "nl")
    assert "per week 45 minuten les op de school en bereidt 0 uur voor" in text
    assert "spreken de school en de hto'er samen af" in text
    assert "alleen laten vervangen als de school daarmee instemt" in text
    terms = {
        **clauses["terms"],
        "declared": {**clauses["terms"]["declared"], "freeSubstitution": True},
        "noticeMonths": 2,
    }
    other = render({**clauses, "terms": terms}, NAMES, "nl")
    assert "mag zich laten vervangen door iemand" in other
    assert "De opzegtermijn is ten minste 2 maanden." in other
    at_once = render({**clauses, "terms": {**terms, "noticeMonths": 0}}, NAMES, "nl")
    assert "met de termijn die de wet of de cao voorschrijft" in at_once


def test_a_code_that_is_not_known_is_not_written() -> None:
    clauses = _document(Form.SECONDMENT).clauses
    lessons = {**clauses["lessons"], "subject": "hovering", "language": "fy"}
    vat = {**clauses["vat"], "legalBasis": "NEW_BASIS"}
    text = render({**clauses, "lessons": lessons, "vat": vat, "ground": "NEW_GROUND"}, NAMES, "nl")
    assert "hovering" not in text
    assert "NEW_" not in text
    assert "op deze grond: een grond die de school kent." in text
    assert "het vak dat de school vraagt" in text


def test_a_school_without_a_board_apart_is_the_party_itself() -> None:
    clauses = _document().clauses
    board = {part: name for part, name in NAMES.items() if part != "board"}
    assert "- School Noord (BRIN 01AB), hierna: de school." in render(clauses, board, "nl")
    school = {part: name for part, name in NAMES.items() if part not in {"school", "location"}}
    assert "- Stichting Noord, hierna: de school." in render(clauses, school, "nl")
    assert "De plaats van het werk is Stichting Noord." in render(clauses, school, "nl")


def test_an_erased_party_has_no_name_in_the_document() -> None:
    clauses = _document(Form.SECONDMENT, ends_on=None, roster=None, supervisor_id=None).clauses
    text = render(clauses, {}, "nl")
    assert text.count("(gegevens gewist)") == 4
    assert "voor onbepaalde tijd" in text
    assert "(details erased)" in render(clauses, {}, "en")
