"""A file of letters is checked when the service starts: a fault is an error that names the file and the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.registry import BottleneckReported
from notifications.message.channels import letters
from notifications.message.model.letter_files import LetterFault, Rule, Text, discovered, indexed, read
from notifications.message.model.letter_rules import BY_TEMPLATE

GOOD = """
[some-letter]
event = "bottleneck.reported"
roles = ["owner", "trainer"]
link = "/registry/v1/bottleneck-reports/{report_id}"
superseded_by = ["bottleneck.answered"]

[some-letter.nl]
subject = "Uw melding"
text = "Over {{ ministry | word }}."

[some-letter.en]
subject = "Your report"
text = "About {{ ministry | word }}."

[words.nl]
SZW = "Sociale Zaken"

[words.en]
SZW = "Social Affairs"
"""

ENGLISH = GOOD[GOOD.index("[some-letter.en]") : GOOD.index("[words.nl]")]


def test_a_letter_has_what_its_file_says_and_nothing_more() -> None:
    (rule,) = read("letters/some.toml", GOOD)
    assert (rule.file, rule.template, rule.event) == ("letters/some.toml", "some-letter", BottleneckReported)
    assert rule.roles == ("owner", "trainer")
    assert not any((rule.reveals, rule.to_stranger, rule.once_per_address, rule.while_open, rule.only))
    assert [event.__name__ for event in rule.superseded_by] == ["BottleneckAnswered"]
    assert rule.in_language("nl")[0].subject == "Uw melding"
    assert rule.in_language("en")[1] == {"SZW": "Social Affairs"}


@pytest.mark.parametrize(
    ("there", "instead", "fault"),
    [
        ('event = "bottleneck.reported"', 'event = "bottleneck.seen"', "there is no event bottleneck.seen"),
        ('event = "bottleneck.reported"', "", "no event has no owner"),
        ('["owner", "trainer"]', '["reporter"]', "BottleneckReported has no reporter"),
        ('["owner", "trainer"]', "[]", "it goes to nobody"),
        ('["bottleneck.answered"]', '["bottleneck.forgotten"]', "there is no event bottleneck.forgotten"),
        ("{report_id}", "{vacancy_id}", "link: BottleneckReported has no vacancy_id"),
        ("link =", 'only = "nobody"\nlink =', "there is no selection nobody"),
        ("link =", 'only = "Party"\nlink =', "there is no selection Party"),
        ("link =", "reveal = true\nlink =", "reveal Extra inputs are not permitted"),
        ("link =", 'reveals = "yes"\nlink =', "reveals Input should be a valid boolean"),
        ("link =", 'file = "other.toml"\nlink =', "multiple values for keyword argument 'file'"),
        (
            '\n[some-letter.en]\nsubject = "Your report"\ntext = "About {{ ministry | word }}."\n',
            "",
            "en Field required",
        ),
        ('subject = "Your report"', "", "en.subject Field required"),
        ('subject = "Your report"', 'subject = "Your report"\nhtml = ""', "en.html Extra inputs are not permitted"),
        (
            "[words.en]\nSZW",
            "[words.en]\nOCW",
            "words: OCW is not in both languages; words: SZW is not in both languages",
        ),
        ("[words.en]", "[words.fr]", "words.fr Extra inputs are not permitted"),
    ],
)
def test_a_fault_of_a_letter_is_an_error_that_names_file_and_letter(there: str, instead: str, fault: str) -> None:
    assert GOOD.count(there) == 1
    with pytest.raises(LetterFault) as raised:
        read("letters/some.toml", GOOD.replace(there, instead))
    assert str(raised.value).startswith("letters/some.toml, letter some-letter: ")
    assert fault in str(raised.value)


def test_a_letter_that_is_a_bare_word_and_a_file_that_is_no_toml_are_errors() -> None:
    with pytest.raises(LetterFault, match=r"letters/some\.toml, letter some-letter: "):
        read("letters/some.toml", 'some-letter = "Dear"')
    with pytest.raises(LetterFault, match=r"letters/some\.toml: .*end of document"):
        read("letters/some.toml", "[some-letter")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{{ wages }}", "nl: its event has no wages"),
        ("{{ ministry | wort }}", "nl: No filter named 'wort'"),
        ("{% if ministry %}", "nl: Unexpected end of template"),
    ],
)
def test_a_text_that_cannot_be_written_is_an_error_that_names_file_and_letter(text: str, fault: str) -> None:
    (rule,) = read("letters/some.toml", GOOD.replace("Over {{ ministry | word }}.", text))
    dutch = letters._CATALOGUES["nl"]
    with pytest.raises(LetterFault) as raised:
        dutch._compiled(rule, dutch._environment({}))
    assert str(raised.value).startswith(f"letters/some.toml, letter some-letter: {fault}")


def test_the_letters_of_a_file_share_one_environment() -> None:
    for catalogue in letters._CATALOGUES.values():
        of_file: dict[str, set[int]] = {}
        for name, templates in catalogue.letters.items():
            of_file.setdefault(BY_TEMPLATE[name].file, set()).update(id(each.environment) for each in templates)
        assert all(len(environments) == 1 for environments in of_file.values())
        assert len(set().union(*of_file.values())) == len(of_file) > 1


def test_two_letters_of_one_name_or_about_one_event_are_an_error() -> None:
    (one,), (other,) = read("letters/one.toml", GOOD), read("letters/other.toml", GOOD)
    with pytest.raises(
        LetterFault, match=r"letters/other\.toml, letter some-letter: letters/one\.toml has some-letter"
    ):
        indexed((rule.template, rule) for rule in (one, other))
    assert indexed((rule.file, rule) for rule in (one, other)) == {one.file: one, other.file: other}


def test_every_file_in_the_folder_is_read() -> None:
    assert {rule.file for rule in discovered()} >= {"letters/bottleneck.toml", "letters/contract.toml"}


def test_every_key_of_a_letter_is_on_the_page_for_developers() -> None:
    page = (Path(__file__).parents[4] / "docs/how-to/add-a-capability.md").read_text("utf-8")
    keys = {*Rule.model_fields, *Text.model_fields} - {"file", "template", "words", *letters.LANGUAGES}
    rows = "".join(line.split("|")[1] for line in page[page.index("## A letter") :].splitlines() if line[:1] == "|")
    assert keys == {key for key in keys if f"`{key}`" in rows}
