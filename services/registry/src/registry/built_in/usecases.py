"""The built-in schools, companies and trainers, taken in piece by piece so that a progress bar can move."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from common.persistence.transaction import Tx
from registry.built_in import model, records
from registry.file_import.model.plan import plan_known
from registry.file_import.model.translator import ImportTranslator
from registry.file_import.usecases import take_in
from registry.identifiers import identity
from registry.organisation import store as organisation_store
from registry.organisation.model import COMPANY, SCHOOL, Contact, Organisation
from registry.organisation.store import organisations
from registry.organisation.usecases import register
from registry.policy.usecases import built_in_policies, publish_policies
from registry.reference import store as reference_store
from registry.trainer.model.person import Person, Vog
from registry.trainer.model.profile import Profile
from registry.trainer.store import trainers
from registry.trainer.usecases import qualification as qualification_usecases
from registry.trainer.usecases import trainer as trainer_usecases
from rules.dates import add_months
from rules.qualification import Credential

AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of the work; ``load`` in a transaction of its own. Doing it again changes and publishes nothing."""

    name: str
    """``schools``, ``companies`` or ``trainers``."""
    size: int
    load: Callable[[Tx], Awaitable[None]]


def builtin_chunks() -> tuple[Chunk, ...]:
    """Return the pieces in the order in which they must be loaded, after ``seed_reference``."""
    built_in = records.load()
    people = built_in.trainers
    return (
        Chunk("schools", len(built_in.organisations.entries), _load_schools),
        Chunk("companies", len(built_in.companies), _load_companies),
        *(
            Chunk("trainers", len(some), partial(_load_trainers, some))
            for some in (people[start : start + AT_ONCE] for start in range(0, len(people), AT_ONCE))
        ),
    )


async def _load_schools(tx: Tx) -> None:
    built_in = records.load()
    listed = ImportTranslator(await organisation_store.all_schools(tx))
    outcome = listed.outcome(plan_known(listed.known(), built_in.organisations))
    with_contacts = [
        replace(school, contact=_contact(built_in.school_contacts[str(school.brin)])).register()
        if school.kind is SCHOOL
        else (school, events)
        for school, events in outcome.added
    ]
    listed.know(school for school, _ in with_contacts)
    await take_in(tx, listed, replace(outcome, added=with_contacts))


async def _load_companies(tx: Tx) -> None:
    for company in records.load().companies:
        if await organisations.find(tx, company.id) is None:
            wanted = Organisation(
                id=company.id,
                kind=COMPANY,
                name=company.name,
                kvk=company.kvk,
                street=company.street,
                house_number=company.house_number,
                postcode=company.postcode,
                lending_status=company.lending_status,
                education_recognised=company.education_recognition,
                size=company.size,
                contact=_contact(company.contact),
            )
            await register(tx, wanted)


async def _load_trainers(some: Sequence[model.Trainer], tx: Tx) -> None:
    for one in some:
        if await trainers.find(tx, one.id) is None:
            await _load_trainer(tx, one)


async def _load_trainer(tx: Tx, one: model.Trainer) -> None:
    """Take one trainer through everything that an intake asks."""
    company_id = identity("company", one.company) if one.company else None
    await trainer_usecases.apply(tx, one.id, _person(one), company_id=company_id, was_trainer_before=False)
    confirmed = await trainer_usecases.confirm(tx, one.id)
    months: int = (await tx.policies()).on("terms.consent", tx.today).value["months"]
    consenting = await trainer_usecases.give_consent(tx, confirmed.id, add_months(tx.today, months))
    await trainer_usecases.update_profile(tx, consenting, _profile(one))
    for held in one.qualifications:
        id_ = identity("qualification", f"{one.code}/{held.code}/{held.subject}")
        await qualification_usecases.claim(
            tx, id_, one.id, Credential(held.code), subject=held.subject, evidence="Built-in example"
        )
        if held.verified:
            await qualification_usecases.review(tx, id_)
            await qualification_usecases.verify(tx, id_, valid_until=held.valid_until)
    if one.vog_issued_days_ago is not None and one.vog_shown_days_ago is not None:
        issued, shown = (tx.today - timedelta(days=days) for days in (one.vog_issued_days_ago, one.vog_shown_days_ago))
        await trainer_usecases.show_vog(tx, one.id, Vog(issued_on=issued, shown_on=shown, seen_by="Built-in example"))
    if company_id:
        await trainer_usecases.employer_agrees(tx, one.id)
    await trainer_usecases.become_available(tx, one.id)


def _person(one: model.Trainer) -> Person:
    town = records.load().towns[one.town]
    return Person(
        name=f"{one.given_name} {one.family_name}", email=one.email, language=one.language, postcode=f"{town.pc4}XX"
    )


def _profile(one: model.Trainer) -> Profile:
    return Profile(
        trades=one.trades,
        school_types=one.school_types,
        roles=one.roles,
        forms=one.forms,
        availability=one.availability,
        desired_minutes_per_week=one.desired_minutes_per_week,
        desired_months=one.desired_months,
        travel_km=one.travel_km,
        languages=one.languages,
        company_minutes_per_week=one.company_minutes_per_week,
        company_days=one.company_days,
        in_training=any(held.code in {Credential.IN_TRAINING, Credential.IN_PDG} for held in one.qualifications),
        experience_years=one.experience_years,
        crkbo_registered=one.crkbo_registered,
    )


def _contact(contact: model.Contact) -> Contact:
    return Contact(name=f"{contact.given_name} {contact.family_name}", email=contact.email, language=contact.language)


async def seed_reference(tx: Tx) -> int:
    """Have the built-in regions, trades, towns and rules known; return how many policy rows were published.

    Doing it again changes and publishes nothing.
    """
    built_in = records.load()
    await reference_store.keep_regions(tx, [asdict(region) for region in built_in.regions])
    await reference_store.keep_trades(tx, [asdict(trade) for trade in built_in.trades])
    await reference_store.add_areas(tx, built_in.postcodes.values())
    return len(await publish_policies(tx, built_in_policies()))
