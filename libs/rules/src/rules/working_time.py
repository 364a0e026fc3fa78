"""Working time R1 to R7: one person's work at all employers against the limits that bind each of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from common.decision import Outcome, Reason, Verdict
from rules import rest
from rules.roster import DeclaredHours, WorkInterval
from rules.timeline import Weeks, clock, merged, stretch_of, stretches_of, weeks_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from common.policy import Policies, PolicyRow
    from rules.timeline import Stretch

_RULES: Final = ("R1", "R2", "R3", "R4", "R5", "R6", "R7")
_MAXIMA: Final = ("R1", "R2", "R3", "R4")
USED: Final = "minutes/limit"
"""Minutes of a limit, which people read as "46 of 48 hours"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTimeFacts:
    """All work of one person, and the day whose policies judge it.

    Give everything from 16 weeks before the work that is judged: a week without any counts as empty.
    """

    day: date
    intervals: tuple[WorkInterval, ...]
    declared: tuple[DeclaredHours, ...] = ()
    """Employers whose roster is not known."""
    cao_deviation: bool = False
    """A collective agreement raises the limit of R3."""
    earns_exempt_wage: bool = False
    """The wage is so high that the limits do not bind: policy ``working_time.exemption``."""
    main_employer: str = ""
    """Whose declared hours the work may not double; empty where that is not judged."""
    contract_id: str = ""
    """The contract that is judged: what another one doubles is not its matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A reason, with the contracts that have work in its period."""

    reason: Reason
    contract_ids: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """The worst period of one rule, in minutes since 1970; ``label`` says it to people."""

    rule: str
    measured: int | Decimal
    limit: int
    breached: bool
    start: int
    end: int
    label: str


def check(facts: WorkingTimeFacts, policies: Policies) -> Verdict:
    """Return the worst period of each rule R1 to R6, and each limit that is nearly reached (R7), in minutes.

    Raises:
        Missing: a policy ``working_time.…`` is not known on that day.
    """
    return Verdict(
        policy_version=policies.version, reasons=tuple(finding.reason for finding in findings(facts, policies))
    )


def findings(facts: WorkingTimeFacts, policies: Policies) -> tuple[Finding, ...]:
    """Return what ``check`` says, with the contracts involved.

    Work of an advisory form never blocks: a limit that is broken only with it gives a further warning. Who earns
    above the exemption is under no limit: what would be broken is advice.
    """
    rows = {rule: policies.on(f"working_time.{rule}", facts.day) for rule in _RULES}
    advisory = policies.on("working_time.counting", facts.day).value["advisoryForms"]
    spread = policies.on("working_time.declared", facts.day).value
    work = [stretch_of(interval) for interval in facts.intervals]
    for declared in facts.declared:
        work += stretches_of(declared, spread)
    binding = [stretch for stretch in work if stretch.form not in advisory]

    measured = _measure(binding, rows, cao_deviation=facts.cao_deviation)
    exempt = _exempt(facts, policies)
    found = [] if exempt is None else [exempt]
    found += [
        _finding(each, rows[each.rule], _outcome(each, rows[each.rule], exempt=exempt is not None), binding)
        for each in measured
    ]
    found += _nearly_reached(measured, rows["R7"], binding)
    if len(binding) < len(work):
        broken = {each.rule for each in measured if each.breached}
        found += [
            _finding(each, rows[each.rule], Outcome.WARN, work)
            for each in _measure(work, rows, cao_deviation=facts.cao_deviation)
            if each.breached and each.rule not in broken
        ]
    found += _double_booked(facts, work, policies)
    return tuple(found)


def _exempt(facts: WorkingTimeFacts, policies: Policies) -> Finding | None:
    """Why no limit binds, with the wage an hour from which that is so."""
    if not facts.earns_exempt_wage:
        return None
    row = policies.on("working_time.exemption", facts.day)
    reason = Reason(
        rule="WORKING_TIME_EXEMPT",
        outcome=Outcome.PASS,
        measured=True,
        limit=Decimal(row.value["timesMinimumWage"]) * row.value["minimumHourlyCents"],
        unit="cents/hour",
        source=row.source,
    )
    return Finding(reason=reason, contract_ids=frozenset())


def _double_booked(facts: WorkingTimeFacts, work: Sequence[Stretch], policies: Policies) -> list[Finding]:
    """The week in which the work lies most in the hours that the main employer counts on."""
    if not facts.main_employer:
        return []
    at_main = merged((each.start, each.end) for each in work if each.assumed and each.employer == facts.main_employer)
    starts, ends = zip(*at_main, strict=True) if at_main else ((), ())
    doubled = [
        each._replace(start=max(each.start, shift.start), end=min(each.end, shift.end))
        for each in work
        if not each.assumed and each.employer != facts.main_employer and each.contract_id == facts.contract_id
        for shift in at_main[bisect_right(ends, each.start) : bisect_left(starts, each.end)]
    ]
    if not doubled:
        return []
    row = policies.on("working_time.double_booking", facts.day)
    worst = _mean("DOUBLE_BOOKED", weeks_of(doubled), 1, row.value["maxMinutesPerWeek"])
    return [_finding(worst, row, _outcome(worst, row), doubled)]


def _measure(work: Sequence[Stretch], rows: Mapping[str, PolicyRow], *, cao_deviation: bool) -> list[_Measured]:
    """Measure R1 to R6; without work there is nothing to measure."""
    if not work:
        return []
    value = {rule: row.value for rule, row in rows.items()}
    shifts = merged(((stretch.start, stretch.end) for stretch in work), value["R1"]["mergeGapMinutes"])
    weeks = weeks_of(work)
    longest = max(shifts, key=lambda shift: shift.end - shift.start)
    r3_limit = value["R3"]["maxMeanMinutesByCao" if cao_deviation else "maxMeanMinutes"]
    return [
        _Measured(
            rule="R1",
            measured=longest.end - longest.start,
            limit=value["R1"]["maxMinutes"],
            breached=longest.end - longest.start > value["R1"]["maxMinutes"],
            start=longest.start,
            end=longest.end,
            label=f"{clock(longest.start)}/{clock(longest.end)}",
        ),
        _mean("R2", weeks, 1, value["R2"]["maxMinutes"]),
        _mean("R3", weeks, value["R3"]["weeks"], r3_limit),
        _mean("R4", weeks, value["R4"]["weeks"], value["R4"]["maxMeanMinutes"]),
        _rest("R5", rest.worst(rest.daily(shifts, value["R5"]))),
        _rest("R6", rest.worst(rest.weekly(shifts, value["R6"]))),
    ]


def _mean(rule: str, weeks: Weeks, span: int, limit: int) -> _Measured:
    """The highest mean over ``span`` weeks; weeks before the first work are empty and count all the same."""
    totals = []
    running = 0
    for index, minutes in enumerate(weeks.minutes):
        running += minutes - (weeks.minutes[index - span] if index >= span else 0)
        totals.append(running)
    last = max(range(len(totals)), key=totals.__getitem__)
    first = max(last - span + 1, 0)
    iso = weeks.mondays[last].isocalendar()
    return _Measured(
        rule=rule,
        measured=totals[last] if span == 1 else Decimal(totals[last]) / span,
        limit=limit,
        breached=totals[last] > limit * span,
        start=weeks.starts[first],
        end=weeks.starts[last + 1],
        label=f"{iso.year}-W{iso.week:02d}" if span == 1 else f"{span} weeks to {iso.year}-W{iso.week:02d}",
    )


def _rest(rule: str, found: rest.Rest) -> _Measured:
    return _Measured(
        rule=rule,
        measured=found.measured,
        limit=found.limit,
        breached=found.short,
        start=found.start,
        end=found.end,
        label=f"{clock(found.start)}/{clock(found.end)}",
    )


def _outcome(each: _Measured, row: PolicyRow, *, exempt: bool = False) -> Outcome:
    if not each.breached:
        return Outcome.PASS
    return Outcome.WARN if exempt else Outcome(row.value["outcome"])


def _finding(each: _Measured, row: PolicyRow, outcome: Outcome, work: Sequence[Stretch]) -> Finding:
    reason = Reason(
        rule=each.rule,
        outcome=outcome,
        measured=each.measured,
        limit=each.limit,
        unit="minutes",
        period=each.label,
        source=row.source,
    )
    return Finding(reason=reason, contract_ids=_contracts(each, work))


def _nearly_reached(measured: Sequence[_Measured], row: PolicyRow, work: Sequence[Stretch]) -> list[Finding]:
    """R7: a maximum that holds, but of which the given share is used."""
    share = Decimal(row.value["shareOfLimit"])
    # Rows of before showed from which share on it warned, and not the limit that people know.
    unit = row.value.get("unit", "minutes")
    shown = Decimal(1) if unit == USED else share
    return [
        Finding(
            reason=Reason(
                rule="R7",
                outcome=Outcome(row.value["outcome"]),
                measured=each.measured,
                limit=each.limit * shown,
                unit=unit,
                period=f"{each.rule} {each.label}",
                source=row.source,
            ),
            contract_ids=_contracts(each, work),
        )
        for each in measured
        if each.rule in _MAXIMA and not each.breached and each.measured >= each.limit * share
    ]


def _contracts(each: _Measured, work: Sequence[Stretch]) -> frozenset[str]:
    return frozenset(
        stretch.contract_id
        for stretch in work
        if stretch.contract_id and stretch.start < each.end and stretch.end > each.start
    )
