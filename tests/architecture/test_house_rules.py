"""The rules of the house that no linter knows; each has an example that breaks it."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for source in (*ROOT.glob("libs/*/src"), *ROOT.glob("services/*/src"), ROOT / "hto/src", ROOT / "demo/src")
    for path in source.rglob("*.py")
)
Rule = Callable[[str, ast.Module, str], Iterator[str]]
RULES: dict[str, tuple[Rule, tuple[tuple[str, str], ...]]] = {}
"""Each rule with examples of a file's path and text that break it."""

LONG = {
    "events/registry.py": "a vocabulary: one file per publisher",
}
MAX_LINES = 450
MORE_TO_SAY = {
    "demo/journey.py": "a page that explains itself",
    "matching/profile/model/distance.py": "a page that explains itself",
    "matching/profile/store/pool.py": "a page that explains itself",
    "registry/built_in/records.py": "a page that explains itself",
}
COMMITS = {
    "common/persistence/database.py": "whoever opened the transaction",
    "common/messaging/consumer/loop.py": "the group's offsets",
    "common/messaging/kafka/": "the group's offsets",
}
REAL_TIME = {
    "common/clock.py": "the one clock",
    "common/messaging/kafka/subscription.py": "the age of records, which the broker dates by real time",
    "common/web/auth/": "tokens keep real time",
    "hto/issuer/": "tokens keep real time",
    "common/web/": "rate limits and sunset dates keep real time",
    "common/persistence/processing_log.py": "who read whose data is real",
    "notifications/endpoint/channels/webhooks.py": "signatures of webhooks keep real time",
    "notifications/endpoint/usecases/delivering.py": "a delivery to another machine is tried again in real time",
    "hto/": "above the services: what a person sees at the machine",
    "demo/": "above the services: what a person sees at the machine",
}
THREADS = {
    "notifications/message/channels/mail.py": "writes a file",
    "embedded/server.py": "waits for a process of the system",
    "common/runtime/event_loop.py": "has a loop of its own, for a caller that has one already",
    "hto/interrupts.py": "waits for a process of the system",
}

WITHOUT_LIFE_CYCLE = {
    "registry/organisation/model.py": "one step between two states",
    "registry/policy/model/policy_change.py": "it is decided once, and refused without a word of what was wanted",
}


def rule(*examples: tuple[str, str]) -> Callable[[Rule], Rule]:
    def enter(function: Rule) -> Rule:
        RULES[function.__name__] = (function, examples)
        return function

    return enter


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def _allowed(file: str, exceptions: dict[str, str]) -> bool:
    return any(file == one or (one.endswith("/") and file.startswith(one)) for one in exceptions)


@rule(("registry/usecases.py", '"""A."""\nasync def f(tx):\n    await tx.connection.commit()\n'))
def only_the_opener_of_a_transaction_commits(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """Half a use case would be there for all to see."""
    if not _allowed(file, COMMITS) and not file.startswith("common/messaging/pglog/"):
        yield from (f"line {call.lineno}: {name}()" for call, name in _calls(tree) if name.endswith(".commit"))


_SLICED = re.compile(r"^(registry|contracts|matching|notifications|operations)/(\w+)/")
_OF_A_SLICE = re.compile(
    r"^(registry|contracts|matching|notifications|operations)\."
    r"(?!authority|failure|fields|identifiers|if_match|tables)(\w+)\.(\w+)"
)
_FOR_OTHERS = {"model", "store", "usecases", "queries", "views"}


@rule(
    ("contracts/assignment/usecases.py", '"""A."""\nfrom contracts.contract.routes import router\n'),
    ("contracts/assignment/handlers.py", '"""A."""\nfrom contracts.contract import handlers\n'),
)
def a_slice_begins_nothing_of_another(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """Routes and reactions are where a slice begins: nothing continues there from elsewhere."""
    here = _SLICED.match(file)
    if here is None:
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        for name in node.names:
            used = _OF_A_SLICE.match(f"{node.module}.{name.name}")
            if used and used[1] == here[1] and used[2] != here[2] and used[3] not in _FOR_OTHERS | {"wording"}:
                yield f"line {node.lineno}: {used[0]}"


_REACTS = (".on", ".bulk", ".on_tombstone")


_REACTS = (".on", ".bulk", ".on_tombstone")


@rule(
    (
        "registry/handlers.py",
        '"""A."""\n@handlers.on(TrainerPaused)\nasync def a(): ...\n@handlers.on(TrainerPaused)\nasync def b(): ...\n',
    ),
)
def one_handler_per_event_type(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """Two would run in an order that nobody chose."""
    seen: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(
                    (".on", ".bulk", ".on_tombstone")
                ):
                    for argument in decorator.args:
                        if (here := (ast.unparse(decorator.func), ast.unparse(argument))) in seen:
                            yield f"line {node.lineno}: a second reaction to {here[1]}"
                        seen.add(here)


@rule(
    ("registry/vacancy/model/vacancy.py", '"""A."""\nclosed = replace(self, status=CLOSED)\n'),
    ("matching/proposal/model/status.py", '"""A."""\nNEXT = {OPEN: {CLOSED}}\n'),
)
def a_state_changes_by_the_life_cycle_alone(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """A status that is set by hand is checked by no table, drawn nowhere, and walked by no test."""
    if not re.match(r"^\w+/\w+/model", file) or file in WITHOUT_LIFE_CYCLE:
        return
    for call, name in _calls(tree):
        if name == "replace" and any(keyword.arg == "status" for keyword in call.keywords):
            yield f"line {call.lineno}: {name}(…, status=…)"
    yield from (
        f"line {node.lineno}: NEXT" for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "NEXT"
    )


_SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT INTO|DELETE FROM|UPDATE\s+\w+\s+SET)\b", re.DOTALL)
_SHELL = re.compile(r"^\w+/(\w+/)?(handlers|routes|deadlines|usecases|app)(\.py|/)")


@rule(
    ("registry/handlers.py", '"""A."""\nX = "DELETE FROM people"\n'),
    ("registry/usecases/people.py", '"""A."""\nawait tx.execute(x)\n'),
    ("operations/console/app.py", '"""A."""\nawait tx.execute(x)\n'),
)
def only_store_and_queries_contain_sql(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """A handler, a route or a use case that knows tables cannot be read as what the business does."""
    if not _SHELL.match(file) or file.startswith(("common/", "hto/")):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
            yield f"line {node.lineno}: SQL"
    yield from (f"line {call.lineno}: {name}()" for call, name in _calls(tree) if name == "tx.execute")


@rule(("registry/handlers.py", '"""A."""\ntry:\n    f()\nexcept ValueError:\n    pass\n'))
def a_handler_has_no_code_of_its_own_for_retries(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """The consumer does that once for all; a handler that catches hides what it should park."""
    if re.match(r"^\w+/(\w+/)?handlers(\.py|/)", file) and not file.startswith("common/"):
        yield from (f"line {node.lineno}: try" for node in ast.walk(tree) if isinstance(node, ast.Try))


@rule(*((f"registry/{name}.py", '"""A."""\n') for name in ("utils", "helpers", "core", "manager", "base")))
def no_file_is_named_after_nothing(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """What has no reason of its own collects everybody's."""
    for part in Path(file).with_suffix("").parts:
        if part in {"utils", "util", "helpers", "helper", "core", "manager", "managers", "base", "common_utils"}:
            yield part


@rule(("registry/a.py", "x = 1\n"), ("registry/a.py", '"""One.\n\nTwo.\n"""\nx = 1\n'))
def a_module_says_in_its_first_line_what_it_is_for(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """A newcomer navigates by it."""
    docstring = ast.get_docstring(tree)
    if docstring is None:
        if text.strip():
            yield "no docstring"
    elif len(docstring.splitlines()[0]) < 2 or not text.startswith('"""'):
        yield "no first line"
    elif "\n" in docstring and file not in MORE_TO_SAY and not file.startswith("common/"):
        yield "more than one line"


@rule(("registry/a.py", '"""A."""\n' + "x = 1\n" * MAX_LINES))
def a_file_has_one_reason_and_stays_short(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """A layer that grows becomes a package whose modules are named after aggregates."""
    if len(text.splitlines()) > MAX_LINES and file not in LONG and "/migrations/" not in file:
        yield f"{len(text.splitlines())} lines"


@rule(
    ("registry/usecases.py", '"""A."""\nfrom datetime import UTC, datetime\nx = datetime.now(UTC)\n'),
    ("registry/usecases.py", '"""A."""\nimport time\nx = time.time()\n'),
    ("registry/usecases.py", '"""A."""\nfrom datetime import date\nx = date.today()\n'),
)
def only_the_clock_knows_what_time_it_is(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """Whoever asks the machine cannot be moved in time."""
    if not _allowed(file, REAL_TIME):
        asked = (".utcnow", "datetime.now", "date.today", "time.time")
        yield from (f"line {call.lineno}: {name}()" for call, name in _calls(tree) if name.endswith(asked))


@rule(("hto/startup.py", '"""A."""\nasyncio.run(serve())\n'))
def every_process_runs_on_the_same_event_loop(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """uvloop was installed for a long time, and nothing ran on it."""
    if file != "common/runtime/event_loop.py":
        started = ("asyncio.run", "asyncio.Runner", "new_event_loop")
        yield from (f"line {call.lineno}: {name}()" for call, name in _calls(tree) if name.endswith(started))


@rule(("matching/usecases.py", '"""A."""\nawait asyncio.to_thread(solve)\n'))
def long_work_never_goes_into_a_thread(file: str, tree: ast.Module, text: str) -> Iterator[str]:
    """Solvers hold the interpreter's lock: in a thread they freeze the event loop and cost the membership."""
    if not _allowed(file, THREADS):
        threads = ("to_thread", "run_in_threadpool", "ThreadPoolExecutor")
        yield from (f"line {call.lineno}: {name}()" for call, name in _calls(tree) if name.endswith(threads))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _broken(one: Rule, file: str, text: str) -> list[str]:
    return list(one(file, _parsed(text), text))


@pytest.mark.parametrize("name", RULES)
def test_the_sources_keep_the_rule(name: str) -> None:
    broken = []
    for path in SOURCES:
        file = path.relative_to(next(parent for parent in path.parents if parent.name == "src")).as_posix()
        broken += [f"{file}: {fault}" for fault in _broken(RULES[name][0], file, path.read_text(encoding="utf-8"))]
    assert broken == []


@pytest.mark.parametrize(
    ("name", "file", "text"), [(name, *example) for name, (_, examples) in RULES.items() for example in examples]
)
def test_an_example_that_breaks_the_rule_is_found(name: str, file: str, text: str) -> None:
    assert _broken(RULES[name][0], file, text)


@pytest.mark.parametrize("exceptions", [LONG, MORE_TO_SAY, COMMITS, REAL_TIME, THREADS, WITHOUT_LIFE_CYCLE])
def test_an_exception_that_is_no_longer_needed_has_no_place_here(exceptions: dict[str, str]) -> None:
    files = [path.relative_to(next(p for p in path.parents if p.name == "src")).as_posix() for path in SOURCES]
    assert [one for one in exceptions if not any(file == one or file.startswith(one) for file in files)] == []


def test_a_file_that_is_short_again_is_no_exception_any_more() -> None:
    long = {path.as_posix() for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > MAX_LINES}
    assert [one for one in LONG if not any(path.endswith(f"/src/{one}") for path in long)] == []


def test_every_service_says_what_it_is_for() -> None:
    """Seen red: operations had no page of its own."""
    services = [path.parent for path in ROOT.glob("services/*/pyproject.toml")]
    assert len(services) > 1
    assert [service.name for service in services if not (service / "README.md").exists()] == []


_MARKER = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)
_TEXTS = {".md", ".py", ".toml", ".yml", ".yaml", ".json", ".sh", ".html", ".txt", ".lock", ".conf", ".css"}


def test_no_file_is_half_merged() -> None:
    """Seen red: what Git writes into a conflict stood in the changelog, and every check was green."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if Path(name).suffix in _TEXTS]
    assert len(files) > 500
    assert [str(file) for file in files if file.exists() and _MARKER.search(file.read_text("utf-8"))] == []
