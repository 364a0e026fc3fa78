"""The OpenAPI 3.1 document: what FastAPI knows, with what the API Design Rules ask for on top."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel

from common.web import etags, idempotency
from common.web.openapi.nullable import without_null_unions
from common.web.openapi.tidy import with_plain_names, without_titles, without_unused
from common.web.openapi.words import ANSWERS, CONTACT, ERRORS, HEADERS, LICENSE, NAMES
from common.web.problems import MEDIA_TYPE, Problem
from common.web.routing import Route
from events.words import with_published_names

SECURITY: Final = "oauth2"

_ON_EVERY_ANSWER: Final = ("API-Version", "RateLimit", "RateLimit-Policy")
_ALSO: Final[Mapping[int, tuple[str, ...]]] = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
_REFUSED: Final = 400
_CREATED: Final = 201
_FASTAPIS_WORDS: Final = "Successful Response"


def operation_id(route: Route) -> str:
    """Return the operation's name in clients: the resource and the function, such as ``vacanciesPost``."""
    resource = next(part for part in route.path_format.split("/") if part)
    return to_camel(f"{resource.replace('-', '_')}_{route.name.strip('_')}")


def document(
    routes: Sequence[Route], *, title: str, description: str, version: str, server: str, token_url: str
) -> dict[str, Any]:
    """Return the document of one service; ``server`` carries the major version, the paths do not."""
    base = get_openapi(
        title=title,
        version=version,
        openapi_version="3.1.0",
        description=description,
        routes=routes,
        servers=[{"url": server}],
        tags=[{"name": name} for name in dict.fromkeys(str(tag) for route in routes for tag in route.tags)],
    )
    # FastAPI would check these against types that need yet another library, and change the address.
    base["info"] |= {"contact": dict(CONTACT), "license": dict(LICENSE)}
    schemas = base.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(problem.pop("$defs"), Problem=problem)
    base["components"] |= {
        "responses": {_name(status): _response(status, text) for status, text in ERRORS.items()},
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
        "securitySchemes": {SECURITY: _security(routes, token_url)},
    }
    paths: dict[str, Any] = {}
    for route in routes:
        if route.include_in_schema:
            method = route.method.lower()
            operation = base["paths"][route.path_format][method]
            paths.setdefault(_camel_path(route.path_format), {})[method] = _completed(operation, route, schemas)
    base["paths"] = paths
    found: dict[str, Any] = with_plain_names(with_published_names(without_null_unions(without_titles(base))))
    return without_unused(found)


def scopes_of(routes: Iterable[Route]) -> dict[str, str]:
    """Return every scope that the routes ask for, with a sentence."""
    names = sorted({route.scope for route in routes if route.scope})
    return {name: f"{_VERBS.get(_verb(name), _verb(name).capitalize())} {_resource(name)}." for name in names}


_VERBS: Final[Mapping[str, str]] = {"read": "Read", "write": "Add and change"}


def _verb(scope: str) -> str:
    return scope.partition(":")[2]


def _resource(scope: str) -> str:
    return scope.partition(":")[0].replace("-", " ")


def _security(routes: Iterable[Route], token_url: str) -> dict[str, Any]:
    return {
        "type": "oauth2",
        "description": "Client credentials with `private_key_jwt`; the access token goes in the Authorization header.",
        "flows": {"clientCredentials": {"tokenUrl": token_url, "scopes": scopes_of(routes)}},
    }


def _completed(operation: dict[str, Any], route: Route, schemas: Mapping[str, Any]) -> dict[str, Any]:
    operation["operationId"] = operation_id(route)
    operation |= _callers(route)
    parameters = [_parameter(parameter, route) for parameter in operation.pop("parameters", [])]
    parameters += _header_parameters(operation, route, schemas)
    if parameters:
        operation["parameters"] = parameters
    if not route.needs_version and route.method in {"PUT", "DELETE"}:
        operation["x-client-chosen-id"] = True
    responses = operation["responses"]
    responses.pop("422", None)
    for status, answer in responses.items():
        if answer["description"] == _FASTAPIS_WORDS:
            answer["description"] = ANSWERS.get(int(status), "Done.")
        answer["headers"] = {name: _ref("headers", name) for name in _headers_of(int(status), answer, route, schemas)}
    if any(parameter["name"] == "If-None-Match" for parameter in parameters):
        names = (*_ON_EVERY_ANSWER, "ETag")
        responses["304"] = {
            "description": ANSWERS[304],
            "headers": {name: _ref("headers", name) for name in names},
        }
    operation["responses"] = dict(
        sorted({**responses, **{str(status): _ref("responses", _name(status)) for status in _errors_of(route)}}.items())
    )
    return operation


def _callers(route: Route) -> dict[str, Any]:
    """Return who may call: the scope, and where they are declared the roles."""
    if route.authority is None:
        return {"security": [], "x-public": route.public}
    roles = sorted(role.value for role in route.authority.roles)
    return {"security": [{SECURITY: [route.scope]}], **({"x-roles": roles} if roles else {})}


def _errors_of(route: Route) -> list[int]:
    found = {400, 406, 429, 500, 503}
    if not route.public:
        found |= {401, 403}
    if route.method != "GET" or "{" in route.path_format:
        found.add(404)
    if route.method != "GET":
        found |= {409, 422}
    if "if-match" in route.headers:
        found |= {412, 428}
    if route.accepts:
        found |= {413, 415}
    found |= {int(status) for status in route.responses if int(status) >= _REFUSED}
    return sorted(found)


def _headers_of(status: int, answer: Mapping[str, Any], route: Route, schemas: Mapping[str, Any]) -> list[str]:
    names = list(_ON_EVERY_ANSWER)
    properties = _properties(answer, schemas)
    if "version" in properties:
        names.append("ETag")
    if "nextCursor" in properties:
        names.append("Link")
    if status == _CREATED and route.method == "POST":
        names.append("Location")
    return names


def _header_parameters(operation: Mapping[str, Any], route: Route, schemas: Mapping[str, Any]) -> list[dict[str, Any]]:
    if route.needs_key:
        text = "Your name for this write, of 1 to 255 characters: sent twice, it happens once (kept for 7 days)."
        return [_header(idempotency.HEADER, text, required=True)]
    answer = operation["responses"].get("200", {})
    if route.method == "GET" and "version" in _properties(answer, schemas):
        text = "The ETag that you have; 304 where it is still the newest."
        return [_header("If-None-Match", text, required=False, longest=etags.LONGEST)]
    return []


def _header(name: str, text: str, *, required: bool, longest: int = 255) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": text,
        "schema": {"type": "string", "maxLength": longest},
    }


def _parameter(parameter: dict[str, Any], route: Route) -> dict[str, Any]:
    # One that is left out is absent, never null.
    members = [member for member in parameter["schema"].pop("anyOf", []) if member != {"type": "null"}]
    if len(members) == 1:
        parameter["schema"] = members[0] | parameter["schema"]
    elif members:
        parameter["schema"]["anyOf"] = members
    parameter["schema"].pop("description", None)
    if parameter["in"] == "path":
        parameter["name"] = to_camel(parameter["name"])
    if parameter["in"] == "header":
        parameter["name"] = "-".join(word.capitalize() for word in parameter["name"].split("-"))
        # Its absence has a status of its own, so that FastAPI holds it for optional.
        if parameter["name"] == "If-Match" and route.needs_version:
            parameter |= {"required": True, "schema": {"type": "string", "maxLength": 1000}}
    return parameter


def _properties(answer: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of what a JSON answer has."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = schemas.get(name, schema).get("properties", {})
    return found


def _response(status: int, text: str) -> dict[str, Any]:
    names = ("Content-Language", "Vary", *_ON_EVERY_ANSWER, *_ALSO.get(status, ()))
    return {
        "description": text,
        "headers": {name: _ref("headers", name) for name in names},
        "content": {MEDIA_TYPE: {"schema": _ref("schemas", "Problem")}},
    }


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _name(status: int) -> str:
    return NAMES[status]


def _camel_path(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: f"{{{to_camel(found[1])}}}", path)
