"""Letters as their files declare them, one file per capability: for which event, to whom, in which words."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib.resources import files
from string import Formatter
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictBool, ValidationError

from events import Event
from events.catalogue import newest
from events.parties import REGION
from notifications.message.model import selections
from rules.words import Language

PARTY_OF: Final[Mapping[str, str]] = {
    "trainer": "trainer",
    "school": "location",
    "company": "company",
    "owner": "organisation",
    "desk": REGION,
}
"""The role of the envelope's parties in which the recipient is found; a desk by its region."""
_NEWEST: Final = newest()
_K = TypeVar("_K")


class LetterFault(TypeError):
    """A file of letters has a fault: the service does not start. It names the file and the letter."""


def _event(name: str) -> type[Event]:
    if name not in _NEWEST:
        fault = f"there is no event {name}"
        raise ValueError(fault)
    return _NEWEST[name]


def _selection(name: str) -> Any:
    function = vars(selections).get(name)
    if getattr(function, "__module__", "") != selections.__name__:
        fault = f"there is no selection {name} in {selections.__name__}"
        raise ValueError(fault)
    return function


EventName = Annotated[type[Event], BeforeValidator(_event)]
Selection = Annotated[Callable[[Any], Collection[str]], BeforeValidator(_selection)]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Declared):
    """A letter in one language, as Jinja templates: the event's facts, ``name``, ``role``, ``others`` and the like."""

    subject: str
    text: str


class Words(_Declared):
    """The words of codes that only one capability uses."""

    nl: Mapping[str, str] = {}
    en: Mapping[str, str] = {}


class Rule(_Declared):
    """One letter about one event."""

    file: str
    template: str
    """Its name: the heading in its file."""
    event: EventName | None = None
    """Its published name; its newest version. None: the letter is planned by hand."""
    roles: tuple[str, ...] = ()
    """The roles that may get it."""
    link: str
    """Where the subject is found, under the programme's address; ``{…}`` are the event's fields."""
    reveals: StrictBool = False
    """Whether the letter may name the other parties: only once everybody agreed."""
    to_stranger: StrictBool = False
    """Whether the address may be unconfirmed: the letter then has no word that the applicant chose."""
    once_per_address: StrictBool = False
    """Whether it is the same for everybody, so that an address at which several are reached gets it once."""
    while_open: StrictBool = False
    """Whether it is true only while its vacancy is open."""
    only: Selection | None = None
    """Which of the roles this very event addresses; None: all of them."""
    superseded_by: tuple[EventName, ...] = ()
    """The events about the same thing that make it pointless as long as it is unsent."""
    nl: Text
    en: Text
    words: Words

    @property
    def facts(self) -> frozenset[str]:
        """The facts of its event."""
        return frozenset() if self.event is None else frozenset(self.event.model_fields)

    def to(self, event: Event) -> list[str]:
        """Return the roles that get it."""
        if self.only is None:
            return list(self.roles)
        wanted = self.only(event)
        return [role for role in self.roles if role in wanted]

    def fault(self, text: object) -> LetterFault:
        """Return a fault of this letter."""
        return _fault(self.file, self.template, text)

    def in_language(self, language: Language) -> tuple[Text, Mapping[str, str]]:
        """Return its text, and the words of its capability."""
        return (self.nl, self.words.nl) if language == "nl" else (self.en, self.words.en)


def read(file: str, source: str) -> tuple[Rule, ...]:
    """Return the letters that a file declares.

    Raises:
        LetterFault: it is no TOML, or a letter in it cannot be; with the file and the letter.
    """
    try:
        declared = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise LetterFault(f"{file}: {error}") from error
    words = declared.pop("words", {})
    return tuple(_rule(file, template, words, each) for template, each in declared.items())


def discovered() -> tuple[Rule, ...]:
    """Return the letters of every file in the folder ``letters``."""
    found = sorted(files("notifications.message").joinpath("letters").iterdir(), key=lambda file: file.name)
    return tuple(rule for file in found for rule in read(f"letters/{file.name}", file.read_text("utf-8")))


def indexed(letters: Iterable[tuple[_K, Rule]]) -> dict[_K, Rule]:
    """Return the letters by something that each has alone.

    Raises:
        LetterFault: two have the same.
    """
    found: dict[_K, Rule] = {}
    for key, letter in letters:
        other = found.setdefault(key, letter)
        if other is not letter:
            raise letter.fault(f"{other.file} has {other.template}, of this name or about this event, already")
    return found


def _rule(file: str, template: str, words: Any, declared: Any) -> Rule:
    try:
        rule = Rule(file=file, template=template, words=words, **declared)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, each['loc']))} {each['msg']}" for each in error.errors()]
        raise _fault(file, template, "; ".join(faults)) from error
    except TypeError as error:
        raise _fault(file, template, error) from error
    if faults := list(_faults(rule)):
        raise rule.fault("; ".join(faults))
    return rule


def _faults(rule: Rule) -> Iterator[str]:
    """Yield the faults of fields that are right alone and wrong beside the others."""
    name, taking_part = ("no event", ()) if rule.event is None else (rule.event.__name__, rule.event.taking_part)
    yield from (f"{name} has no {role}" for role in rule.roles if PARTY_OF.get(role) not in taking_part)
    if rule.event is not None and not rule.roles:
        yield "it goes to nobody"
    fields = {field for _, field, *_ in Formatter().parse(rule.link) if field}
    yield from (f"link: {name} has no {field}" for field in sorted(fields - rule.facts))
    differing = rule.words.nl.keys() ^ rule.words.en.keys()
    yield from (f"words: {code} is not in both languages" for code in sorted(differing))


def _fault(file: str, template: str, text: object) -> LetterFault:
    return LetterFault(f"{file}, letter {template}: {text}")
