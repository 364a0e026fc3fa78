"""A later end for a contract at work: checked again and signed again, while the work goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.contract.model.decision import Decision
from contracts.contract.model.signing import Signing


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """The proposed extension; ``signing`` is None as long as a person reviews it."""

    ends_on: date
    decision: Decision
    signing: Signing | None
