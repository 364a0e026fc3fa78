"""Whether a signed contract may begin its work today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.clock import business_day
from contracts.contract.model.checks import Check, SupervisorFacts
from rules.vog import VogFacts

if TYPE_CHECKING:
    from datetime import date

    from common.policy import Policies
    from contracts.contract.model.contract import Contract
    from contracts.fact.model import Vog


def first_day(contract: Contract, vog: Vog | None, today: date) -> date:
    """Return from which day the work may have begun: agreed, signed by all, certificate shown; never after today.

    It does not depend on when somebody looks: a start that is noticed late is none that came late.
    """
    days = [contract.terms.starts_on]
    if contract.signing is not None and contract.signing.complete_at is not None:
        days.append(business_day(contract.signing.complete_at))
    if vog is not None:
        days.append(vog.shown_on)
    return max(contract.terms.starts_on, min(max(days), today))


def starting_checks(contract: Contract, vog: Vog | None, on: date, policies: Policies) -> tuple[Check, ...]:
    """Check the certificate as of the day on which the work would begin, and that a supervisor is named.

    Raises:
        Missing: the policy is not known on that day.
    """
    needed = contract.decision is not None and contract.decision.supervision
    return (
        Check.make("vog_at_start", vog_facts(contract, vog, on), policies),
        Check.make(
            "supervisor", SupervisorFacts(needed=needed, named=contract.terms.supervisor_id is not None), policies
        ),
    )


def vog_facts(contract: Contract, vog: Vog | None, starts_on: date) -> VogFacts:
    """Return the certificate's dates and the day on which the work would begin."""
    return VogFacts(
        school_type=contract.lessons.school_type,
        starts_on=starts_on,
        issued_on=vog.issued_on if vog else None,
        shown_on=vog.shown_on if vog else None,
        # Lessons by law are none, whatever was declared.
        contract_activity=contract.terms.declared.contract_activity and not contract.lessons.statutory_lessons,
    )
