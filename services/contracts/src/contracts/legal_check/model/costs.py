"""The cost of the work to the school in a year, VAT included: in the agreed form, and in every other one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.contract.model.decision import Cost
from contracts.legal_check.model.facts import invoice_lines, vat_facts
from events.words import Form
from rules.forms import feasible_forms
from rules.vat import VatOutcome, cost_to_school_side_by_side, decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.policy import Policies
    from contracts.legal_check.model.dossier import Dossier
    from rules.vat_facts import VatFacts


def cost(outcome: VatOutcome, form: Form, lines: Sequence[int]) -> Cost:
    """Put an outcome of the VAT table and the invoice lines into one sum; lines are equal, in cents."""
    net = sum(lines)
    vat = None if outcome.rate is None else outcome.vat_cents(lines)
    return Cost(
        form=form,
        row=outcome.row,
        treatment=outcome.treatment.value,
        rate=outcome.rate,
        legal_basis=outcome.legal_basis,
        fiscal_review=outcome.fiscal_review,
        reclaimable=outcome.reclaimable,
        lines=len(lines),
        line_cents=lines[0] if lines else 0,
        net_cents=net,
        vat_cents=vat,
        total_cents=None if vat is None else net + vat,
    )


def agreed_cost(dossier: Dossier, policies: Policies) -> tuple[VatFacts, Cost]:
    """Return what the agreed form costs, with the facts that decided its VAT."""
    lines = invoice_lines(dossier, policies)
    facts = vat_facts(dossier, sum(lines))
    return facts, cost(decide(facts, policies), dossier.contract.form, lines)


def side_by_side(facts: VatFacts, policies: Policies, agreed: Cost) -> tuple[Cost, ...]:
    """Return the cost in every form that is open to the trainer, at the same lines; ``agreed`` among them."""
    lines = (agreed.line_cents,) * agreed.lines
    feasible = feasible_forms(facts.day, policies, employed=facts.lender is not None)
    options = cost_to_school_side_by_side(facts, policies, dict.fromkeys(feasible, lines))
    found = {option.form: cost(option.outcome, option.form, lines) for option in options}
    found[agreed.form] = agreed
    return tuple(found[form] for form in Form if form in found)
