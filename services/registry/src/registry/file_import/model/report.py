"""The report of an import, made or planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from registry.file_import.model.plan import ImportPlan, Keyed
from registry.file_import.model.table import Summary

E = TypeVar("E", bound=Keyed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Generic[E]):
    """How the file was written, and what it comes to; ``applied`` False is a dry run."""

    summary: Summary
    plan: ImportPlan[E]
    applied: bool
    pending: tuple[str, ...] = ()
    """Codes of the file that somebody registered who is not confirmed: the file's own organisations have them now."""
