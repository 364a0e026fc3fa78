"""Facts for the rules about the person: the form, eligibility and its caps, the certificate of conduct."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from contracts.assignment.model.starting import vog_facts
from contracts.contract.model.checks import FormFacts, VogPlan
from contracts.contract.model.contract import BOUND, LIVE
from rules.eligibility import Credential, EligibilityFacts, Held
from rules.guest_cap import PlannedWork, first_lesson_above

if TYPE_CHECKING:
    from common.policy import Policies
    from contracts.contract.model.contract import Contract
    from contracts.fact.model import Person
    from contracts.legal_check.model.dossier import Dossier

_A_DAY: Final = 24 * 60


def form_facts(dossier: Dossier) -> FormFacts:
    """Ask whether the form is open to somebody with, or without, an employer."""
    return FormFacts(
        form=dossier.contract.form,
        day=dossier.begins,
        employed=dossier.main_employer is not None,
        hours_known=hours_known(dossier.person),
    )


def hours_known(person: Person) -> bool:
    """Whether the hours at the main employer were declared, and fit into the days that were."""
    return 0 < person.company_minutes_per_week <= _A_DAY * len(set(person.company_days))


def eligibility_facts(dossier: Dossier, policies: Policies) -> EligibilityFacts:
    """Ask on which ground the trainer may do this, with everything that counts towards its limits."""
    contract, person, lessons = dossier.contract, dossier.person, dossier.contract.lessons
    rivals = (each for each in dossier.others if each.status in LIVE and each.lessons.role is lessons.role)
    return EligibilityFacts(
        day=dossier.begins,
        until=contract.terms.ends_on,
        school_type=lessons.school_type,
        role=lessons.role,
        board=str(contract.board_id),
        subject=lessons.subject,
        upper_years=lessons.upper_years,
        held=tuple(_held(dossier)),
        experience_years=person.experience_years,
        taught=dossier.taught,
        planned=tuple(_planned(dossier, each) for each in (contract, *rivals)),
        above_cap_since=_above_cap_since(dossier, policies),
        extended_until=dossier.declared.above_cap_until,
        override=dossier.override,
        share_lower_years=dossier.declared.share_lower_years,
        school_share_underqualified=dossier.declared.school_share_underqualified,
        used=dossier.declared.used(_worked(dossier)),
        contract_activity=not lessons.statutory_lessons,
    )


def vog_plan(dossier: Dossier) -> VogPlan:
    """Ask whether a certificate can be there at the start."""
    return VogPlan(vog=vog_facts(dossier.contract, dossier.vog, dossier.begins), today=dossier.today)


def _held(dossier: Dossier) -> Iterator[Held]:
    """Return the verified qualifications that the law knows."""
    for each in dossier.person.qualifications:
        if each.verified and each.code in set(Credential):
            subjects = frozenset({each.subject}) if each.subject else frozenset[str]()
            yield Held(credential=Credential(each.code), subjects=subjects, expires_on=each.valid_until)
    if dossier.person.in_training:
        yield Held(credential=Credential.IN_TRAINING)
    for decision in dossier.declared.board_decisions:
        yield Held(credential=Credential(decision))


def _worked(dossier: Dossier) -> Iterator[tuple[str, date]]:
    """Return on which ground each contract at this board began, and when; also the one that is to last longer."""
    for each in (*dossier.others, dossier.contract):
        bound = each.status in BOUND and each.board_id == dossier.contract.board_id
        if bound and each.decision is not None and each.decision.ground is not None:
            yield each.decision.ground, each.active_from or each.terms.starts_on


def _planned(dossier: Dossier, contract: Contract) -> PlannedWork:
    return PlannedWork(
        first_day=max(contract.terms.starts_on, dossier.today),
        last_day=dossier.last_of(contract),
        minutes_per_week=contract.terms.minutes_per_week,
        board=str(contract.board_id),
        max_minutes_per_school_year=contract.terms.max_minutes_per_school_year,
    )


def _above_cap_since(dossier: Dossier, policies: Policies) -> date | None:
    """The first lesson above a yearly cap of this role: two years run from it."""
    lessons = dossier.contract.lessons
    counting = policies.on("qualification.counting", dossier.begins).value
    for code, rows in policies.rows.items():
        for row in rows:
            value = row.value
            if (
                code.startswith("qualification.ground.")
                and row.holds_on(dossier.begins)
                and value["maxMinutesPerSchoolYear"] is not None
                and lessons.role in value["roles"]
                and lessons.school_type in value["schoolTypes"]
            ):
                return first_lesson_above(
                    dossier.taught,
                    board=str(dossier.contract.board_id),
                    cap_minutes=value["maxMinutesPerSchoolYear"],
                    counting=counting,
                )
    return None
