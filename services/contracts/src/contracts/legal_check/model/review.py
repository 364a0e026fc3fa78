"""The legal checks of one contract together, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contracts.contract.model.checks import SUPERVISOR, Check, SupervisorFacts, joined
from contracts.contract.model.decision import Decision, Ruling
from contracts.contract.model.findings import notable
from contracts.contract.model.items import item_facts
from contracts.legal_check.model import facts
from contracts.legal_check.model.costs import agreed_cost, side_by_side
from rules.qualification import Obligation, assess

if TYPE_CHECKING:
    from common.policy import Policies
    from contracts.legal_check.model.dossier import Dossier


_OF_THE_PARTIES: Final = frozenset({SUPERVISOR.lower(), "fee_band", "items"})
"""Checks whose block the parties can put right."""


def decide(dossier: Dossier, policies: Policies) -> tuple[Decision, tuple[Check, ...]]:
    """Judge the contract by every rule; the decision is for the contract, the checks for the log.

    Raises:
        Missing: a policy is not known here on the day that it is asked for.
    """
    vat_facts, vat = agreed_cost(dossier, policies)
    eligible_by = facts.eligibility_facts(dossier, policies)
    eligible = assess(eligible_by, policies)
    supervision = Obligation.SUPERVISION in eligible.obligations
    named = dossier.contract.terms.supervisor_id is not None
    asked = {
        "form": facts.form_facts(dossier),
        "vat": vat_facts,
        "self_employment": facts.self_employment_facts(dossier, supervision=supervision),
        "lending": facts.lending_facts(dossier),
        "fee_band": facts.fee_band_facts(dossier),
        "rate_band": facts.rate_facts(dossier),
        # An extension changes nothing but the last day.
        "items": item_facts(dossier.contract) if dossier.extends is None else None,
        "qualification": eligible_by,
        "supervisor": SupervisorFacts(needed=supervision, named=named),
        # An extension starts nothing: the certificate was shown when the work began.
        "vog": facts.vog_plan(dossier) if dossier.extends is None else None,
        "working_time": facts.working_time_facts(dossier, policies),
        "chain_rule": facts.chain_facts(dossier),
    }
    checks = tuple(Check.make(name, given, policies) for name, given in asked.items() if given is not None)
    decision = Decision(
        ruling=_ruling(checks),
        policy_version=policies.version,
        findings=notable(joined(checks).reasons),
        ground=eligible.ground,
        supervision=supervision,
        counts_teaching_minutes=eligible.counts_teaching_minutes,
        vat=vat,
        costs=side_by_side(vat_facts, policies, vat),
    )
    return decision, checks


def _ruling(checks: tuple[Check, ...]) -> Ruling:
    blocked = {check.name for check in checks if not check.verdict.ok}
    if blocked - _OF_THE_PARTIES:
        return Ruling.REFUSED
    if blocked:
        return Ruling.RETURNED
    return Ruling.HELD if joined(checks).needs_review else Ruling.PASSED
