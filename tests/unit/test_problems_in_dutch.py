"""Every refusal and every fault of input has a Dutch text beside its English one, and every Dutch text is used."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any, Final, get_args

import pytest
from pydantic_core.core_schema import ErrorType

from common.errors import DomainError, Message
from common.web import wording
from common.web.problems import HttpProblem
from common.web.wording import Catalogue, Text
from hto.services import all_services

ROOTS: Final = ("common", "rules", "registry", "matching", "contracts", "notifications", "operations", "hto")
OF_OURS: Final = {"bsn"}
"""Faults of our own validators that have no class."""
NEVER_RAISED: Final = {DomainError, HttpProblem}


def _modules() -> Iterator[Any]:
    for root in ROOTS:
        package = import_module(root)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{root}."):
            if not found.name.endswith(("__main__", "migrations.env")) and ".versions." not in found.name:
                yield import_module(found.name)


MODULES: Final = list(_modules())


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


CLASSES: Final = {
    f"{kind.__module__}.{kind.__qualname__}": kind
    for base in (DomainError, HttpProblem)
    for kind in _below(base)
    if kind.__module__.partition(".")[0] in ROOTS
}
CATALOGUES: Final = {root: wording.catalogue(root) for root in ROOTS}
REFUSALS: Final = {name: text for one in CATALOGUES.values() for name, text in one.refusals.items()}
REASONS: Final = {key: text for one in CATALOGUES.values() for key, text in one.reasons.items()}


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for module in MODULES:
        yield module.__name__, ast.parse(inspect.getsource(module) or "pass")


TREES: Final = dict(_trees())


def _calls(name: str, *, imported: str = "") -> Iterator[tuple[str, ast.Call]]:
    for module, tree in TREES.items():
        if imported and not any(
            isinstance(node, ast.ImportFrom) and node.module == imported and name in {each.name for each in node.names}
            for node in ast.walk(tree)
        ):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield module, node


MESSAGES: Final = list(_calls("Message", imported="common.errors"))
TEMPLATES: Final = {str(node.args[0].value) for _, node in MESSAGES if isinstance(node.args[0], ast.Constant)}


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def _missing(english: Mapping[str, str], dutch: Mapping[str, Text]) -> list[str]:
    """Return what is in one language only, and what has other facts there."""
    alone = [f"{key} has no Dutch text" for key in english.keys() - dutch.keys()]
    alone += [f"{key} is in no code" for key in dutch.keys() - english.keys()]
    return alone + [
        f"{key} has other facts in Dutch"
        for key in english.keys() & dutch.keys()
        if _fields(english[key]) != _fields(dutch[key].template)
    ]


ENGLISH: Final = {name: inspect.cleandoc(kind.__doc__ or "") for name, kind in CLASSES.items()}
OWN_REASONS: Final = {key: text for key, text in REASONS.items() if not key.startswith("pydantic.")}


def test_every_refusal_has_a_dutch_text_with_the_same_facts() -> None:
    assert len(CLASSES) > 150
    assert _missing(ENGLISH, REFUSALS) == []


def test_every_reason_has_a_dutch_text_with_the_same_facts() -> None:
    assert len(TEMPLATES) > 80
    assert _missing({template: template for template in TEMPLATES}, OWN_REASONS) == []


@pytest.mark.parametrize(("english", "dutch"), [(ENGLISH, REFUSALS), ({one: one for one in TEMPLATES}, OWN_REASONS)])
def test_a_text_that_is_taken_out_or_changed_is_found(english: dict[str, str], dutch: dict[str, Text]) -> None:
    key = next(name for name in sorted(english) if _fields(english[name]))
    rest = {name: text for name, text in dutch.items() if name != key}
    assert _missing(english, rest) == [f"{key} has no Dutch text"]
    assert _missing({name: text for name, text in english.items() if name != key}, dutch) == [f"{key} is in no code"]
    other = replace(dutch[key], template="Zonder feiten.")
    assert _missing(english, {**rest, key: other}) == [f"{key} has other facts in Dutch"]


def test_a_message_is_made_of_a_template_that_stands_in_the_code() -> None:
    loose = [
        f"{module}: {ast.unparse(node)}" for module, node in MESSAGES if not isinstance(node.args[0], ast.Constant)
    ]
    assert loose == []


def test_faults_that_pydantic_finds_have_a_dutch_text_by_their_type() -> None:
    keys = {key.removeprefix("pydantic.") for key in REASONS if key.startswith("pydantic.")}
    assert keys - {"other"} - OF_OURS <= set(get_args(ErrorType))
    unknown = Message.of_library("A new fault", wording.of_pydantic("found_by_a_newer_version"), {})
    assert wording.text(unknown, "nl") == REASONS["pydantic.other"].template
    assert wording.text(unknown, "en") == "A new fault"


def test_one_text_is_in_one_file_or_the_same_in_all_of_them() -> None:
    for root in ROOTS:
        seen: dict[tuple[str, str], str] = {}
        for name, value in _lines(root):
            assert seen.setdefault(name, value) == value, name


def _lines(root: str) -> Iterator[tuple[tuple[str, str], str]]:
    for folder in import_module(root).__path__:
        for file in sorted(Path(folder).rglob(wording.FILE)):
            section = ""
            for line in file.read_text("utf-8").splitlines():
                section = line if line.startswith("[") else section
                if section == "[reasons]" and (found := re.match(r'"(.+?)" = "(.+)"$', line)):
                    yield (section, found[1]), found[2]


def test_every_state_of_a_life_cycle_has_a_dutch_word() -> None:
    cycles = [cycle for service in all_services() for one in service.slices for cycle in one.life_cycles.values()]
    assert len(cycles) > 8
    for cycle in cycles:
        package = REFUSALS[f"{cycle.refusal.__module__}.{cycle.refusal.__qualname__}"].package
        assert [state for state in cycle.next if wording.word(str(state), package) is None] == []


def test_everything_that_can_be_missing_has_a_dutch_name() -> None:
    named = [str(name) for _, node in _calls("NotFound") for name in _literals(node, "what")]
    named += [str(node.args[4].value) for _, node in _calls("one_of") if isinstance(node.args[4], ast.Constant)]
    kept = [node.args[0].id.lower() for _, node in _calls("Store") if node.args and isinstance(node.args[0], ast.Name)]
    assert len(named) > 25
    assert len(kept) > 8
    assert [name for name in {*named, *kept} if not any(name in one.names for one in CATALOGUES.values())] == []


def _literals(call: ast.Call, name: str) -> Iterator[object]:
    for word in call.keywords:
        if word.arg == name and isinstance(word.value, ast.Constant):
            yield word.value.value


def test_packages_that_name_the_same_thing_agree_on_it() -> None:
    shared: dict[str, str] = {}
    for one in CATALOGUES.values():
        for code, word in one.names.items():
            assert shared.setdefault(code, word) == word


def test_every_wanted_act_has_a_dutch_word() -> None:
    wanted = [(module, str(code)) for module, node in _acts() for code in _literals(node, "wanted")]
    assert len(wanted) > 5
    assert [(module, code) for module, code in wanted if wording.word(code, module.rpartition(".")[0]) is None] == []


def _acts() -> Iterator[tuple[str, ast.Call]]:
    for module, tree in TREES.items():
        yield from ((module, node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_dutch_text_says_u_and_has_no_words_of_speech_to_a_friend() -> None:
    texts = [text.template for text in (*REFUSALS.values(), *REASONS.values())]
    assert [text for text in texts if re.search(r"\b(je|jij|jouw)\b", text, re.IGNORECASE)] == []


def test_a_catalogue_of_a_package_without_files_is_empty() -> None:
    assert wording.catalogue("ast") == Catalogue({}, {}, {}, {})
