"""Imports over HTTP: a dry run first, then the same file for good."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any, Final, TypeVar

from fastapi import Body, Query

from common.caller import CallerRole
from common.web import InTx, Language, Router, max_body_size, roles, scope, wording
from registry.file_import import usecases
from registry.file_import.model.encoding import MAX_BYTES
from registry.file_import.model.report import Report
from registry.file_import.views import AdditionView, ChangeView, CountsView, ProblemView, RepeatView, ReportView

T = TypeVar("T")

router = Router(tags=["Imports"])
_IMPORT = [scope("imports:write"), roles(CallerRole.PROGRAMME), max_body_size(MAX_BYTES)]
MOST: Final = 1000
"""Of each list in a report, the first so many; the counts are of all."""

File = Annotated[
    bytes,
    Body(
        media_type="text/csv",
        description="The file as it is: UTF-8 or windows-1252; separated by comma, semicolon or tab.",
    ),
]
DryRun = Annotated[bool, Query(description="Only report what would change.")]
SkipBadRows = Annotated[bool, Query(description="Take in the usable rows; false is all or nothing.")]


@router.post(
    "/imports/schools",
    response_model=ReportView,
    dependencies=_IMPORT,
)
async def schools(
    file: File,
    tx: InTx,
    language: Language,
    dry_run: DryRun = False,  # noqa: FBT002 - a query
    skip_bad_rows: SkipBadRows = True,  # noqa: FBT002 - a query
) -> ReportView:
    """Take in a list of locations (DUO), with their schools and boards."""
    return _shown(await usecases.import_schools(tx, file, dry_run=dry_run, skip_bad_rows=skip_bad_rows), language)


@router.post(
    "/imports/institutions",
    response_model=ReportView,
    dependencies=_IMPORT,
)
async def institutions(
    file: File,
    tx: InTx,
    language: Language,
    dry_run: DryRun = False,  # noqa: FBT002 - a query
    skip_bad_rows: SkipBadRows = True,  # noqa: FBT002 - a query
) -> ReportView:
    """Take in a list of institutions without locations, such as those of mbo."""
    return _shown(await usecases.import_institutions(tx, file, dry_run=dry_run, skip_bad_rows=skip_bad_rows), language)


@router.post(
    "/imports/postcodes",
    response_model=ReportView,
    dependencies=_IMPORT,
)
async def postcodes(
    file: File,
    tx: InTx,
    language: Language,
    dry_run: DryRun = False,  # noqa: FBT002 - a query
    skip_bad_rows: SkipBadRows = True,  # noqa: FBT002 - a query
) -> ReportView:
    """Take in a postcode reference: whoever is in an area that is drawn anew moves with it."""
    return _shown(await usecases.import_postcodes(tx, file, dry_run=dry_run, skip_bad_rows=skip_bad_rows), language)


def _shown(report: Report[Any], language: Language) -> ReportView:
    plan, summary = report.plan, report.summary
    return ReportView(
        applied=report.applied,
        encoding=summary.encoding,
        separator=summary.separator,
        rows=summary.rows,
        usable=summary.usable - plan.left_out,
        counts={kind: CountsView(**counts) for kind, counts in plan.counts().items()},
        additions=[AdditionView(kind=one.kind, code=one.key, name=_name(one)) for one in _first(plan.additions)],
        changes=[
            ChangeView(kind=change.after.kind, code=change.after.key, fields=list(change.fields))
            for change in _first(plan.changes)
        ],
        repeats=[RepeatView.model_validate(repeat) for repeat in _first(plan.repeats)],
        repeat_count=len(plan.repeats),
        problems=[
            ProblemView(line=one.line, field=one.field, code=one.code, reason=wording.text(one.reason, language))
            for one in plan.problems
        ],
        pending=_first(list(report.pending)),
        problem_count=plan.problem_count,
        absent=_first(plan.absent),
        absent_count=len(plan.absent),
        nameless=plan.nameless,
    )


def _first(found: Sequence[T]) -> list[T]:
    return list(islice(found, MOST))


def _name(entry: Any) -> str:
    return str(entry.place if entry.kind == "postcode_area" else entry.name)
