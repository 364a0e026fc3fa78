"""What is only ever added: decisions with their facts, the documents put before the parties, overrides of a cap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, select, update
from uuid_utils.compat import uuid7

from common.persistence.transaction import Tx
from contracts.model.checks import Check, StoredCheck
from contracts.model.contract import Contract
from contracts.model.decision import Cost, Decision
from contracts.model.document import Document
from contracts.store import tables
from rules.guest_cap import PilotOverride

_CHECKS: Final = TypeAdapter(tuple[StoredCheck, ...])
_COSTS: Final = TypeAdapter(tuple[Cost, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody's decision, for one person at one board, to let the cap for guests be exceeded for a while."""

    id: UUID
    trainer_id: UUID
    board_id: UUID
    reason: str
    owner: str
    starts_on: date
    ends_on: date


async def decided(
    tx: Tx,
    contract: Contract,
    about: str,
    ruling: str,
    checks: Iterable[Check],
    *,
    decision: Decision | None = None,
    note: str | None = None,
) -> None:
    """Keep a decision with everything that it can be repeated from, also where it was a refusal."""
    stored = tuple(map(StoredCheck.of, checks))
    policies = (check.policy_version for check in stored)
    costs = _COSTS.dump_python((decision.vat, *decision.costs) if decision else (), mode="json")
    await tx.execute(
        insert(tables.decisions),
        {
            "id": uuid7(),
            "contract_id": contract.id,
            "trainer_id": contract.trainer_id,
            "about": about,
            "ruling": ruling,
            "made_at": tx.now,
            "policy_version": decision.policy_version if decision else max(policies, default=0),
            "checks": _CHECKS.dump_python(stored, mode="json"),
            "vat": costs[0] if costs else None,
            "costs": costs[1:],
            "note": note,
        },
    )


def read_checks(row: Mapping[str, Any] | Any) -> tuple[StoredCheck, ...]:
    """Read a decision's checks back."""
    return _CHECKS.validate_python(row["checks"], strict=False)


async def keep_document(tx: Tx, contract: Contract, document: Document) -> None:
    """Keep the clauses of one version for as long as the contract is kept."""
    await tx.execute(
        insert(tables.documents),
        {
            "contract_id": contract.id,
            "version": document.signing.version,
            "hash": document.signing.hash,
            "clauses": dict(document.clauses),
            "made_at": tx.now,
        },
    )


async def add_override(tx: Tx, override: Override) -> Override:
    """Let a cap be exceeded; somebody answers for it and it ends."""
    row = {name: getattr(override, name) for name in Override.__slots__}
    await tx.execute(insert(tables.overrides), row)
    return override


async def override_for(tx: Tx, trainer_id: UUID, board_id: UUID, day: date) -> PilotOverride | None:
    """Return the override that holds on a day; of several the one that lasts longest."""
    table = tables.overrides
    query = (
        select(table)
        .where(table.c.trainer_id == trainer_id, table.c.board_id == board_id)
        .where(table.c.starts_on <= day, table.c.ends_on >= day)
        .order_by(table.c.ends_on.desc(), table.c.id)
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return PilotOverride(reason=row.reason, owner=row.owner, starts_on=row.starts_on, ends_on=row.ends_on)


_PERSONAL: Final = frozenset({"vog", "vog_at_start"})
"""The checks whose facts say something of a person that is no code, minute or amount."""
_ANONYMISED: Final = "anonymised"


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Take a person out of what is kept: the certificate's dates, what was missing at the start, what others wrote.

    Returns how many rows that were. Ids, codes, minutes and money stay, so that no figure changes and every other
    outcome can still be repeated.
    """
    table, overrides, held = tables.decisions, tables.overrides, tables.contracts
    rows = (await tx.execute(select(table).where(table.c.trainer_id == trainer_id))).mappings().all()
    for row in rows:
        checks = [_without_dates(check) for check in row["checks"]]
        await tx.execute(update(table).where(table.c.id == row["id"]).values(checks=checks, note=None))
    lifted = update(overrides).where(overrides.c.trainer_id == trainer_id).values(reason=_ANONYMISED)
    waited = update(held).where(held.c.trainer_id == trainer_id, held.c.held != []).values(held=[])
    return len(rows) + (await tx.execute(lifted)).rowcount + (await tx.execute(waited)).rowcount


def _without_dates(check: dict[str, Any]) -> dict[str, Any]:
    if check["name"] not in _PERSONAL:
        return check
    return {**check, "facts": {}, "findings": [{**finding, "measured": None} for finding in check["findings"]]}
