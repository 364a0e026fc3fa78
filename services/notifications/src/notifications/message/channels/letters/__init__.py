"""Letters, filled in when they are sent: the texts of their files in a frame, as plain text and as simple HTML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from importlib.resources import files
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.nodes import Name, Node
from jinja2.sandbox import SandboxedEnvironment

from common.clock import AMSTERDAM
from notifications.message.model.letter_files import Rule
from notifications.message.model.letter_rules import BY_TEMPLATE
from rules import words

LANGUAGES: Final = words.LANGUAGES
_AT: Final = {"nl": "{day}, {time:%H.%M} uur", "en": "{day} at {time:%H:%M}"}
_AND: Final = {"nl": " en ", "en": " and "}
_GAP: Final = "\n\n"
_GAPS: Final = re.compile(r"\n{3,}")
_FILLED_IN: Final = frozenset({"name", "role", "others", "work", "link", "help", "reference"})
"""What every text may use beside the facts of its event."""
_PASSED: Final = "pass"
_BLOCKING: Final = "block"
_HEAVIEST_FIRST: Final = (_BLOCKING, "review", "warn", _PASSED)
_PAGE: Final = """\
<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><title>{{ subject }}</title></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 40em; margin: 1em auto; color: #222">
{% for paragraph in paragraphs %}<p>{% for line in paragraph %}{{ line }}{% if not loop.last %}<br>{% endif %}\
{% endfor %}</p>
{% endfor %}<p><a href="{{ link }}">{{ link }}</a></p>
<p>{% for line in closing %}{{ line }}{% if not loop.last %}<br>{% endif %}{% endfor %}</p>
<hr><p><small>{{ footer }}</small></p>
</body></html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another party, named to the recipient."""

    role: str
    name: str
    contact: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The letter as its recipient reads it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """The values of a letter. ``others`` is empty as long as the parties may not be named."""

    name: str
    role: str
    link: str
    reference: str
    facts: Mapping[str, Any]
    work: Mapping[str, Any] | None = None
    """What the work is; None where the letter is about none, or it is not known."""
    help: str = ""
    """The mail address of those who help."""
    others: Sequence[Other] = field(default=())


class _Language:
    """The catalogue of one language and its letters, compiled."""

    def __init__(self, language: words.Language) -> None:
        self.language = language
        catalogue = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
        self.words: Mapping[str, str] = catalogue["words"]
        self.erased: str = catalogue["frame"].pop("erased")
        self.stranger: str = catalogue["frame"].pop("stranger")
        self.you: str = catalogue["frame"].pop("you")
        shared = self._environment({})
        self.work = shared.from_string(catalogue["frame"].pop("work"))
        self.frame = {name: shared.from_string(text) for name, text in catalogue["frame"].items()}
        # Words belong to a file: the letters of one share an environment.
        one_of_each = {rule.file: rule for rule in BY_TEMPLATE.values()}
        environments = {file: self._environment(rule.in_language(language)[1]) for file, rule in one_of_each.items()}
        self.letters = {name: self._compiled(rule, environments[rule.file]) for name, rule in BY_TEMPLATE.items()}
        self.page = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True).from_string(_PAGE)

    def _environment(self, of_capability: Mapping[str, str]) -> SandboxedEnvironment:
        """Return what knows the words of all letters, and those of one capability."""
        known = {**self.words, **of_capability}
        # Text, not HTML: the page below escapes. Facts are codes and days; names come from registered contacts.
        environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        environment.filters |= {
            "day": self._day,
            "moment": self._moment,
            "word": partial(_word, known),
            "words": lambda codes: self._joined([_word(known, code) for code in codes]),
            "parties": lambda parties, role: self._parties(known, parties, role),
            "label": lambda code: words.label(code, self.language),
            "duration": lambda minutes: words.duration(minutes, self.language),
            "reasons": self._reasons,
            "decisive": _decisive,
            "open": _open,
            "helps": partial(self._helps, known),
            "names": self._names,
            "named": lambda others, role: self._named(known, others, role),
        }
        return environment

    def _compiled(self, rule: Rule, environment: SandboxedEnvironment) -> tuple[Template, Template]:
        """Compile subject and text.

        Raises:
            LetterFault: one is no template, or uses a fact that the event does not have.
        """
        text, _ = rule.in_language(self.language)
        try:
            subject, body = trees = [environment.parse(source) for source in (text.subject, text.text.strip())]
            compiled = environment.from_string(subject), environment.from_string(body)
        except TemplateError as error:
            raise rule.fault(f"{self.language}: {error}") from error
        if unknown := {name for tree in trees for name in _used(tree)} - rule.facts - _FILLED_IN:
            raise rule.fault(f"{self.language}: its event has no {', '.join(sorted(unknown))}")
        return compiled

    def _day(self, text: str) -> str:
        return words.day(date.fromisoformat(text), self.language)

    def _moment(self, text: str) -> str:
        local = datetime.fromisoformat(text).astimezone(AMSTERDAM)
        return _AT[self.language].format(day=words.day(local.date(), self.language), time=local)

    def _names(self, others: Collection[Other]) -> str:
        """Return the others as they stand before the reader: ``A, B``, since ``en u`` follows."""
        return ", ".join(other.name for other in others) or self.erased

    def _parties(self, known: Mapping[str, str], parties: Collection[str], role: str) -> str:
        """Return parties, the reader as such."""
        return self._joined([self.you if party == role else _word(known, party) for party in parties])

    def _named(self, known: Mapping[str, str], others: Collection[Other], role: str) -> str:
        """Return one other party at the beginning of a sentence; where it may not be named, its role."""
        name = next((other.name for other in others if other.role == role), _word(known, role))
        return name[:1].upper() + name[1:]

    def _joined(self, parts: Sequence[str]) -> str:
        *first, last = parts or [""]
        return _AND[self.language].join([", ".join(first), last]) if first else last

    def _reasons(self, findings: Sequence[Mapping[str, Any]]) -> str:
        found = [finding for finding in findings if finding["outcome"] != _PASSED]
        return "\n".join(f"- {self._reason(finding)}" for finding in sorted(found, key=_weight))

    def _helps(self, known: Mapping[str, str], findings: Sequence[Mapping[str, Any]], role: str) -> str:
        """Return what would help where something is in the way or missing, the reader's own part first."""
        hindering = [finding["rule"] for finding in findings if finding["outcome"] in {_BLOCKING, "review"}]
        found = words.helps(self.language, hindering)
        parties = sorted(found, key=lambda party: party != role)
        return "\n".join(
            f"- {self.you if party == role else _word(known, party)}: {text}"
            for party in parties
            for text in found[party]
        )

    def _reason(self, finding: Mapping[str, Any]) -> str:
        return words.reason(
            self.language, **{name: finding[name] for name in ("rule", "outcome", "measured", "limit", "unit")}
        )


def _weight(finding: Mapping[str, Any]) -> int:
    """Return the place of a reason; an outcome that this version does not know comes last."""
    known = finding["outcome"] in _HEAVIEST_FIRST
    return _HEAVIEST_FIRST.index(finding["outcome"]) if known else len(_HEAVIEST_FIRST)


def _decisive(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return why it is refused: what blocks; where nothing does, a person refused what was held."""
    blocking = [finding for finding in findings if finding["outcome"] == _BLOCKING]
    return blocking or [finding for finding in findings if finding["outcome"] == "review"]


def _open(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return what was not known or not looked at, and so is no reason of the refusal."""
    decisive = _decisive(findings)
    return [finding for finding in findings if finding["outcome"] == "review" and finding not in decisive]


def _word(known: Mapping[str, str], code: str) -> str:
    return known.get(code, code.replace("_", " "))


def _used(tree: Node) -> set[str]:
    """Return the names that a text takes from outside; the others are those of its loops."""
    names = {kind: {each.name for each in tree.find_all(Name) if each.ctx == kind} for kind in ("load", "store")}
    return names["load"] - names["store"]


_CATALOGUES: Final[Mapping[str, _Language]] = {language: _Language(language) for language in LANGUAGES}


def nameless(language: str) -> str:
    """Return the words for a party whose name is erased."""
    return _CATALOGUES[language].erased


def stranger(language: str) -> str:
    """Return the salutation of a recipient whose address is not confirmed."""
    return _CATALOGUES[language].stranger


def write(template: str, language: str, filling: Filling) -> Letter:
    """Write a letter.

    Raises:
        jinja2.UndefinedError: the letter uses a fact that its event does not have.
    """
    catalogue = _CATALOGUES[language]
    subject, text = catalogue.letters[template]
    values = {
        **filling.facts,
        "name": filling.name,
        "role": filling.role,
        "others": filling.others,
        "work": "" if filling.work is None else catalogue.work.render(filling.work),
        "link": filling.link,
        "help": filling.help,
        "reference": filling.reference,
    }
    said = subject.render(values).strip()
    frame = {name: part.render(values) for name, part in catalogue.frame.items()}
    body = f"{frame['greeting']}\n\n{_GAPS.sub(_GAP, text.render(values).strip())}"
    html = catalogue.page.render(
        language=language,
        subject=said,
        paragraphs=[part.splitlines() for part in body.split("\n\n") if part.strip()],
        link=filling.link,
        closing=frame["closing"].splitlines(),
        footer=frame["footer"],
    )
    plain = "\n\n".join([body, frame["link"], frame["closing"], f"-- \n{frame['footer']}"])
    return Letter(subject=said, text=f"{plain}\n", html=html)
