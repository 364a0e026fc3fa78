"""A new aggregate: the folder of a slice, its migration, events and tests, and the few lines that wire it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_REVISION: Final = re.compile(r'^revision = "(\d{4})"$', re.MULTILINE)
_LINE: Final = 120


class CannotMake(Exception):
    """The new aggregate cannot be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """The aggregate to make, such as ``training_track`` of ``registry``."""

    service: str
    name: str
    plural: str
    dutch: str
    """In Dutch with its article, as it begins a sentence: ``Een leertraject``."""

    @property
    def words(self) -> Mapping[str, str]:
        """Return what the templates are filled in with."""
        spoken, spoken_plural = self.name.replace("_", " "), self.plural.replace("_", " ")
        article = "An" if spoken[0] in "aeiou" else "A"
        return {
            "service": self.service,
            "name": self.name,
            "plural": self.plural,
            "cls": "".join(part.capitalize() for part in self.name.split("_")),
            "kebab": self.name.replace("_", "-"),
            "path": self.plural.replace("_", "-"),
            "words": spoken,
            "words_plural": spoken_plural,
            "title": f"{article} {spoken}",
            "title_plural": spoken_plural.capitalize(),
            "a": article,
            "a_lower": article.lower(),
            "dutch": self.dutch,
            "dutch_name": self.dutch.partition(" ")[2] or self.dutch,
            "rule": "-" * (_LINE - 7 - len(spoken_plural)),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One file: new, or with some lines more."""

    path: Path
    text: str
    is_new: bool


def plan(root: Path, aggregate: Aggregate) -> list[Change]:
    """Return every file that the aggregate needs, new ones first; nothing is written.

    Raises:
        CannotMake: the name or the place does not allow it, and why.
    """
    _check(root, aggregate)
    return [*_new_files(root, aggregate), *_wiring(root, aggregate)]


def _check(root: Path, aggregate: Aggregate) -> None:
    package = root / "services" / aggregate.service / "src" / aggregate.service
    if not (package / "app.py").is_file():
        raise CannotMake(f"{root} is no checkout with a service {aggregate.service}: run this in the repository.")
    if not (root / "libs/events/src/events" / f"{aggregate.service}.py").is_file():
        raise CannotMake(f"{aggregate.service} publishes no events of its own: another service owns new aggregates.")
    for name in (aggregate.name, aggregate.plural):
        if not _NAME.fullmatch(name) or keyword.iskeyword(name):
            raise CannotMake(f"{name!r} is no name: small letters and digits with _ between words, as training_track.")
    if aggregate.name == aggregate.plural:
        raise CannotMake("The plural names the table and is another word than the name; give --plural.")
    if (package / aggregate.name).exists():
        raise CannotMake(f"There is a {aggregate.name} in {aggregate.service} already.")
    tables = (path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    if any(f'"{aggregate.plural}",\n' in text for text in tables):
        raise CannotMake(f"{aggregate.service} has a table {aggregate.plural} already; give --plural.")


def _new_files(root: Path, aggregate: Aggregate) -> Iterator[Change]:
    templates = Environment(
        loader=PackageLoader("hto.new"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Python, not HTML
    )
    package = root / "services" / aggregate.service / "src" / aggregate.service
    last = _last_revision(package)
    revision = f"{int(last) + 1:04}"
    words = {**aggregate.words, "revision": revision, "down_revision": last}
    folder = package / aggregate.name
    files = {
        folder / "__init__.py": "init",
        **{folder / f"{each}.py": each for each in ("model", "store", "usecases", "routes")},
        package / "migrations" / f"{revision}_{aggregate.plural}.py": "migration",
        root / "tests/unit" / aggregate.service / f"test_{aggregate.name}.py": "test_unit",
        root / "tests/integration" / aggregate.service / f"test_{aggregate.plural}.py": "test_integration",
        root / "tests/e2e" / f"test_{aggregate.plural}.py": "test_e2e",
    }
    for path, template in files.items():
        yield Change(path, templates.get_template(f"{template}.py.j2").render(words), is_new=True)
    problems = templates.get_template("problems.nl.toml.j2").render(words)
    yield Change(folder / "problems.nl.toml", problems, is_new=True)
    events = root / "libs/events/src/events" / f"{aggregate.service}.py"
    classes = templates.get_template("events.py.j2").render(words)
    yield Change(events, events.read_text(encoding="utf-8").rstrip("\n") + classes, is_new=False)


def _last_revision(package: Path) -> str:
    found = [_REVISION.search(path.read_text(encoding="utf-8")) for path in (package / "migrations").glob("[0-9]*.py")]
    return max((match[1] for match in found if match), default="0000")


def _wiring(root: Path, aggregate: Aggregate) -> Iterator[Change]:
    """Yield the files that name each aggregate: the order of slices, and the inventory."""
    edits: Mapping[str, Callable[[str, Aggregate], str]] = {
        f"services/{aggregate.service}/src/{aggregate.service}/app.py": _in_app,
        "docs/data-inventory.md": _in_inventory,
    }
    for name, edit in edits.items():
        path = root / name
        before = path.read_text(encoding="utf-8")
        after = edit(before, aggregate)
        if after == before:
            raise CannotMake(f"{name} does not look as it did: add {aggregate.name} by hand, and mend `hto new`.")
        yield Change(path, after, is_new=False)


def _in_app(text: str, aggregate: Aggregate) -> str:
    def one_more(found: re.Match[str]) -> str:
        names = found[2].strip("(), \n")
        return f"{found[1]}({names}, {aggregate.name})"

    imported = rf"^(from {aggregate.service} import )(\([^)]*\)|[^\n(]+)$"
    text = re.sub(imported, one_more, text, count=1, flags=re.MULTILINE)
    return re.sub(r"^(SLICES: Final = )(\([^)]*\))", one_more, text, count=1, flags=re.MULTILINE)


def _in_inventory(text: str, aggregate: Aggregate) -> str:
    row = f"| `{aggregate.service}.{aggregate.plural}` | record | one row for each; no personal data |\n"
    head, section, rest = text.partition("## How long every table keeps its rows")
    return (
        head
        + section
        + re.sub(rf"^\| `{aggregate.service}\.", lambda found: row + found[0], rest, count=1, flags=re.MULTILINE)
    )
