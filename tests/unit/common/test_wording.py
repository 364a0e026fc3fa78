"""A refusal in Dutch: its text from a file beside the code, its facts in words where there are words."""

from __future__ import annotations

import pickle

import pytest

from common.caller import WrongRole
from common.errors import DomainError, Invalid, InvalidParam, Message, NotFound, Worded
from common.web import wording
from common.web.problems import TITLES, HttpProblem, NothingHere
from tests.support.http_sample import NoteClosed, NoteFull


class WithoutText(DomainError):
    """Nothing is in Dutch about {it}."""


def test_english_is_the_docstring_and_dutch_is_in_the_file() -> None:
    refusal = NoteFull(most=3, lines=5)
    assert wording.text(refusal.message, "en") == str(refusal)
    assert wording.text(refusal.message, "nl") == "Een briefje heeft hoogstens 3 regels. Dit zijn er 5."


def test_a_code_is_shown_by_its_word_or_in_quotes() -> None:
    closed = NoteClosed(status="closed", wanted="laminated")
    assert wording.text(closed.message, "nl") == 'Een briefje dat gesloten is, kan niet "laminated" worden.'


def test_several_codes_are_shown_each_by_its_word() -> None:
    roles = WrongRole(roles="school, verger")
    assert wording.text(roles.message, "nl") == 'Hiervoor hebt u één van deze rollen nodig: school, "verger".'
    either = WrongRole(roles="school or company")
    assert wording.text(either.message, "nl") == "Hiervoor hebt u één van deze rollen nodig: school of bedrijf."


def test_a_thing_is_named_by_the_package_that_has_it() -> None:
    assert wording.text(NotFound(what="note", id=7).message, "en") == "There is no note 7."
    assert wording.text(NotFound(what="note", id=7).message, "nl") == "Er is geen briefje 7."
    assert wording.text(NotFound(what="vacancy", id=7).message, "nl") == "Er is geen vacature 7."


def test_a_fact_with_words_of_its_own_brings_them_along() -> None:
    fact = WrongRole(roles=Worded("A, B", nl="de een en de ander"))
    assert str(fact) == "This takes one of the roles A, B."
    assert wording.text(fact.message, "nl") == "Hiervoor hebt u één van deze rollen nodig: de een en de ander."


def test_a_message_inside_of_a_message_is_translated_too() -> None:
    outer = WrongRole(roles=Message("{title} is taken", title="Draaibank"))
    assert wording.text(outer.message, "nl") == "Hiervoor hebt u één van deze rollen nodig: Draaibank bestaat al."


def test_the_summary_of_faults_is_made_anew() -> None:
    faults = Invalid(
        InvalidParam("title", Message("{title} is taken", title="{x}"), "taken"),
        InvalidParam("row", Message("empty"), "empty"),
    )
    assert str(faults) == "The input is not valid: title: {x} is taken; row: empty"
    assert wording.text(faults.message, "nl") == "De gegevens kloppen niet: title: {x} bestaat al; row: Dit is leeg."


def test_a_refusal_becomes_the_fault_of_a_field() -> None:
    fault = InvalidParam.refused("title", NoteFull(most=3, lines=5))
    assert (fault.name, fault.reason, fault.code) == ("title", str(NoteFull(most=3, lines=5)), "note-full")
    assert wording.text(fault.reason, "nl").startswith("Een briefje heeft")


@pytest.mark.parametrize("unknown", [WithoutText(it="this").message, Message("This stands nowhere")])
def test_a_message_without_dutch_text_is_never_half_english(unknown: Message) -> None:
    assert wording.text(unknown, "nl") == wording.GENERAL


@pytest.mark.parametrize(
    "message",
    [
        Message("{title} is taken", title="{x}"),
        NoteFull(most=3, lines=5).message,
        Message.of_library("Input {a}", "pydantic.x", {}),
    ],
)
def test_a_message_travels_between_processes_with_what_it_is_made_of(message: Message) -> None:
    there = pickle.loads(pickle.dumps(message))
    assert (there, there.template, there.facts, there.kind) == (message, message.template, message.facts, message.kind)
    assert isinstance(there, Message)


def test_every_title_is_the_standards_own_and_dutch_in_its_way() -> None:
    assert {401: "Authentication required", 428: "Precondition required"}.items() <= TITLES.items()
    dutch = {status: wording.text(title, "nl") for status, title in TITLES.items()}
    assert dutch[401] == "Aanmelden is nodig"
    assert wording.GENERAL not in dutch.values()
    assert not set(dutch.values()) & set(map(str, TITLES.values()))


def test_a_problem_of_http_has_its_code_by_its_class_or_its_status() -> None:
    assert (NothingHere().status, NothingHere.code) == (404, "not-found")
    assert {kind.code for kind in HttpProblem.__subclasses__()} >= {"version-changed", "too-many-requests", "no-token"}
