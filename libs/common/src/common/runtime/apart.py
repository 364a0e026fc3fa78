"""A process of its own that imports only what it works with: no routes, no tables, not the program that started it."""

# A slice's package declares the slice, so importing anything of it imports the whole service. Whoever computes apart
# has no use for that: here such a package is only a folder.

from __future__ import annotations

import pickle
import sys
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from multiprocessing import get_context
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.process import BaseProcess

_MAIN: Final = "__main__"


def process_of(service: str, work: Callable[..., object], *arguments: object) -> BaseProcess:
    """Start a process that calls ``work``, a function of this service, with arguments that can be pickled.

    The last of them may be a connection; the others travel as bytes, read once slices are folders there.
    """
    *plain, last = arguments
    pickled = pickle.dumps((work, plain))
    process = get_context("spawn").Process(target=_run, args=(service, pickled, last), daemon=True)
    with _no_program():
        process.start()
    return process


def _run(service: str, pickled: bytes, last: object) -> None:
    """Work in the process of its own."""
    sys.meta_path.insert(0, Folders(service))
    work, plain = pickle.loads(pickled)  # noqa: S301 - of the process that started this one
    work(*plain, last)


class Folders:
    """Finds the packages of a service's slices without what they declare."""

    def __init__(self, service: str) -> None:
        """Find those of this service."""
        self._service = service

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return a folder for a slice; None leaves all else to the others."""
        parent, _, _ = name.rpartition(".")
        if parent != self._service:
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is None or found.submodule_search_locations is None:
            return None
        folder = ModuleSpec(name, None, is_package=True)
        folder.submodule_search_locations = found.submodule_search_locations
        return folder


@contextmanager
def _no_program() -> Iterator[None]:
    """Start a process as if no program ran: otherwise it would import the program first, and so all there is."""
    program: Any = sys.modules[_MAIN]
    sys.modules[_MAIN] = ModuleType(_MAIN)
    try:
        yield
    finally:
        sys.modules[_MAIN] = program
