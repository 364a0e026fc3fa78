"""Use cases of a bottleneck: it is reported, and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.errors import Conflict, InvalidParam
from common.persistence.transaction import Tx
from events.parties import Parties
from events.registry import BottleneckOutcome
from registry.bottleneck_report.model import BottleneckReport, route
from registry.bottleneck_report.store import reports


class ReportedOtherwise(Conflict):
    """Another bottleneck was reported under this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """The words of the reporter."""

    policy_code: str
    item: str
    summary: str


async def report(
    tx: Tx, id_: UUID, bottleneck: Bottleneck, reporter: Parties, of_reporter: Sequence[InvalidParam] = ()
) -> BottleneckReport:
    """Bring a bottleneck to the ministry that owns the rule; under an id that is there already nothing is added.

    ``of_reporter`` are the faults in how the reporter is named.

    Raises:
        Invalid: there is no such rule, no such item of the policy conversation or no such reporter; all at once.
        ReportedOtherwise: another bottleneck has this id.
    """
    known = await reports.find(tx, id_)
    if known is not None and not of_reporter:
        if (known.policy_code, known.item, known.summary, known.parties) != (
            bottleneck.policy_code,
            bottleneck.item,
            bottleneck.summary,
            reporter,
        ):
            raise ReportedOtherwise
        return known
    routed = route(bottleneck.policy_code, bottleneck.item, await tx.policies(), tx.today, of_reporter)
    new = BottleneckReport(
        id=id_,
        reported_at=tx.now,
        policy_code=bottleneck.policy_code,
        item=bottleneck.item,
        ministry=routed.ministry,
        answer_before=routed.answer_before,
        region=reporter.region,
        board_id=reporter.board,
        school_id=reporter.school,
        location_id=reporter.location,
        company_id=reporter.company,
        trainer_id=reporter.trainer,
        organisation_id=reporter.organisation,
        summary=bottleneck.summary,
    )
    return await reports.add(tx, *new.report())


async def answer(
    tx: Tx, report_id: UUID, outcome: BottleneckOutcome, words: str, settled_before: date | None
) -> BottleneckReport:
    """Record what the ministry answers.

    Raises:
        NotPossible: it was answered otherwise.
    """
    known = await reports.get(tx, report_id, lock=True)
    answered = known.give_answer(outcome, words, today=tx.today, settled_before=settled_before)
    return await reports.apply(tx, *answered)
