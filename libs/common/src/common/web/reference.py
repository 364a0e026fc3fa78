"""The API's page for people: the OpenAPI document as HTML, made here, without scripts or anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, Template, select_autoescape
from starlette.responses import HTMLResponse, Response

_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:60rem;padding:1rem}
h2{border-bottom:2px solid;margin-top:2.5rem}
h3{font:600 1rem ui-monospace,monospace;margin:2rem 0 .25rem}
h3 b{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse;margin:.5rem 0;width:100%}
th,td{border-top:1px solid;padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top}
code{font-family:ui-monospace,monospace}
p{margin:.25rem 0}
"""


def reference_page(document: dict[str, Any], prefix: str) -> Response:
    """Return the page of one service's API."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
    html = _template().render(document=document, prefix=prefix, style=_STYLE, groups=_groups(document))
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Sort the operations under their tags."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            entry = {**operation, "path": path, "method": method.upper(), "answers": _answers(operation, document)}
            entry["body"] = _fields(operation.get("requestBody", {}), document)
            groups.setdefault(operation["tags"][0], []).append(entry)
    return groups


def _answers(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, str]:
    return {status: _resolved(answer, document)["description"] for status, answer in operation["responses"].items()}


def _fields(body: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    schema = _resolved(body.get("content", {}).get("application/json", {}).get("schema", {}), document)
    required = schema.get("required", [])
    return [
        {"name": name, "type": _type(field), "required": name in required, "text": field.get("description", "")}
        for name, field in schema.get("properties", {}).items()
    ]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return " or ".join(kind if isinstance(kind, list) else [schema.get("format", kind)])


def _resolved(node: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = document
    for step in str(node["$ref"]).removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("common.web", "."), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("reference.html")
