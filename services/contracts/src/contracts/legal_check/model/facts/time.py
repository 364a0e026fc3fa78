"""Facts for the rules about time: working time over all employers, and the row of temporary contracts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from contracts.contract.model import week
from contracts.contract.model.contract import BOUND
from contracts.contract.model.week import DAY
from contracts.legal_check.model.facts.person import hours_known
from events.words import Form, Slot
from rules import roster
from rules.chain_rule import ChainFacts, Term
from rules.dates import ONE_DAY, add_months
from rules.roster import DeclaredHours, WorkInterval
from rules.working_time import WorkingTimeFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from common.policy import Policies
    from contracts.contract.model.contract import Contract
    from contracts.contract.model.terms import Terms
    from contracts.fact.model import Person
    from contracts.legal_check.model.dossier import Dossier

_A_YEAR: Final = 12
_WEEKDAYS: Final = frozenset(range(1, 6))
_EVERY_DAY: Final = frozenset(range(1, 8))


def working_time_facts(dossier: Dossier, policies: Policies) -> WorkingTimeFacts:
    """Ask whether all the work of this person fits, from the longest mean before the start.

    A year after the last change shows every week that there will be: from then on work only ends.
    """
    weeks = int(policies.on("working_time.R4", dossier.begins).value["weeks"])
    since, spread = dossier.begins - timedelta(weeks=weeks), policies.on("working_time.declared", dossier.begins).value
    until = _horizon(dossier)
    intervals: list[WorkInterval] = []
    declared = [_company_hours(dossier, since, until)] if hours_known(dossier.person) else []
    for each in (dossier.contract, *dossier.others):
        first = max(each.terms.starts_on, since)
        last = min(dossier.last_of(each), until)
        employer = _employer(each)
        slots = _slots(each, dossier, spread)
        intervals += roster.rostered(slots, first, last, employer=employer, form=each.form, contract_id=str(each.id))
        if each.form is Form.DUAL_EMPLOYMENT and first <= last:
            # Preparation has no hour of its own; it counts in the week's minutes of the same employer.
            total = each.terms.minutes_per_week + each.terms.preparation_minutes_per_week
            days = _room_for(total, frozenset(slot.weekday for slot in slots))
            declared.append(
                DeclaredHours(
                    employer=employer, minutes_per_week=total, working_days=days, first_day=first, last_day=last
                )
            )
    # Hours by appointment are assumed: that they lie in other assumed hours means nothing.
    doubles = dossier.contract.terms.roster is not None and hours_known(dossier.person)
    return WorkingTimeFacts(
        day=dossier.begins,
        intervals=tuple(intervals),
        declared=tuple(declared),
        earns_exempt_wage=dossier.contract.terms.declared.earns_exempt_wage,
        main_employer=str(dossier.main_employer) if doubles else "",
        contract_id=str(dossier.contract.id),
        cao_deviation=dossier.declared.cao_deviation,
    )


def chain_facts(dossier: Dossier) -> ChainFacts:
    """Ask whether the row of temporary contracts with this board becomes a permanent one."""
    contract = dossier.contract
    here = [each for each in dossier.others if each.board_id == contract.board_id and each.status in BOUND]
    earlier = [_term(each) for each in here if _on_payroll(each)]
    starts_on = contract.terms.starts_on
    if dossier.extends is not None:
        earlier.append(Term(starts_on=contract.active_from or starts_on, ends_on=dossier.extends))
        starts_on = dossier.extends + ONE_DAY
    return ChainFacts(
        form=contract.form,
        school_type=contract.lessons.school_type,
        new=Term(starts_on=starts_on, ends_on=contract.terms.ends_on),
        earlier=tuple(earlier),
        on_payroll=contract.terms.declared.on_payroll,
        lent_before=tuple(_term(each) for each in here if each.form is Form.SECONDMENT),
        past_pension_age=contract.terms.declared.past_pension_age,
        learning_contract=contract.terms.declared.learning_contract,
    )


def in_company_time(terms: Terms, person: Person, policies: Policies) -> bool:
    """Whether the lessons lie in the hours declared at the company; the parties may declare otherwise."""
    return terms.roster is not None and week.touches(terms.roster, company_week(person, terms.starts_on, policies))


def company_week(person: Person, day: date, policies: Policies) -> tuple[Slot, ...]:
    """Return the hours declared at the company, spread over its days; none where they are not known."""
    if not hours_known(person):
        return ()
    hours = DeclaredHours(
        employer="company",
        minutes_per_week=person.company_minutes_per_week,
        working_days=frozenset(person.company_days),
        first_day=day,
        last_day=day,
    )
    slots = roster.declared_slots(hours, policies.on("working_time.declared", day).value)
    return tuple(Slot(day=slot.weekday, starts=slot.starts, ends=slot.ends) for slot in slots)


def _horizon(dossier: Dossier) -> date:
    """The last day to look at: what begins later than all this is judged when it is agreed on."""
    starts = [dossier.begins, *(each.terms.starts_on for each in dossier.others)]
    changes = max(start for start in starts if start <= max(dossier.last, dossier.begins))
    return min(dossier.last, add_months(changes, _A_YEAR))


def _company_hours(dossier: Dossier, since: date, until: date) -> DeclaredHours:
    return DeclaredHours(
        employer=str(dossier.main_employer),
        minutes_per_week=dossier.person.company_minutes_per_week,
        working_days=frozenset(dossier.person.company_days),
        first_day=since,
        last_day=until,
    )


def _employer(contract: Contract) -> str:
    """Under whose contract of employment the hours fall; one's own where there is none."""
    in_company = contract.form is Form.SECONDMENT or (
        contract.form is Form.GUEST and contract.terms.declared.in_company_time
    )
    if in_company:
        return str(contract.company_id)
    return "self" if contract.form is Form.SELF_EMPLOYED else str(contract.board_id)


def _slots(contract: Contract, dossier: Dossier, spread: Mapping[str, Any]) -> tuple[roster.Slot, ...]:
    """The roster; lessons by appointment are spread over the days on which the trainer can come."""
    terms = contract.terms
    if terms.roster is not None:
        return tuple(roster.Slot(weekday=slot.day, starts=slot.starts, ends=slot.ends) for slot in terms.roster)
    days = frozenset(slot.day for slot in dossier.person.availability) or _WEEKDAYS
    hours = DeclaredHours(
        employer=_employer(contract),
        minutes_per_week=terms.minutes_per_week,
        working_days=_room_for(terms.minutes_per_week, days),
        first_day=terms.starts_on,
        last_day=dossier.last,
    )
    return roster.declared_slots(hours, spread)


def _room_for(minutes: int, days: frozenset[int]) -> frozenset[int]:
    """These days if so many minutes fit into them, else the whole week."""
    return days if minutes <= len(days) * DAY else _EVERY_DAY


def _term(contract: Contract) -> Term:
    """As it was worked, as far as it was."""
    return Term(
        starts_on=contract.active_from or contract.terms.starts_on, ends_on=contract.ended_on or contract.last_day
    )


def _on_payroll(contract: Contract) -> bool:
    return contract.form is Form.DUAL_EMPLOYMENT or contract.terms.declared.on_payroll
