"""Signatures, in any order, until everybody signed, somebody refuses or time is up; and the end of what never began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from common.caller import Caller
from common.clock import beginning_of, end_of
from common.persistence.transaction import Tx
from contracts.authority import SEE_ALL, must_act_for
from contracts.contract import store
from contracts.contract.model import document as document_model
from contracts.contract.model.contract import SIGNED, SIGNING, UNSIGNED, CancelledReason, Contract, DissolvedReason
from contracts.contract.wording import Agreement, Language, Names, written
from contracts.fact import store as facts
from events.matching import ProposalLapsed
from events.sides import OF_THE_PERSON
from events.words import Party

SIGN_EXPIRES: Final = "contract.sign-expires"
EXTENSION_EXPIRES: Final = "contract.extension-expires"
STARTS: Final = "contract.starts"
ENDS: Final = "contract.ends"
_EMPLOYERS: Final = frozenset({Party.SCHOOL, Party.COMPANY})


async def sign(tx: Tx, contract_id: UUID, by: Party, document_hash: str) -> Contract:
    """Take one signature; the last mandatory one binds everybody, and sets the clock for start and end."""
    contract = await store.contracts.get(tx, contract_id, lock=True)
    signed = await store.contracts.apply(tx, *contract.sign(by, document_hash, tx.now))
    if contract.status is SIGNING and signed.status is SIGNED:
        await tx.cancel_deadline(SIGN_EXPIRES, contract_id)
        await tx.set_deadline(STARTS, contract_id, beginning_of(signed.terms.starts_on), case=signed.case)
        await set_end_deadline(tx, signed)
    elif signed.terms.ends_on != contract.terms.ends_on:
        await tx.cancel_deadline(EXTENSION_EXPIRES, contract_id)
        await set_end_deadline(tx, signed)
    return signed


async def cancel(tx: Tx, contract_id: UUID, reason: CancelledReason) -> Contract:
    """End it before it was signed."""
    contract = await store.contracts.get(tx, contract_id, lock=True)
    await tx.cancel_deadline(SIGN_EXPIRES, contract_id)
    return await store.contracts.apply(tx, *contract.cancel(reason), reason=reason)


async def cancel_for_lapsed_proposal(tx: Tx, contract_id: UUID) -> None:
    """Cancel it because its proposal lapsed; where the last signature came at this very moment, it binds."""
    contract = await store.contracts.get(tx, contract_id, lock=True)
    cancelled, events = contract.cancel_for_lapsed_proposal()
    if events:
        await tx.cancel_deadline(SIGN_EXPIRES, contract_id)
        await store.contracts.apply(tx, cancelled, events, reason=cancelled.reason)


async def expire(tx: Tx, contract_id: UUID) -> None:
    """Stop waiting for signatures; the last one may have come at this very moment."""
    contract = await store.contracts.get(tx, contract_id, lock=True)
    if contract.status is SIGNING and contract.signing is not None and tx.now >= contract.signing.before:
        await store.contracts.apply(tx, *contract.expire())


async def give_up_extension(tx: Tx, contract_id: UUID) -> None:
    """Stop waiting for signatures under an extension; a newer one has a deadline of its own."""
    contract = await store.contracts.get(tx, contract_id, lock=True)
    signing = contract.extension.signing if contract.extension else None
    if signing is not None and tx.now >= signing.before:
        await store.contracts.apply(tx, *contract.give_up_extension())


async def must_employ(tx: Tx, caller: Caller, contract: Contract) -> None:
    """Check that the caller is an employer by the agreement under which the lessons are given.

    Raises:
        ForeignOwner: it is none, though it may be a party to another agreement of the contract.
        Missing: a policy has not arrived.
    """
    must_act_for(caller, contract, *_EMPLOYERS.intersection(await parties_of(tx, contract)))


async def must_employ_by_signing(tx: Tx, caller: Caller, contract: Contract) -> None:
    """Check that the caller is an employer that signs the contract, in any of its agreements.

    Raises:
        ForeignOwner: it is none.
        Missing: a policy has not arrived.
    """
    must_act_for(caller, contract, *_EMPLOYERS.intersection(await signatories(tx, contract)))


def redact_for(caller: Caller, contract: Contract) -> Contract:
    """Leave out why it ended, ends or stands still where that is the person's own, as cases, feed and letters do."""
    if sees_the_person(caller, contract):
        return contract
    ending = contract.ending
    if ending is not None and ending.reason in OF_THE_PERSON:
        contract = replace(contract, ending=replace(ending, reason=None))
    return replace(contract, reason=None) if contract.reason in OF_THE_PERSON else contract


def sees_the_person(caller: Caller, contract: Contract) -> bool:
    """Whether the caller may read what is the trainer's own."""
    return caller.sees(all_for=SEE_ALL, trainers=contract.trainer_id, regions=contract.region)


async def signatories(tx: Tx, contract: Contract) -> frozenset[Party]:
    """Return who signs a contract, must or may, in any of its agreements.

    Raises:
        Missing: a policy has not arrived.
    """
    instruments = document_model.instruments_of(contract, await tx.policies())
    return frozenset(party for each in instruments for party in (*each.mandatory, *each.invited))


async def parties_of(tx: Tx, contract: Contract) -> tuple[Party, ...]:
    """Return the parties of the agreement under which the lessons are given.

    Raises:
        Missing: a policy has not arrived.
    """
    return document_model.parties_of(contract, await tx.policies(), tx.today)


async def set_end_deadline(tx: Tx, contract: Contract) -> None:
    """Set the deadline for the end of the last day; without one nothing ends by itself."""
    if contract.last_day is not None:
        await tx.set_deadline(ENDS, contract.id, end_of(contract.last_day), case=contract.case)


async def dissolve(tx: Tx, contract_id: UUID, reason: DissolvedReason) -> Contract:
    """End what was signed before it starts."""
    contract = await store.contracts.get(tx, contract_id, lock=True)
    await tx.cancel_deadline(STARTS, contract_id)
    await tx.cancel_deadline(ENDS, contract_id)
    return await store.contracts.apply(tx, *contract.dissolve(reason), reason=reason)


async def dissolve_for_vog(tx: Tx, contract_id: UUID, reason: DissolvedReason) -> Contract:
    """Dissolve what cannot start, as no certificate of conduct was shown.

    Raises:
        NothingMissing: nothing that the start needs is known to be missing.
    """
    (await store.contracts.get(tx, contract_id, lock=True)).must_lack_something()
    return await dissolve(tx, contract_id, reason)


async def withdraw(tx: Tx, vacancy_id: UUID) -> None:
    """Let go of what a withdrawn vacancy was about; work that has begun goes on."""
    await facts.withdraw_vacancy(tx, vacancy_id)
    for contract_id in await store.ids_of(tx, vacancy_id=vacancy_id, status=UNSIGNED):
        await cancel(tx, contract_id, "vacancy_withdrawn")
    for contract_id in await store.ids_of(tx, vacancy_id=vacancy_id, status={SIGNED}):
        await dissolve(tx, contract_id, "vacancy_withdrawn")


async def lapse(tx: Tx, lapsed: ProposalLapsed) -> None:
    """Cancel what was drafted too late, or see to it that nothing is drafted; what was signed goes on."""
    if lapsed.follows_contract:
        return
    await store.lock_person(tx, lapsed.trainer_id)
    await facts.lapse_proposal(tx, lapsed.proposal_id, tx.today)
    if known := await store.by_proposal(tx, lapsed.proposal_id):
        await cancel_for_lapsed_proposal(tx, known.id)


async def follow_vacancies(tx: Tx, regions: Mapping[UUID, str | None]) -> None:
    """Move contracts with their vacancies to another region."""
    await store.follow(tx, regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """One version of a contract's document, to be read."""

    contract_id: UUID
    trainer_id: UUID
    document_version: int
    document_hash: str
    language: Language
    clauses: dict[str, Any]
    text: str
    agreements: tuple[Agreement, ...]


async def document(tx: Tx, contract: Contract, version: int | None, language: Language) -> DocumentText:
    """Return a version of a contract's document, by default the newest, with the names as they are today.

    Raises:
        NotFound: there is no such version.
    """
    row = await store.find_document(tx, contract.id, contract.documents if version is None else version)
    text, agreements = written(row.clauses, await _names(tx, contract), language)
    return DocumentText(
        contract_id=contract.id,
        trainer_id=contract.trainer_id,
        document_version=row.version,
        document_hash=row.hash,
        language=language,
        clauses=row.clauses,
        text=text,
        agreements=agreements,
    )


async def _names(tx: Tx, contract: Contract) -> Names:
    ids = {
        "trainer": contract.trainer_id,
        "board": contract.board_id,
        "school": contract.school_id,
        "location": contract.location_id,
        "company": contract.company_id,
    }
    known = await facts.contacts.find_all(tx, [id_ for id_ in ids.values() if id_ is not None])
    return {part: known[id_] for part, id_ in ids.items() if id_ in known}
