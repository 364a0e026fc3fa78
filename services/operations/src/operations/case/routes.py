"""Over HTTP: cases, and what happened in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

from fastapi import Query

from common.persistence.paging import Paged
from common.web import Caller, InTx, Moment, Page, Paging, Router, View, scope
from operations.case import queries, tables, wording
from operations.case.model.next_steps import CATALOGUE
from operations.case.usecases.looking import record_look

if TYPE_CHECKING:
    CaseKind: TypeAlias = str
else:
    CaseKind = Literal[tuple(sorted(CATALOGUE.kinds))]

router: Final = Router(tags=["Cases"])


class OwedView(View):
    """Something that somebody owes in a case."""

    what: str
    text_nl: str
    text_en: str
    owners: list[str]
    due_at: Moment | None


class CaseView(View):
    """A case in one line."""

    id: UUID
    kind: str
    opened_at: Moment
    latest_at: Moment
    latest: str
    open: bool
    next_step: OwedView | None
    region: str | None


class RelatedView(View):
    """A case that shares something with this one."""

    id: UUID
    kind: str


class CaseDetailView(CaseView):
    """A case with all that is owed in it."""

    owed: list[OwedView]
    related: list[RelatedView]


class StepView(View):
    """Something that happened in a case, in whichever service."""

    event_id: UUID
    at: Moment
    recorded_at: Moment
    service: str
    event: str
    subject: str
    sequence: int | None
    cause: UUID | None
    facts: dict[str, Any]


def _owed(row: Any, prefix: str = "") -> OwedView | None:
    what = row[f"{prefix}what"]
    if what is None:
        return None
    return OwedView(
        what=what,
        text_nl=wording.step(what, "nl"),
        text_en=wording.step(what, "en"),
        owners=list(row[f"{prefix}owners"]),
        due_at=row["due_at"],
    )


def _case(row: Any) -> CaseView:
    shown = row._mapping if hasattr(row, "_mapping") else row  # noqa: SLF001 - SQLAlchemy's public name for it
    return CaseView(
        **{name: shown[name] for name in ("id", "kind", "opened_at", "latest_at", "latest", "open", "region")},
        next_step=_owed(shown, "next_"),
    )


@router.get("/cases", response_model=Page[CaseView], dependencies=[scope("cases:read")])
async def list_cases(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    kind: Annotated[CaseKind | None, Query(description="Only these.")] = None,
    is_open: Annotated[bool | None, Query(description="Whether something is owed in it.")] = None,
    overdue: Annotated[bool | None, Query(description="Only cases whose next step is late.")] = None,
    involving: Annotated[UUID | None, Query(description="Any id of the case that the caller may know.")] = None,
    region: Annotated[str | None, Query(description="A labour-market region, such as AM28.", max_length=10)] = None,
) -> Paged[CaseView]:
    """List cases, the one that changed last first: each with its next step, who owes it and until when.

    A party of a case sees its own steps: what changed last and what is next are of those, and so is each filter.
    """
    parts = queries.case_list(
        caller,
        kind=kind,
        is_open=is_open,
        overdue_at=tx.now if overdue else None,
        involving=involving,
        region=region,
    )
    page = await paging.read_parts(tx, *parts, newest_first=True)
    return Paged([_case(row) for row in page.items], page.next_cursor)


@router.get("/cases/{case_id}", response_model=CaseDetailView, dependencies=[scope("cases:read")])
async def get_case(case_id: UUID, caller: Caller, tx: InTx) -> CaseDetailView:
    """Show one case: what is owed in it, by whom and until when, and the cases it is linked to."""
    case = await _looked_at(tx, caller, case_id)
    return CaseDetailView(
        **_case(case).model_dump(by_alias=False),
        owed=[owed for step in case["owed"] if (owed := _owed(step))],
        related=[RelatedView(**other) for other in case["related"]],
    )


@router.get("/cases/{case_id}/steps", response_model=Page[StepView], dependencies=[scope("cases:read")])
async def list_steps(case_id: UUID, caller: Caller, tx: InTx, paging: Paging) -> Paged[Any]:
    """List what happened in a case, across all services, in order: to its parties what concerns them."""
    case = await _looked_at(tx, caller, case_id)
    page = await paging.read(tx, queries.steps_of(caller, case), tables.steps.c.event_id)
    return Paged([queries.shown(caller, case, step) for step in page.items], page.next_cursor)


async def _looked_at(tx: InTx, caller: Caller, case_id: UUID) -> dict[str, Any]:
    case = await queries.one_case(tx, caller, case_id)
    await record_look(tx, caller, case, await queries.people_in(tx, case_id))
    return case
