"""Use cases of replicas: facts are stored for as long as a contract may need them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from common.persistence.transaction import Tx
from contracts.fact import store
from contracts.fact.model import Contact, Organisation, Person, Vacancy, Vog
from events.registry import ContactState, OrganisationFacts, ProfileState, VacancyFacts


async def keep_vacancies(tx: Tx, facts: Sequence[VacancyFacts]) -> None:
    """Keep what schools ask now, and where."""
    await store.vacancies.put(tx, map(Vacancy.of, facts))


async def keep_organisations(tx: Tx, facts: Sequence[OrganisationFacts]) -> None:
    """Keep what organisations are."""
    await store.organisations.put(tx, map(Organisation.of, facts))


async def keep_contacts(tx: Tx, facts: Sequence[ContactState]) -> None:
    """Keep how parties are called."""
    await store.contacts.put(tx, map(Contact.of, facts))


async def keep_profiles(tx: Tx, facts: Sequence[ProfileState]) -> set[UUID]:
    """Keep what the law asks about trainers, certificates included; return whose certificate was not known yet."""
    await store.people.put(tx, map(Person.of, facts))
    return await store.put_vogs(
        tx,
        [
            Vog(id=profile.trainer_id, issued_on=profile.vog_issued_on, shown_on=profile.vog_shown_on)
            for profile in facts
            if profile.vog_issued_on is not None and profile.vog_shown_on is not None
        ],
    )


async def erase_profile(tx: Tx, trainer_id: UUID) -> int:
    """Erase a profile that was taken back; return how many rows that were."""
    return await store.people.erase(tx, trainer_id) + await store.drop_vog(tx, trainer_id)


async def erase_contact(tx: Tx, party_id: UUID) -> int:
    """Erase a name that was taken back; return how many rows that were."""
    return await store.contacts.erase(tx, party_id)


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Erase what is known of a trainer; return how many rows that were."""
    return await erase_profile(tx, trainer_id) + await erase_contact(tx, trainer_id)
