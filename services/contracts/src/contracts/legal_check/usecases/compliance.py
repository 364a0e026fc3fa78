"""The checks of a contract, what a person decides after them, and the document that is then put forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from common.decision import MissingDependency
from common.errors import Invalid
from common.persistence.transaction import Tx
from contracts.contract import store as contracts
from contracts.contract.model import items
from contracts.contract.model.contract import SIGNING, Contract, EmployerNotAsked
from contracts.contract.model.decision import Ruling
from contracts.contract.model.document import Document, draw_up
from contracts.contract.model.terms import Terms
from contracts.contract.usecases import EXTENSION_EXPIRES, SIGN_EXPIRES
from contracts.fact import store as facts
from contracts.hour_line import store as hours
from contracts.legal_check.model.dossier import Dossier
from contracts.legal_check.model.facts.money import of_terms
from contracts.legal_check.model.facts.time import in_company_time
from contracts.legal_check.model.review import decide
from contracts.override import store as overrides
from contracts.standing import store as standings
from rules import fee_band


async def submit(tx: Tx, contract: Contract) -> Contract:
    """Submit a draft and judge it; the person must be locked."""
    submitted, events = contract.submit()
    dossier = await _gather(tx, submitted)
    policies = await tx.policies()
    decision, checks = decide(dossier, policies)
    await contracts.decided(tx, contract, "terms", decision.ruling.value, checks, decision=decision)
    document = draw_up(contract, decision, policies, tx.now)
    judged, outcome = submitted.judge(decision, document.signing)
    judged = await contracts.contracts.apply(tx, judged, [*events, *outcome], policy_version=decision.policy_version)
    if judged.status is SIGNING:
        await _put_forward(tx, judged, document)
    return judged


async def amend(tx: Tx, contract_id: UUID, terms: Terms) -> Contract:
    """Agree on other terms before everybody signed: they are judged anew, and signed anew.

    Raises:
        Invalid: the fee is outside its band, or a mandatory item is missing.
        EmployerNotAsked: the lessons move into the time of an employer that is no party.
    """
    contract = await _locked(tx, contract_id)
    if contract.company_id is None and terms.roster != contract.terms.roster:
        person = await facts.people.find(tx, contract.trainer_id)
        if person is not None and in_company_time(terms, person, await tx.policies()):
            raise EmployerNotAsked
    amended, events = contract.amend(terms)
    if not events:
        return contract
    policies = await tx.policies()
    band = fee_band.faults(of_terms(terms, terms.starts_on), policies)
    if faults := [*band, *items.faults(items.item_facts(amended), policies)]:
        raise Invalid(*faults)
    await tx.cancel_deadline(SIGN_EXPIRES, contract_id)
    return await submit(tx, await contracts.contracts.apply(tx, amended, events))


async def approve(tx: Tx, contract_id: UUID, note: str) -> Contract:
    """Let what was held go on: a person looked at it."""
    contract = await _locked(tx, contract_id)
    terms, decision = contract.under_review()
    document = draw_up(replace(contract, terms=terms), decision, await tx.policies(), tx.now)
    approved, events = contract.approve(document.signing)
    await contracts.decided(tx, contract, "review", Ruling.PASSED.value, (), decision=decision, note=note)
    approved = await contracts.contracts.apply(tx, approved, events, reason="review approved")
    await _put_forward(tx, approved, document)
    return approved


async def reject(tx: Tx, contract_id: UUID, note: str) -> Contract:
    """Refuse what was held."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    rejected, events = contract.reject()
    await contracts.decided(tx, contract, "review", Ruling.REFUSED.value, (), note=note)
    return await contracts.contracts.apply(tx, rejected, events, reason="review rejected")


async def send_back(tx: Tx, contract_id: UUID, note: str) -> Contract:
    """Return what was held to the parties, to be changed."""
    contract = await contracts.contracts.get(tx, contract_id, lock=True)
    returned, events = contract.send_back()
    await contracts.decided(tx, contract, "review", Ruling.RETURNED.value, (), note=note)
    return await contracts.contracts.apply(tx, returned, events, reason="review returned")


async def extend(tx: Tx, contract_id: UUID, ends_on: date) -> Contract:
    """Propose a later end for a contract at work: it is judged, and where it may be, put before the parties."""
    contract = await _locked(tx, contract_id)
    contract.must_allow_end(ends_on)
    later = replace(contract, terms=replace(contract.terms, ends_on=ends_on))
    policies = await tx.policies()
    decision, checks = decide(await _gather(tx, later, extends=contract.terms.ends_on), policies)
    document = draw_up(later, decision, policies, tx.now)
    extended, events = contract.extend(ends_on, decision, document.signing)
    await contracts.decided(tx, contract, "extension", decision.ruling.value, checks, decision=decision)
    extended = await contracts.contracts.apply(tx, extended, events, policy_version=decision.policy_version)
    if decision.ruling is Ruling.PASSED:
        await _put_forward(tx, extended, document)
    return extended


async def _locked(tx: Tx, contract_id: UUID) -> Contract:
    """Lock the person and then the contract, always in this order."""
    found = await contracts.contracts.get(tx, contract_id)
    await contracts.lock_person(tx, found.trainer_id)
    return await contracts.contracts.get(tx, contract_id, lock=True)


async def _put_forward(tx: Tx, contract: Contract, document: Document) -> None:
    await contracts.keep_document(tx, contract, document)
    what = SIGN_EXPIRES if contract.extension is None else EXTENSION_EXPIRES
    await tx.set_deadline(what, contract.id, document.signing.before, case=contract.case)


async def _gather(tx: Tx, contract: Contract, extends: date | None = None) -> Dossier:
    """Bring together everything that is known here.

    Raises:
        MissingDependency: the trainer's profile or the employer has not arrived yet.
    """
    person = await facts.people.find(tx, contract.trainer_id)
    if person is None:
        raise MissingDependency(f"profile/{contract.trainer_id}")
    employer = None
    if contract.company_id is not None:
        employer = await facts.organisations.find(tx, contract.company_id)
        if employer is None:
            raise MissingDependency(f"organisation/{contract.company_id}")
    begins = max(contract.terms.starts_on, tx.today)
    return Dossier(
        contract=contract,
        today=tx.today,
        person=person,
        employer=employer,
        vog=await facts.find_vog(tx, contract.trainer_id),
        others=await contracts.other_work(tx, contract),
        taught=await hours.taught_by(tx, contract.trainer_id, contract.lessons.role),
        override=await overrides.override_for(tx, contract.trainer_id, contract.board_id, begins),
        standing=await standings.standing_at(tx, contract.trainer_id, contract.board_id),
        extends=extends,
    )
