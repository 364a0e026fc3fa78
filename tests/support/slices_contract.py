"""Two kinds of import contract that read the order of slices where it is declared: in each service's ``app.py``."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from importlinter.contracts.layers import LayersContract
from importlinter.domain import fields

LAYERS = [
    "(routes) | (handlers) | (deadlines) | (app)",
    "(usecases) | (queries) | (views) | (session) | (forms)",
    "(store) | (channels) | (wording) | (records)",
    "(tables)",
    "(model)",
]
"""Inside a slice: each imports those below it; what is beside it is a stranger. Every slice has a few of these."""


def slices_of(service: str) -> list[str]:
    """Return the slices that a service's ``app.py`` names, in their order; nothing is imported."""
    spec = find_spec(service)
    (folder,) = (spec.submodule_search_locations or [""]) if spec else [""]
    tree = ast.parse((Path(folder) / "app.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "SLICES" and node.value is not None:
            return [ast.unparse(each) for each in ast.walk(node.value) if isinstance(each, ast.Name)]
    raise LookupError(f"{service}/app.py has no SLICES")


class SlicesContract(LayersContract):
    """The slices of a service import each other in the order of its ``app.py`` only: each those before it."""

    type_name = "slices"
    service = fields.StringField()
    below = fields.ListField(subfield=fields.StringField(), required=False)
    """Modules beside the slices that every slice may import, highest first."""

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        """Find the layers."""
        service, below = str(contract_options["service"]), list(contract_options.get("below", []))
        found = {
            "containers": [service],
            "layers": ["app", *reversed(slices_of(service)), *below],
            "exhaustive": "true",
            "exhaustive_ignores": ["migrations"],
        }
        super().__init__(name, session_options, {**contract_options, **found})


class SliceLayersContract(LayersContract):
    """The same few files in every slice of these services, in one order."""

    type_name = "slice-layers"
    services = fields.ListField(subfield=fields.StringField())

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        """Find the slices."""
        services = [str(service) for service in contract_options["services"]]
        containers = [f"{service}.{each}" for service in services for each in slices_of(service)]
        found = {"containers": containers, "layers": LAYERS, "exhaustive": "true"}
        super().__init__(name, session_options, {**contract_options, **found})
