"""Reasons as the published language says them: every measure as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from common.decision import Measure, Outcome, Reason
from events.words import Finding
from rules import vog


def finding(reason: Reason) -> Finding:
    """Return one reason in words that every service reads."""
    return Finding(
        rule=reason.rule,
        outcome=reason.outcome.value,
        measured=_text(reason.measured),
        limit=_text(reason.limit),
        unit=reason.unit,
        period=reason.period,
        source=reason.source,
    )


def findings(reasons: Iterable[Reason]) -> tuple[Finding, ...]:
    """Return all of them, in order."""
    return tuple(map(finding, reasons))


def notable(reasons: Iterable[Reason]) -> tuple[Finding, ...]:
    """Return those that say more than that all is well, for events that are kept for ever, and to parties.

    A date of the certificate is not: it stands in the log of decisions only, where it can be scrubbed.
    """
    return tuple(finding(_undated(reason)) for reason in reasons if reason.outcome is not Outcome.PASS)


def _undated(reason: Reason) -> Reason:
    return replace(reason, measured=None) if reason.rule in vog.DATED else reason


def _text(measure: Measure) -> str | None:
    if measure is None:
        return None
    return str(measure).lower() if isinstance(measure, bool) else str(measure)
