"""The ruleset for OpenAPI documents: what we generate passes it, and each rule turns red on what breaks it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from common.persistence.database import Database
from common.runtime.settings import Settings
from common.web import Api, ApiContext
from common.web.auth import Verifier
from tests.support.http_sample import TABLES, Hooks, sample_service

SPECTRAL = Path(__file__).parent / "spectral"
Document = dict[str, Any]


def _operation(document: Document, method: str, path: str) -> Any:
    return document["paths"][path][method]


def _drop_parameter(operation: Any, name: str) -> None:
    operation["parameters"] = [each for each in operation["parameters"] if each["name"] != name]


def _rename(mapping: dict[str, Any], old: str, new: str) -> None:
    mapping[new] = mapping.pop(old)


def _set(*path: str, to: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        node: Any = document
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = to

    return change


def _cut(*path: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        node: Any = document
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]

    return change


def _path(new: str) -> Callable[[Document], None]:
    return lambda document: _rename(document["paths"], "/notes/{noteId}", new)


def _without_parameter(method: str, path: str, name: str) -> Callable[[Document], None]:
    return lambda document: _drop_parameter(_operation(document, method, path), name)


def _property(name: str, schema: Any) -> Callable[[Document], None]:
    return _set("components", "schemas", "NoteView", "properties", name, to=schema)


NOTES, NOTE, TITLE = ("paths", "/notes"), ("paths", "/notes/{noteId}"), ("paths", "/notes/{noteId}/title")
BREAKS: list[tuple[str, Callable[[Document], None]]] = [
    ("hto-openapi-3-1", _set("openapi", to="3.0.3")),
    ("hto-version-is-semver", _set("info", "version", to="v1")),
    ("hto-contact", _cut("info", "contact", "email")),
    ("hto-contact", _set("info", "contact", "url", to="http://plain.example.nl")),
    ("hto-contact", _cut("info", "contact")),
    ("hto-license", _cut("info", "license", "identifier")),
    ("hto-server-has-major", _set("servers", to=[{"url": "https://api.example.nl/notes"}])),
    ("hto-server-has-major", _set("servers", to=[{"url": "https://api.example.nl/notes/v1/"}])),
    ("hto-server-has-major", _set("servers", to=[])),
    ("hto-paths", _path("/note/{noteId}")),
    ("hto-paths", _path("/notes/{noteId}/")),
    ("hto-paths", _path("/notes/{noteId}.json")),
    ("hto-paths", _path("/notesOf/{noteId}s")),
    ("hto-paths", _path("/my_notes/{noteId}")),
    ("hto-paths", _path("/v1/notes/{noteId}")),
    ("hto-paths", _path("/notes/_close/{noteId}")),
    ("hto-paths", _path("/notes/letter/{noteId}")),
    (
        "hto-query-camel-case",
        _set(*NOTES, "get", "parameters", to=[{"name": "starts_on", "in": "query", "schema": {}}]),
    ),
    ("hto-property-camel-case", _property("school_name", {"type": "string"})),
    ("hto-no-null-union", _property("ends", {"anyOf": [{"type": "string"}, {"type": "null"}]})),
    ("hto-time-names", _property("endsOn", {"type": "string"})),
    ("hto-time-names", _property("endsOn", {"type": ["string", "null"], "format": "date-time"})),
    ("hto-time-names", _property("endsAt", {"type": "integer"})),
    ("hto-time-names", _property("startTime", {"type": "string", "format": "time"})),
    ("hto-time-names", _property("endDate", {"type": "string", "format": "date-time"})),
    ("hto-operation-description", _cut(*NOTES, "get", "description")),
    ("hto-operation-tags", _cut(*NOTES, "get", "tags")),
    ("hto-operation-id", _cut(*NOTES, "get", "operationId")),
    ("hto-operation-id", _set(*NOTES, "get", "operationId", to="find_notes")),
    *(("hto-error-table", _cut(*NOTES, "post", "responses", status)) for status in ("400", "401", "403", "409", "429")),
    *(("hto-error-table", _cut(*NOTES, "post", "responses", status)) for status in ("406", "413", "415", "422", "503")),
    *(("hto-error-table", _cut(*TITLE, "put", "responses", status)) for status in ("404", "412", "428", "500")),
    (
        "hto-problem-details",
        _set("components", "responses", "Conflict", "content", to={"application/json": {"schema": {"type": "object"}}}),
    ),
    ("hto-problem-details", _cut("components", "schemas", "Problem", "properties", "detail")),
    ("hto-problem-details", _cut("components", "schemas", "InvalidParamView", "properties", "code")),
    ("hto-no-fastapi-errors", _set("components", "schemas", "HTTPValidationError", to={"type": "object"})),
    ("hto-response-headers", _cut(*NOTES, "get", "responses", "200", "headers", "API-Version")),
    ("hto-response-headers", _cut("components", "responses", "Unauthorized", "headers", "WWW-Authenticate")),
    ("hto-response-headers", _cut("components", "responses", "TooManyRequests", "headers", "Retry-After")),
    ("hto-response-headers", _cut("components", "responses", "BadRequest", "headers", "RateLimit")),
    ("hto-response-headers", _cut(*NOTE, "get", "responses", "200", "headers", "ETag")),
    ("hto-response-headers", _cut(*NOTES, "post", "responses", "201", "headers", "Location")),
    ("hto-collection-paging", _without_parameter("get", "/notes", "cursor")),
    ("hto-collection-paging", _without_parameter("get", "/notes", "limit")),
    ("hto-collection-paging", _cut("components", "schemas", "NoteViewPage", "properties", "nextCursor")),
    ("hto-collection-paging", _cut(*NOTES, "get", "responses", "200", "headers", "Link")),
    ("hto-post-has-key", _without_parameter("post", "/notes", "Idempotency-Key")),
    ("hto-change-has-version", _without_parameter("put", "/notes/{noteId}/title", "If-Match")),
    ("hto-change-has-version", _without_parameter("delete", "/notes/{noteId}", "If-Match")),
    ("hto-change-has-version", _cut(*NOTE, "put", "x-client-chosen-id")),
    ("hto-versioned-read", _without_parameter("get", "/notes/{noteId}", "If-None-Match")),
    ("hto-operation-security", _set(*NOTES, "get", "security", to=[])),
    ("hto-operation-security", _cut(*NOTES, "get", "security")),
    ("hto-operation-security", _set(*NOTES, "get", "security", to=[{"oauth2": []}])),
    ("hto-operation-security", _set(*NOTES, "get", "security", to=[{"oauth2": ["notes:burn"]}])),
    ("hto-operation-security", _set(*NOTES, "get", "x-public", to="Because.")),
    (
        "hto-client-credentials",
        _cut("components", "securitySchemes", "oauth2", "flows", "clientCredentials", "tokenUrl"),
    ),
    ("hto-strict-body", _cut("components", "schemas", "WriteNote", "additionalProperties")),
    ("hto-strict-body", _set(*NOTES, "post", "requestBody", "content", "application/json", to={})),
    ("hto-deprecation", _set(*NOTES, "get", "deprecated", to=True)),
]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The document that the plumbing makes of the sample service."""
    url = "postgresql://localhost/unused"
    settings = Settings(database_url=url, log_url=url, data_dir=tmp_path_factory.mktemp("data"))
    database = Database(url, service="sample", metadata=TABLES, oin=settings.oin)
    context = ApiContext(database=database, settings=settings, verifier=Verifier({}, audience="hto"))
    return Api(sample_service(Hooks()), context).document


def _lint(*files: Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("node") is None:
        why = "the linter needs Node"
        pytest.fail(why) if os.environ.get("HTO_REQUIRE_NODE") == "1" else pytest.skip(why)
    return subprocess.run(
        [SPECTRAL / "run", *map(str, files)],
        env={**os.environ, "SPECTRAL_OPTIONS": "--format json --quiet"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def found(good: Document, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Lint the good document and every broken one in one go; the rules that turned red, by file name."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "good.json").write_text(json.dumps(good))
    for number, (_, change) in enumerate(BREAKS):
        broken = deepcopy(good)
        change(broken)
        (folder / f"{number}.json").write_text(json.dumps(broken))
    done = _lint(*sorted(folder.glob("*.json")))
    assert done.returncode == 1, done.stderr
    red: dict[str, set[str]] = {}
    for fault in json.loads(done.stdout):
        red.setdefault(Path(fault["source"]).stem, set()).add(fault["code"])
    return red


def test_a_document_of_the_plumbing_passes(found: dict[str, set[str]]) -> None:
    assert found.get("good", set()) == set()


@pytest.mark.parametrize(("number", "rule"), [(str(n), rule) for n, (rule, _) in enumerate(BREAKS)])
def test_a_rule_turns_red_on_what_breaks_it(found: dict[str, set[str]], number: str, rule: str) -> None:
    assert rule in found.get(number, set())


def test_every_rule_has_been_seen_red() -> None:
    rules = re.findall(r"^  (hto-[a-z0-9-]+):$", (SPECTRAL / "ruleset.yaml").read_text(), re.MULTILINE)
    assert sorted(rules) == sorted({rule for rule, _ in BREAKS})


def test_the_event_document_says_what_asyncapi_asks_and_what_is_none_is_refused(tmp_path: Path) -> None:
    events = SPECTRAL.parents[2] / "docs/events"
    (tmp_path / "schemas").symlink_to(events / "schemas")
    document = json.loads((events / "asyncapi.json").read_text())
    good, broken = tmp_path / "asyncapi.json", tmp_path / "asyncapi-broken.json"
    good.write_text(json.dumps(document))
    next(iter(document["operations"].values()))["action"] = "shout"
    broken.write_text(json.dumps(document))
    done = _lint(good, broken)
    assert {Path(fault["source"]).stem for fault in json.loads(done.stdout)} == {"asyncapi-broken"}, done.stdout


def test_the_lock_names_no_address() -> None:
    assert '"resolved"' not in (SPECTRAL / "package-lock.json").read_text()
