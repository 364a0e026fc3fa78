"""Every rule has its letter in both languages, and no letter names anybody before everybody agreed."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any, Final, get_args

import pytest

from events import Event, name_of
from events.contracts import ContractCancelled, ContractOffered
from events.matching import (
    BrokenRule,
    ProposalLapsed,
    ProposalMade,
    ProposalReminded,
    ProposalWithdrawn,
    VacancyWaiting,
)
from events.registry import VacancyPosted
from events.sides import TELLING, may_read
from hto.documents.event_schemas import sample_of
from notifications.message.channels import letters
from notifications.message.channels.letters import Filling, Other, write
from notifications.message.model.letter_rules import ADDRESS_CHANGED, BY_TEMPLATE, RULES, SUPERSEDES, readable
from rules.words import Language

NAMES = [Other(role="company", name="Draaierij De Spil", contact="Kees Kool", email="kees@example.org")]


def filling(event: Event | dict[str, Any], role: str, others: list[Other]) -> Filling:
    facts = event if isinstance(event, dict) else event.model_dump(mode="json", by_alias=False)
    return Filling(
        name="Petra <Prikkebeen>", role=role, link="https://hto.example/x", reference="ref", facts=facts, others=others
    )


def sample(kind: type[Event], **changes: Any) -> Event:
    return kind.model_validate_json(json.dumps({**sample_of(kind), **changes}))


@pytest.mark.parametrize("language", letters.LANGUAGES)
@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
def test_a_letter_can_be_written_from_the_facts_of_its_event(kind: type[Event], language: str) -> None:
    for role in ("trainer", "school", "company", "desk", "owner"):
        letter = write(RULES[kind].template, language, filling(sample(kind), role, NAMES))
        assert letter.subject
        assert "\n" not in letter.subject
        assert "Petra <Prikkebeen>" in letter.text
        assert "Petra &lt;Prikkebeen&gt;" in letter.html
        assert "https://hto.example/x" in letter.html
        assert "{" not in letter.text + letter.html.replace("style=", "")
        assert not re.search(r"\n{3,}", letter.text)


@pytest.mark.parametrize("language", letters.LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind, rule in RULES.items() if not rule.reveals], ids=lambda k: k.__name__)
def test_a_blind_letter_has_no_place_for_a_name(kind: type[Event], language: str) -> None:
    for role in ("trainer", "school", "company"):
        letter = write(RULES[kind].template, language, filling(sample(kind), role, NAMES))
        assert "De Spil" not in letter.text
        assert "Kool" not in letter.text


@pytest.mark.parametrize("language", letters.LANGUAGES)
@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
def test_a_letter_can_be_written_from_what_its_recipient_may_read(kind: type[Event], language: str) -> None:
    """One declaration says which side reads what, in letters as in cases and the feed."""
    facts, rule, event = sample(kind).model_dump(mode="json", by_alias=False), RULES[kind], name_of(kind.type)
    for role in rule.roles:
        told = readable(rule.template, role, facts)
        side = "organisation" if role == "owner" else role
        for name in TELLING & facts.keys():
            assert (told[name] == facts[name]) is (role == "desk" or may_read(event, name, facts, {side})), name
        assert "None" not in write(rule.template, language, filling(dict(told), role, NAMES)).text


def test_there_is_a_letter_for_every_rule_and_no_other() -> None:
    assert set(BY_TEMPLATE) == {rule.template for rule in RULES.values()} | {ADDRESS_CHANGED.template}
    assert len(BY_TEMPLATE) == len(RULES) + 1


@pytest.mark.parametrize("language", letters.LANGUAGES)
def test_the_letter_to_a_former_address_says_whom_to_turn_to(language: str) -> None:
    helped = replace(filling({"parties": {}}, "trainer", NAMES), help="help@hto.example")
    letter = write(ADDRESS_CHANGED.template, language, helped)
    assert "help@hto.example" in letter.text
    assert "Kool" not in letter.text


def test_a_letter_that_is_superseded_exists() -> None:
    assert {name for names in SUPERSEDES.values() for name in names} <= set(BY_TEMPLATE)


def _lapsed(role: str, reason: str, language: str) -> str:
    facts = sample(ProposalLapsed, reason=reason).model_dump(mode="json", by_alias=False)
    told = dict(readable("proposal-lapsed", role, facts))
    return write("proposal-lapsed", language, filling(told, role, [])).text


@pytest.mark.parametrize("reason", ["last_place_gone", "no_longer_eligible", "no_draft_in_time"])
def test_a_place_is_said_to_be_free_only_where_it_is(reason: str) -> None:
    """Seen red: "the last place is taken. The place is free again." """
    free = reason == "no_draft_in_time"
    assert ("De plaats is weer vrij" in _lapsed("school", reason, "nl")) is free
    assert ("The place is free again" in _lapsed("school", reason, "en")) is free
    for role in ("trainer", "company"):
        assert "weer vrij" not in _lapsed(role, reason, "nl")
        assert "free again" not in _lapsed(role, reason, "en")


def test_only_the_trainers_letter_says_that_they_may_be_proposed_again() -> None:
    """Seen red: the employer was told that it may be proposed for other places."""
    assert "U kunt voor andere plaatsen worden voorgesteld" in _lapsed("trainer", "last_place_gone", "nl")
    assert "Uw medewerker kan voor andere plaatsen worden voorgesteld" in _lapsed("company", "last_place_gone", "nl")
    assert "Your employee may be proposed" in _lapsed("company", "last_place_gone", "en")


@pytest.mark.parametrize("language", letters.LANGUAGES)
def test_a_cause_says_nothing_of_what_may_have_changed_since(language: str) -> None:
    """Seen red: a contract that came too late was cancelled "and the place is free again", which may be taken since."""
    for role in ("trainer", "school", "company"):
        told = filling(sample(ContractCancelled, reason="proposal_lapsed"), role, NAMES)
        text = write("contract-cancelled", language, told).text
        assert "weer vrij" not in text
        assert "free again" not in text


@pytest.mark.parametrize("language", letters.LANGUAGES)
@pytest.mark.parametrize("rule", get_args(BrokenRule))
def test_a_trainer_reads_in_words_which_rule_ended_a_proposal_and_no_other_side_does(rule: str, language: str) -> None:
    facts = sample(ProposalWithdrawn, reason="rules_changed", rules=[rule]).model_dump(mode="json", by_alias=False)
    texts = {
        role: write(
            "proposal-withdrawn", language, filling(dict(readable("proposal-withdrawn", role, facts)), role, [])
        )
        for role in ("trainer", "school", "company")
    }
    reason = {"nl": "De reden: ", "en": "The reason: "}[language]
    assert reason in texts["trainer"].text
    assert rule == "VOG" or rule not in texts["trainer"].text
    assert not any(reason in texts[role].text for role in ("school", "company"))


@pytest.mark.parametrize("kind", [kind for kind in RULES if "reason" in kind.model_fields], ids=lambda k: k.__name__)
def test_a_letter_has_words_for_every_reason(kind: type[Event]) -> None:
    """Seen red for a vacancy that expired: its code stood in the letter."""
    for reason in get_args(kind.model_fields["reason"].annotation):
        event = sample(kind, reason=reason)
        for role in RULES[kind].to(event):
            text = write(RULES[kind].template, "nl", filling(event, role, NAMES)).text
            assert "_" not in reason or reason.replace("_", " ") not in text, reason


def test_both_languages_have_the_same_words() -> None:
    catalogues = [
        tomllib.loads(files(letters.__name__).joinpath(f"{one}.toml").read_text("utf-8")) for one in letters.LANGUAGES
    ]
    assert len({tuple(catalogue["words"]) for catalogue in catalogues}) == 1


def test_each_party_to_a_proposal_reads_what_it_will_learn() -> None:
    """Seen red: the trainer was told that "who it is" becomes known."""
    made = sample(ProposalMade)
    dutch = {
        role: write("proposal-asked", "nl", filling(made, role, [])).text for role in ("trainer", "school", "company")
    }
    english = {role: write("proposal-asked", "en", filling(made, role, [])).text for role in dutch}
    assert "Wie de kandidaat is, leest u zodra iedereen instemt." in dutch["school"]
    assert "Om wie het gaat, ziet u zodra uw medewerker instemt." in dutch["company"]
    assert "Hoe u de school bereikt, leest u zodra iedereen instemt." in dutch["trainer"]
    assert "kandidaat" not in dutch["trainer"] + dutch["company"]
    assert "Who the candidate is" in english["school"]
    assert "Who it is you see as soon as your employee agrees" in english["company"]
    assert "Who " not in english["trainer"]


def test_days_and_moments_are_written_as_people_do() -> None:
    posted = sample(VacancyPosted, startsOn="2026-11-21", places=2)
    dutch = write("vacancy-posted", "nl", filling(posted, "school", [])).text
    assert "2 plaatsen" in dutch
    assert "21 november 2026" in dutch
    offered = sample(ContractOffered, signBefore="2026-12-24T22:30:00Z", findings=[])
    assert "24 December 2026 at 23:30" in write("contract-offered", "en", filling(offered, "school", NAMES)).text
    assert date(2026, 12, 24).isoformat() not in dutch


def test_an_erased_party_has_no_name_in_a_letter() -> None:
    offered = sample(ContractOffered, findings=[])
    nobody = Other(role="trainer", name=letters.nameless("nl"), contact=None, email=None)
    assert "tussen de hto'er en u" in write("contract-offered", "nl", filling(offered, "school", [nobody])).text
    assert "tussen de hto'er en u" in write("contract-offered", "nl", filling(offered, "school", [])).text


@pytest.mark.parametrize(
    ("event", "roles"),
    [
        (sample(ProposalMade, asked=["company", "school"]), ("school", "company")),
        (sample(ProposalReminded, left=["trainer"]), ("trainer",)),
        (sample(ProposalLapsed, reason="contract_expired"), ()),
        (sample(ProposalLapsed, reason="last_place_gone"), ("trainer", "school", "company")),
        (sample(VacancyWaiting, escalated=False), ("school",)),
        (sample(VacancyWaiting, escalated=True), ("school", "desk")),
        (sample(ContractOffered, mandatory=["school"], invited=["school", "trainer"]), ("trainer", "school")),
    ],
)
def test_the_recipients_of_a_letter_depend_on_the_event(event: Event, roles: tuple[str, ...]) -> None:
    assert tuple(RULES[type(event)].to(event)) == roles


def test_an_unknown_rule_is_shown_by_its_code_and_a_signal_by_its_rule() -> None:
    findings = [
        {"rule": "SELF_EMPLOYMENT.ownTools", "outcome": "warn", "measured": None, "limit": None, "unit": ""},
        {"rule": "NEW_RULE", "outcome": "review", "measured": "3", "limit": None, "unit": "fortnights"},
    ]
    text = write("contract-in-review", "nl", filling({"findings": findings}, "school", [])).text
    assert "- NEW_RULE (het is 3 fortnights)\n- mogelijk schijnzelfstandigheid" in text


def _finding(rule: str, outcome: str, measured: str | None = None, limit: str | None = None, unit: str = "") -> Any:
    return {"rule": rule, "outcome": outcome, "measured": measured, "limit": limit, "unit": unit}


REFUSED: Final = {
    "findings": [
        _finding("R7", "warn", "2760", "2880", "minutes"),
        _finding("LENDING", "review"),
        _finding("GUEST_CAP", "block", "480", "360", "minutes/week"),
    ]
}


def test_a_refusal_gives_what_blocks_and_what_would_help_the_readers_part_first() -> None:
    """Before: what was only noticed, and what nobody knew yet, stood among the reasons of a refusal."""
    school, trainer = (
        write("contract-refused", "nl", filling(REFUSED, role, [])).text for role in ("school", "trainer")
    )
    assert "- meer gastlessen dan zonder bevoegdheid mag (het is 8 uur per week, de grens is 6 uur per week)" in school
    assert "arbeidstijdenwet" not in school
    assert "uitlenen" not in school.split("geen reden voor deze weigering")[0]
    own, other = "minder uren per week vragen", "een traject naar een bevoegdheid"
    assert f"- u: {own}" in school
    assert f"- de hto'er: {other}" in school
    assert trainer.index(f"- u: {other}") < trainer.index(f"- de school: {own}")


def test_where_a_person_refused_after_a_review_the_reasons_are_those_of_the_review() -> None:
    facts = {"findings": [_finding("SELF_EMPLOYMENT", "review", "45", "40", "points")]}
    text = write("contract-refused", "en", filling(facts, "school", [])).text
    assert "- possibly false self-employment (it is 45 points, the limit is 40 points)" in text
    assert "- you: offer an employment or a secondment" in text


def test_a_blocking_reason_comes_before_one_that_was_only_noticed() -> None:
    offered = sample(ContractOffered, findings=[])
    text = write("contract-in-review", "en", filling(REFUSED, "school", [])).text
    places = [text.index(part) for part in ("more guest lessons", "may not lend", "close to a limit")]
    assert places == sorted(places)
    assert "- " not in write("contract-offered", "en", filling(offered, "school", NAMES)).text.split("-- ")[0]


def test_two_others_and_the_reader_are_one_enumeration() -> None:
    """Before: "tussen A en B en u"."""
    offered = sample(ContractOffered, findings=[])
    two = [Other(role=role, name=name, contact=None, email=None) for role, name in (("school", "A"), ("company", "B"))]
    assert "tussen A, B en u" in write("contract-offered", "nl", filling(offered, "trainer", two)).text


def test_a_last_moment_is_named_with_its_day_first() -> None:
    offered = sample(ContractOffered, signBefore="2026-12-10T17:57:00Z", findings=[])
    text = write("contract-offered", "nl", filling(offered, "school", NAMES)).text
    assert "uiterlijk 10 december 2026, 18.57 uur" in text


def _refused(template: str, language: Language, outcomes: dict[str, str]) -> str:
    findings = [
        {"rule": rule, "outcome": outcome, "measured": None, "limit": None, "unit": ""}
        for rule, outcome in outcomes.items()
    ]
    return write(template, language, filling({"findings": findings, "ends_on": "2027-07-09"}, "school", [])).text


@pytest.mark.parametrize("template", ["contract-refused", "extension-refused"])
def test_a_refusal_names_only_the_reasons_that_block_and_asks_for_the_unknown(template: str) -> None:
    """Before: warnings, and an unknown status of the lender, were mailed as reasons of the refusal."""
    text = _refused(template, "nl", {"GUEST_CAP": "block", "LENDING": "review", "RATE_BAND": "warn"})
    reasons, asked = text.split("geen reden voor deze weigering")
    assert "meer gastlessen" in reasons
    assert "uitlenen" not in reasons
    assert "uitlenen" in asked
    assert "tarief" not in text
    assert "no reason for this refusal" in _refused(template, "en", {"GUEST_CAP": "block", "LENDING": "review"})
    assert "no reason for this refusal" not in _refused(template, "en", {"GUEST_CAP": "block"})


@pytest.mark.parametrize("template", ["contract-refused", "extension-refused"])
def test_a_refusal_by_a_person_names_the_reasons_for_which_it_was_looked_at(template: str) -> None:
    text = _refused(template, "nl", {"LENDING": "review", "RATE_BAND": "warn"})
    assert "uitlenen" in text
    assert "geen reden" not in text
    assert "tarief" not in text
