"""The checks by name: what each is asked, and how it answers again from what was stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from common.decision import Outcome, Reason, Verdict
from common.policy import Policies
from contracts.contract.model import items
from contracts.contract.model.findings import findings
from contracts.contract.model.items import ItemFacts
from events.words import Finding, Form
from rules import chain_rule, fee_band, lending, qualification, rate_band, self_employment, vat, vog, working_time
from rules.chain_rule import ChainFacts
from rules.eligibility import EligibilityFacts
from rules.fee_band import FeeBandFacts
from rules.forms import feasible_forms
from rules.lending import LendingFacts
from rules.rate_band import RateFacts
from rules.self_employment import SelfEmploymentFacts
from rules.vat_facts import VatFacts
from rules.vog import VogFacts
from rules.working_time import WorkingTimeFacts

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class VogPlan:
    """Whether a certificate can be there at the start, as seen on a day."""

    vog: VogFacts
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFacts:
    """The form that was agreed, and what is known of an employer."""

    form: Form
    day: date
    employed: bool
    hours_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorFacts:
    """Whether a qualified teacher must answer for the lessons, and one is named."""

    needed: bool
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One check: the facts it takes, and its answer."""

    facts: TypeAdapter[Any]
    answer: Callable[[Any, Policies], Verdict]


def _form(facts: FormFacts, policies: Policies) -> Verdict:
    feasible = facts.form in feasible_forms(facts.day, policies, employed=facts.employed)
    source = policies.on(f"forms.{facts.form}", facts.day).source
    outcome = Outcome.PASS if feasible else Outcome.BLOCK
    reasons = [Reason(rule="FORM", outcome=outcome, measured=facts.employed, unit="employed", source=source)]
    if facts.employed and not facts.hours_known:
        reasons.append(Reason(rule="COMPANY_HOURS_UNKNOWN", outcome=Outcome.WARN))
    return Verdict(policy_version=policies.version, reasons=tuple(reasons))


def _supervisor(facts: SupervisorFacts, policies: Policies) -> Verdict:
    outcome = Outcome.BLOCK if facts.needed and not facts.named else Outcome.PASS
    reason = Reason(rule=SUPERVISOR, outcome=outcome, measured=facts.named, limit=facts.needed)
    return Verdict(policy_version=policies.version, reasons=(reason,))


def _vog(plan: VogPlan, policies: Policies) -> Verdict:
    return vog.attainable(plan.vog, plan.today, policies)


SUPERVISOR: Final = "SUPERVISOR"

KINDS: Final[Mapping[str, Kind]] = {
    "form": Kind(facts=TypeAdapter(FormFacts), answer=_form),
    "vat": Kind(facts=TypeAdapter(VatFacts), answer=vat.check),
    "self_employment": Kind(facts=TypeAdapter(SelfEmploymentFacts), answer=self_employment.check),
    "lending": Kind(facts=TypeAdapter(LendingFacts), answer=lending.check),
    "fee_band": Kind(facts=TypeAdapter(FeeBandFacts), answer=fee_band.check),
    "rate_band": Kind(facts=TypeAdapter(RateFacts), answer=rate_band.check),
    "items": Kind(facts=TypeAdapter(ItemFacts), answer=items.check),
    "qualification": Kind(facts=TypeAdapter(EligibilityFacts), answer=qualification.check),
    "supervisor": Kind(facts=TypeAdapter(SupervisorFacts), answer=_supervisor),
    "vog": Kind(facts=TypeAdapter(VogPlan), answer=_vog),
    "vog_at_start": Kind(facts=TypeAdapter(VogFacts), answer=vog.check),
    "working_time": Kind(facts=TypeAdapter(WorkingTimeFacts), answer=working_time.check),
    "chain_rule": Kind(facts=TypeAdapter(ChainFacts), answer=chain_rule.check),
}
"""In the order in which they are shown."""
OF_THE_DEAL: Final = frozenset({"form", "vat", "lending", "fee_band", "rate_band", "items", "supervisor"})
"""Checks whose facts are those of the contract itself. Facts of any other check are the person's: what they hold, and
where, when and for whom else they work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check that was made."""

    name: str
    facts: Any
    verdict: Verdict

    @classmethod
    def make(cls, name: str, facts: Any, policies: Policies) -> Check:
        """Ask it.

        Raises:
            Missing: a policy that it needs is not known on its day.
        """
        return cls(name=name, facts=facts, verdict=KINDS[name].answer(facts, policies))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """A check as it is kept: plain facts, every reason, and under which policies."""

    name: str
    facts: Mapping[str, Any]
    ok: bool
    findings: tuple[Finding, ...]
    policy_version: int

    @classmethod
    def of(cls, check: Check) -> StoredCheck:
        """Put a check down."""
        return cls(
            name=check.name,
            facts=KINDS[check.name].facts.dump_python(check.facts, mode="json"),
            ok=check.verdict.ok,
            findings=findings(check.verdict.reasons),
            policy_version=check.verdict.policy_version,
        )

    def repeat(self, policies: Policies) -> StoredCheck:
        """Ask again what was asked, under the policies of then out of all those of ``policies``.

        The facts are those that were stored: a rule of today may take more, which no row of then looks at.
        """
        facts = KINDS[self.name].facts.validate_python(self.facts)
        again = StoredCheck.of(Check.make(self.name, facts, as_of(policies, self.policy_version)))
        return replace(again, facts=self.facts)


def as_of(policies: Policies, version: int) -> Policies:
    """Return the set of policies as it was at that version."""
    return Policies.of(row for rows in policies.rows.values() for row in rows if row.version <= version)


def joined(checks: Iterable[Check]) -> Verdict:
    """Return all reasons as one verdict."""
    return Verdict.all_of(check.verdict for check in checks)
