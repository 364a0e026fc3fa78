"""From a dossier to what each rule asks."""

from __future__ import annotations

from contracts.legal_check.model.facts.money import (
    fee_band_facts,
    invoice_lines,
    lending_facts,
    rate_facts,
    self_employment_facts,
    vat_facts,
)
from contracts.legal_check.model.facts.person import eligibility_facts, form_facts, vog_plan
from contracts.legal_check.model.facts.time import chain_facts, working_time_facts

__all__ = [
    "chain_facts",
    "eligibility_facts",
    "fee_band_facts",
    "form_facts",
    "invoice_lines",
    "lending_facts",
    "rate_facts",
    "self_employment_facts",
    "vat_facts",
    "vog_plan",
    "working_time_facts",
]
