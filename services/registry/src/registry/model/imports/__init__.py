"""Files of others, read and compared: bytes become rows and problems, rows become a plan. Nothing is written here."""

from __future__ import annotations

from registry.model.imports.institutions import ListedInstitution, lists_institutions, parse_institutions
from registry.model.imports.known import Board, Entry, Known, Level, Location, School
from registry.model.imports.locations import ListedLocation, lists_locations, parse_locations
from registry.model.imports.plan import Change, ImportPlan, Repeat, plan, plan_institutions, plan_known, plan_postcodes
from registry.model.imports.postcodes import PostcodeArea, lists_postcodes, parse_postcodes
from registry.model.imports.problems import NothingImported, Problem
from registry.model.imports.table import Parsed, Row, Summary

__all__ = [
    "Board",
    "Change",
    "Entry",
    "ImportPlan",
    "Known",
    "Level",
    "ListedInstitution",
    "ListedLocation",
    "Location",
    "NothingImported",
    "Parsed",
    "PostcodeArea",
    "Problem",
    "Repeat",
    "Row",
    "School",
    "Summary",
    "lists_institutions",
    "lists_locations",
    "lists_postcodes",
    "parse_institutions",
    "parse_locations",
    "parse_postcodes",
    "plan",
    "plan_institutions",
    "plan_known",
    "plan_postcodes",
]
