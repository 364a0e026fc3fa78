"""What others told: kept for as long as a contract may need it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from common.persistence.transaction import Tx
from contracts.model.copies import Contact, Organisation, Person, Vacancy, Vog
from contracts.store import aggregates, copies, records
from events.registry import ContactState, OrganisationFacts, ProfileState, VacancyFacts


async def keep_vacancies(tx: Tx, told: Sequence[VacancyFacts]) -> None:
    """Keep what schools ask now, and where."""
    vacancies = [Vacancy.of(each) for each in told]
    await copies.vacancies.put(tx, vacancies)
    await aggregates.follow(tx, vacancies)


async def keep_organisations(tx: Tx, told: Sequence[OrganisationFacts]) -> None:
    """Keep what organisations are."""
    await copies.organisations.put(tx, map(Organisation.of, told))


async def keep_contacts(tx: Tx, told: Sequence[ContactState]) -> None:
    """Keep how parties are called."""
    await copies.contacts.put(tx, map(Contact.of, told))


async def keep_profiles(tx: Tx, told: Sequence[ProfileState]) -> set[UUID]:
    """Keep what the law asks about trainers, certificates included; return whose certificate was not known yet."""
    await copies.people.put(tx, map(Person.of, told))
    return await copies.put_vogs(
        tx,
        [
            Vog(id=profile.trainer_id, issued_on=profile.vog_issued_on, shown_on=profile.vog_shown_on)
            for profile in told
            if profile.vog_issued_on is not None and profile.vog_shown_on is not None
        ],
    )


async def forget_profile(tx: Tx, trainer_id: UUID) -> int:
    """Forget a profile that was taken back; return how many rows that were."""
    return await copies.people.drop(tx, trainer_id) + await copies.drop_vog(tx, trainer_id)


async def forget_contact(tx: Tx, party_id: UUID) -> int:
    """Forget a name that was taken back; return how many rows that were."""
    return await copies.contacts.drop(tx, party_id)


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Take out everything personal of a trainer; ids, codes, minutes and money stay."""
    rows = await forget_profile(tx, trainer_id) + await forget_contact(tx, trainer_id)
    return rows + await records.scrub(tx, trainer_id)
