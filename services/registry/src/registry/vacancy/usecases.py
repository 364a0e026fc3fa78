"""Use cases of vacancies, and the effect of contracts on their places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from common.clock import beginning_of
from common.decision import MissingDependency
from common.errors import Invalid, InvalidParam, Message
from common.persistence.store import Change
from common.persistence.transaction import Tx
from events.contracts import ContractEvent
from registry.engagement import store as engagement_store
from registry.engagement.model import Engagement, all_over, places_taken
from registry.organisation import store as organisation_store
from registry.organisation.model import LOCATION, SCHOOL, NotConfirmed, Organisation
from registry.organisation.store import organisations
from registry.reference import store as reference_store
from registry.vacancy import store
from registry.vacancy.model.terms import Site, Terms, check
from registry.vacancy.model.vacancy import FILLED, OPEN, LocationCloses, NobodyToAddress, Vacancy, WithdrawnReason
from registry.vacancy.store import vacancies

EXPIRES: Final = "vacancy.expires"


async def would_draft(tx: Tx, id_: UUID, site: Site, terms: Terms) -> Change[Vacancy]:
    """Return what a draft would be; nothing is stored."""
    check(terms, site, await reference_store.trade_codes(tx), await tx.policies())
    return Vacancy.draft(id_, site, terms)


async def draft(tx: Tx, id_: UUID, site: Site, terms: Terms) -> Vacancy:
    """Prepare a vacancy; nobody is asked yet."""
    return await vacancies.add(tx, *await would_draft(tx, id_, site, terms))


async def would_post(tx: Tx, id_: UUID, site: Site, terms: Terms) -> Change[Vacancy]:
    """Return what a vacancy would be; nothing is stored, and nobody is asked."""
    check(terms, site, await reference_store.trade_codes(tx), await tx.policies())
    if not site.somebody_to_tell:
        raise NobodyToAddress
    return Vacancy.post(id_, site, terms, today=tx.today)


async def post(tx: Tx, id_: UUID, site: Site, terms: Terms) -> Vacancy:
    """Ask for trainers."""
    return await _until_it_expires(tx, await vacancies.add(tx, *await would_post(tx, id_, site, terms)))


async def publish(tx: Tx, vacancy_id: UUID) -> Vacancy:
    """Ask with a draft, or again with an expired one."""
    vacancy = await vacancies.get(tx, vacancy_id)
    site = await site_of(tx, vacancy.location_id)
    if not site.somebody_to_tell:
        raise NobodyToAddress
    if not site.is_open(vacancy.starts_on):
        raise LocationCloses(closed_on=site.closed_on)
    return await _until_it_expires(tx, await vacancies.apply(tx, *vacancy.publish(tx.today)))


async def change(tx: Tx, vacancy: Vacancy, site: Site, terms: Terms) -> Vacancy:
    """Ask something else."""
    check(terms, site, await reference_store.trade_codes(tx), await tx.policies())
    signed = places_taken(await engagement_store.of_vacancy(tx, vacancy.id))
    changed = await vacancies.apply(tx, *vacancy.change(site, terms, signed=signed, today=tx.today))
    return await _until_it_expires(tx, changed)


async def withdraw(tx: Tx, vacancy_id: UUID, reason: WithdrawnReason) -> Vacancy:
    """Take it back."""
    await tx.cancel_deadline(EXPIRES, vacancy_id)
    return await vacancies.apply(tx, *(await vacancies.get(tx, vacancy_id)).withdraw(reason))


async def expire(tx: Tx, vacancy_id: UUID) -> None:
    """Stop asking, long after the work should have begun."""
    await vacancies.apply(tx, *(await vacancies.get(tx, vacancy_id)).expire())


async def site_of(tx: Tx, location_id: UUID) -> Site:
    """Return where the work is: a location, or a school without any.

    Raises:
        Invalid: it is neither.
        NotConfirmed: it does not take part yet.
    """
    site = await organisations.find(tx, location_id)
    if site is None or site.kind not in {LOCATION, SCHOOL}:
        raise Invalid(InvalidParam("locationId", Message("There is no location or school with this id"), "unknown"))
    if not site.confirmed:
        raise NotConfirmed
    school = await organisations.find(tx, site.school_id) if site.school_id else None
    closed = [one.closed_on for one in (site, school) if one and one.closed_on]
    contact = await organisation_store.contact_of(tx, school or site)
    return replace(_site(site), closed_on=min(closed, default=None), somebody_to_tell=contact is not None)


async def follow(tx: Tx, moved: Iterable[Organisation]) -> None:
    """Take the vacancies along with locations and schools that are known elsewhere, or under another board."""
    sites = {each.id: _site(each) for each in moved if each.kind in {LOCATION, SCHOOL}}
    if sites:
        for vacancy in await store.at(tx, sites):
            await vacancies.apply(tx, *vacancy.follow(sites[vacancy.location_id]))


def _site(site: Organisation) -> Site:
    school_id = site.school_id or site.id
    return Site(
        board_id=site.board_id or school_id,
        school_id=school_id,
        location_id=site.id,
        region=site.region,
        municipality=site.municipality,
        latitude=site.latitude,
        longitude=site.longitude,
        school_types=site.school_types,
    )


async def take_place(tx: Tx, contract: ContractEvent) -> None:
    """Take note of a signed contract; the last place fills the vacancy."""
    vacancy = await _the(tx, contract.vacancy_id)
    engagement = Engagement(
        contract_id=contract.contract_id,
        vacancy_id=contract.vacancy_id,
        trainer_id=contract.trainer_id,
        signed_on=tx.today,
    )
    await engagement_store.sign(tx, engagement)
    await _count(tx, vacancy)


async def end_contract(tx: Tx, contract: ContractEvent, *, ended_on: date, fell_away: bool) -> None:
    """Take note that a contract is over: one that fell away frees its place, the last one closes the vacancy."""
    vacancy = await _the(tx, contract.vacancy_id)
    if await engagement_store.end(tx, contract.contract_id, ended_on=ended_on, fell_away=fell_away) is None:
        raise MissingDependency(f"contract/{contract.contract_id}")
    counted = await _count(tx, vacancy)
    if counted.status is FILLED and all_over(await engagement_store.of_vacancy(tx, vacancy.id)):
        await vacancies.apply(tx, *counted.close())


async def _the(tx: Tx, vacancy_id: UUID) -> Vacancy:
    """Return a vacancy, locked: two contracts that are signed at once are counted one after the other."""
    vacancy = await vacancies.find(tx, vacancy_id, lock=True)
    if vacancy is None:
        raise MissingDependency(f"vacancy/{vacancy_id}")
    return vacancy


async def _count(tx: Tx, vacancy: Vacancy) -> Vacancy:
    signed = places_taken(await engagement_store.of_vacancy(tx, vacancy.id))
    counted = await vacancies.apply(tx, *vacancy.count(signed))
    return await _until_it_expires(tx, counted) if counted.version != vacancy.version else counted


async def _until_it_expires(tx: Tx, vacancy: Vacancy) -> Vacancy:
    """Have an open vacancy expire in the end; one that is not open does not."""
    if vacancy.status is not OPEN:
        await tx.cancel_deadline(EXPIRES, vacancy.id)
        return vacancy
    days: int = (await tx.policies()).on("terms.vacancy", tx.today).value["expiresAfterStartDays"]
    last = max(vacancy.starts_on, tx.today) + timedelta(days=days)
    await tx.set_deadline(EXPIRES, vacancy.id, beginning_of(last), case=vacancy.id)
    return vacancy
