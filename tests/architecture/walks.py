"""How far a reader walks: the shortest way through the code from a request to its effect, in files and lines.

The way is found, not listed: functions are nodes. A function leads to every function that it names (calls, passes on,
or finds by its name as a method, in its own slice or alone in its package) and to every event that it makes; an event
leads to its handlers.
``python -m tests.architecture.walks`` prints each walk step by step.
"""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeGuard

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = [ROOT / "libs/common/src", ROOT / "hto/src", *sorted(ROOT.glob("services/*/src"))]
EVENT: Final = "event:"


@dataclass(frozen=True)
class Walk:
    """From where to where, over which stations on the way, and what it may come to."""

    legs: tuple[tuple[str, ...], ...]
    """Each from its first to its last station; between two legs lies what no name says: a row, read by a loop."""
    files: int
    lines: int


WALKS: Final = {
    "sign a contract": Walk(
        (("contracts.contract.routes:sign_contract", "contracts.contract.model.contract:Contract.sign"),),
        files=5,
        lines=100,
    ),
    "from a posted vacancy to its ranking": Walk(
        (
            (
                "registry.vacancy.routes:post",
                "registry.vacancy.usecases:post",
                "registry.vacancy.model.vacancy:Vacancy.post",
                "event:VacancyPosted",
                "matching.ranking.model.ranking:rank",
            ),
        ),
        files=9,
        lines=350,
    ),
    "redrive what is parked": Walk(
        (
            (
                "operations.parked_event.routes:redrive",
                "event:RedriveOrdered",
                "common.messaging.consumer.parking:order_redrive",
            ),
            (
                "common.messaging.consumer.loop:Consumer.retry_due",
                "common.messaging.consumer.dispatch:Dispatch.redrive",
            ),
        ),
        files=7,
        lines=280,
    ),
}


@dataclass
class Code:
    """Every function of the house, and where it leads."""

    spans: dict[str, tuple[Path, int]] = field(default_factory=dict)
    """File and number of lines."""
    leads: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    methods: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """By package and name."""

    def shortest(self, start: str, goal: str) -> list[str]:
        """Return the shortest way, both ends included.

        Raises:
            LookupError: there is none.
        """
        before: dict[str, str | None] = {start: None}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            if here == goal:
                way: list[str] = [here]
                while (last := before[way[-1]]) is not None:
                    way.append(last)
                return way[::-1]
            for there in sorted(self.leads[here]):
                if there not in before:
                    before[there] = here
                    waiting.append(there)
        raise LookupError(f"no way leads from {start} to {goal}")

    def walk(self, legs: Iterable[Sequence[str]]) -> list[str]:
        """Return the functions from station to station, without the events between them."""
        steps = [step for leg in legs for start, goal in pairwise(leg) for step in self.shortest(start, goal)]
        return [step for step in dict.fromkeys(steps) if not step.startswith(EVENT)]

    def measure(self, steps: Iterable[str]) -> tuple[int, int]:
        """Return how many files and lines the functions are."""
        spans = [self.spans[step] for step in steps]
        return len({path for path, _ in spans}), sum(lines for _, lines in spans)


def read() -> Code:
    """Read the sources."""
    code, modules = Code(), {}
    for source in SOURCES:
        for path in sorted(source.rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
                modules[name] = (path, ast.parse(path.read_text(encoding="utf-8")))
    for name, (path, tree) in modules.items():
        _enter(code, name, path, tree)
    for name, (_, tree) in modules.items():
        _follow(code, name, tree)
    return code


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
            # A reaction that is made by a function: `def handlers_of(…): @handlers.on(Event) async def react(…)`.
            yield from ((inner.name, inner) for inner in ast.walk(node) if inner is not node and _is_function(inner))
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if _is_function(inner))


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _enter(code: Code, module: str, path: Path, tree: ast.Module) -> None:
    for name, node in _functions(tree):
        step = f"{module}:{name}"
        code.spans[step] = (path, node.end_lineno - node.lineno + 1 if node.end_lineno else 1)
        if "." in name:
            code.methods[module.partition(".")[0], name.rpartition(".")[2]].add(step)


def _follow(code: Code, module: str, tree: ast.Module) -> None:
    package = module.partition(".")[0]
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    for name, node in _functions(tree):
        step = f"{module}:{name}"
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(".on"):
                for event in decorator.args:
                    code.leads[f"{EVENT}{ast.unparse(event).rpartition('.')[2]}"].add(step)
        for part in _parts(node):
            code.leads[step] |= set(_led_to(code, module, package, imported, part)) - {step}


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a function does: no decorators, no annotations."""
    for name, value in ast.iter_fields(node):
        if name in {"decorator_list", "annotation", "returns"}:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield each
                yield from _parts(each)


def _led_to(
    code: Code, module: str, package: str, imported: dict[str, tuple[str, str]], part: ast.AST
) -> Iterator[str]:
    is_service = package not in {"common", "hto"}
    if isinstance(part, ast.Name):
        origin, name = imported.get(part.id, (module, part.id))
        if origin.partition(".")[0] == "events":
            yield f"{EVENT}{name}"
        elif f"{origin}:{name}" in code.spans:
            yield f"{origin}:{name}"
    elif isinstance(part, ast.Attribute):
        base = imported.get(part.value.id) if isinstance(part.value, ast.Name) else None
        of_class = f"{base[0]}:{base[1]}.{part.attr}" if base else ""
        if base and f"{base[0]}.{base[1]}:{part.attr}" in code.spans:
            yield f"{base[0]}.{base[1]}:{part.attr}"
        elif of_class in code.spans:
            yield of_class
        elif base is None:
            found = code.methods[package, part.attr]
            slice_ = f"{'.'.join(module.split('.')[:2])}."
            yield from found if len(found) == 1 else (each for each in found if is_service and each.startswith(slice_))


if __name__ == "__main__":
    house = read()
    for title, walk in WALKS.items():
        steps = house.walk(walk.legs)
        files, lines = house.measure(steps)
        print(f"{title}: {files} files (at most {walk.files}), {lines} lines (at most {walk.lines})")  # noqa: T201 - it is a report
        for step in steps:
            print(f"    {house.spans[step][1]:4} {step}")  # noqa: T201 - it is a report
