"""Use cases of a trainer, from the application to the erasure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from common.clock import beginning_of, end_of
from common.errors import Conflict, Invalid, InvalidParam, Message
from common.messaging import erasure
from common.persistence.terms import Purge
from common.persistence.transaction import Tx
from events import Event
from events.erasure import ErasureConfirmed
from events.registry import ContactState, ProfileState
from events.words import Form
from registry.engagement import store as engagement_store
from registry.engagement.model import all_over
from registry.organisation.model import COMPANY, NotConfirmed
from registry.organisation.store import organisations
from registry.rate_limit.model import Applicant
from registry.rate_limit.usecases import count_application, count_change_of_address
from registry.reference import store as reference_store
from registry.reference.model import PostcodeArea
from registry.reference.usecases import the_area_of
from registry.trainer import store
from registry.trainer.model.person import Person, Vog
from registry.trainer.model.profile import Profile
from registry.trainer.model.qualification import held
from registry.trainer.model.retention import erase_on
from registry.trainer.model.states import contact_state, profile_state
from registry.trainer.model.trainer import (
    ANONYMISED,
    APPLIED,
    LEFT,
    TAKING_PART,
    AtWork,
    ComparedFirst,
    LeftReason,
    NobodyAlike,
    Trainer,
)
from registry.trainer.store import trainers
from rules.dates import add_months
from rules.forms import feasible_forms

EXPIRES, CONSENT_REMINDER, CONSENT_EXPIRES, RETENTION = (
    "trainer.application-expires",
    "trainer.consent-reminder",
    "trainer.consent-expires",
    "trainer.retention",
)
DEADLINES: Final = (EXPIRES, CONSENT_REMINDER, CONSENT_EXPIRES, RETENTION)
SEALED: Final = "trainer.erasure-sealed"
SEAL_AFTER: Final = timedelta(hours=2)
"""Longer than a segment of a compacted topic stays open."""


class AppliedBefore(Conflict):
    """There is an application under this id already."""


class TooManyApplications(Conflict):
    """No more applications are taken under this address until one of them is confirmed or has fallen away."""


async def apply(
    tx: Tx,
    id_: UUID,
    person: Person,
    *,
    company_id: UUID | None,
    was_trainer_before: bool,
    applicant: Applicant | None = None,
) -> Trainer:
    """Take an application; it falls away if nobody confirms it. ``applicant`` applies for others.

    Raises:
        AppliedBefore: there is an application under this id already.
        TooManyByApplicant: the applicant brought in as many within a day as the policy allows.
        TooManyApplications: as many under this address wait for their confirmation.
    """
    if await trainers.find(tx, id_):
        raise AppliedBefore
    await _check_company(tx, company_id)
    if applicant is not None:
        await count_application(tx, applicant)
    await _check_open_applications(tx, person)
    area = await the_area_of(tx, person.postcode)
    applied, events = Trainer.apply(
        id_, person, area, company_id=company_id, was_trainer_before=was_trainer_before, at=tx.now
    )
    trainer = await trainers.add(tx, applied, events)
    days: int = (await tx.policies()).on("terms.application", tx.today).value["expiresAfterDays"]
    await tx.set_deadline(EXPIRES, id_, tx.now + timedelta(days=days), case=id_)
    _publish_contact(tx, trainer)
    return trainer


async def _check_open_applications(tx: Tx, person: Person) -> None:
    """Send no letters without end to an address whose owner may never have asked for one.

    Raises:
        TooManyApplications: as many as the policy allows wait for their confirmation.
    """
    most: int = (await tx.policies()).on("terms.applications", tx.today).value["openPerAddress"]
    await store.lock_address(tx, person.email)
    if await store.count_open_applications(tx, person.email) >= most:
        raise TooManyApplications


async def update_details(tx: Tx, trainer: Trainer, person: Person, company_id: UUID | None) -> Trainer:
    """Put personal details or the employer right.

    Raises:
        ComparedFirst: another trainer takes part under the new address.
        TooManyAddresses: the address changed as often within a day as the policy allows.
    """
    await _check_company(tx, company_id)
    moved = trainer.person is None or person.email.lower() != trainer.person.email.lower()
    if moved and trainer.status in TAKING_PART:
        await _check_address(tx, trainer.id, person)
    if moved:
        await count_change_of_address(tx, trainer.id)
    corrected = await _apply(tx, *trainer.update_details(person, await the_area_of(tx, person.postcode), company_id))
    if corrected.version != trainer.version:
        _publish_contact(tx, corrected)
    return corrected


async def confirm(tx: Tx, trainer_id: UUID) -> Trainer:
    """Confirm an application; somebody who then never goes on is forgotten in the end.

    Raises:
        ComparedFirst: another trainer takes part under this address.
    """
    trainer = await trainers.get(tx, trainer_id)
    if trainer.status is APPLIED and trainer.person is not None:
        await _check_address(tx, trainer_id, trainer.person)
    confirmed = await _apply(tx, *trainer.confirm())
    if confirmed.version != trainer.version:
        await tx.cancel_deadline(EXPIRES, trainer_id)
        months: int = (await tx.policies()).on("retention.trainer", tx.today).value["monthsWithConsent"]
        await tx.set_deadline(RETENTION, trainer_id, beginning_of(add_months(tx.today, months)), case=trainer_id)
    return confirmed


async def update_profile(tx: Tx, trainer: Trainer, profile: Profile) -> Trainer:
    """Take a profile.

    Raises:
        Invalid: with every fault at once.
    """
    employed = trainer.company_id is not None
    faults = profile.faults(
        employed=employed,
        known_trades=await reference_store.trade_codes(tx),
        feasible=feasible_forms(tx.today, await tx.policies(), employed=employed),
    )
    if faults:
        raise Invalid(*faults)
    return await _apply(tx, *trainer.update_profile(profile, await _lent(tx)))


async def give_consent(tx: Tx, trainer_id: UUID, until: date) -> Trainer:
    """Take a consent, and ask in time whether it is renewed."""
    trainer = await trainers.get(tx, trainer_id)
    months: int = (await tx.policies()).on("terms.consent", tx.today).value["months"]
    consenting = await _apply(tx, *trainer.give_consent(until, today=tx.today, latest=add_months(tx.today, months)))
    await tx.set_deadline(CONSENT_EXPIRES, trainer_id, end_of(until), case=trainer_id)
    await _remind_in_time(tx, consenting)
    return consenting


async def withdraw_consent(tx: Tx, trainer_id: UUID) -> Trainer:
    """Take the consent back."""
    trainer = await trainers.get(tx, trainer_id)
    without = await _apply(tx, *trainer.withdraw_consent())
    if without.version != trainer.version:
        await tx.cancel_deadline(CONSENT_REMINDER, trainer_id)
        await tx.cancel_deadline(CONSENT_EXPIRES, trainer_id)
        await schedule_retention(tx, trainer_id)
    return without


async def show_vog(tx: Tx, trainer_id: UUID, vog: Vog) -> Trainer:
    """Take note of a certificate of conduct."""
    return await _apply(tx, *(await trainers.get(tx, trainer_id)).show_vog(vog, tx.today))


async def employer_agrees(tx: Tx, trainer_id: UUID, *, minutes_per_week: int | None = None) -> Trainer:
    """Take the employer's agreement, up to so many minutes a week where it names any.

    Raises:
        NotConfirmed: the company does not take part yet, so that nobody may be proposed in its name.
    """
    trainer = await trainers.get(tx, trainer_id)
    if trainer.company_id and not (await organisations.get(tx, trainer.company_id)).confirmed:
        raise NotConfirmed
    return await _apply(tx, *trainer.employer_agrees(None, minutes_per_week=minutes_per_week))


async def become_available(tx: Tx, trainer_id: UUID) -> Trainer:
    """Ask for proposals."""
    trainer = await trainers.get(tx, trainer_id)
    return await _apply(tx, *trainer.become_available(tx.today, await _lent(tx)))


async def missing(tx: Tx, trainer: Trainer) -> tuple[str, ...]:
    """Return what must still happen before the trainer can be available."""
    return trainer.missing(tx.today, await _lent(tx))


async def _lent(tx: Tx) -> list[Form]:
    """Return the forms in which an employer has a say, by policy ``matching.employer``."""
    value = (await tx.policies()).on("matching.employer", tx.today).value
    return [Form(form) for form in value["formsWithConsent"]]


async def pause(tx: Tx, trainer_id: UUID) -> Trainer:
    """Want none for a while."""
    return await _apply(tx, *(await trainers.get(tx, trainer_id)).pause())


async def leave(tx: Tx, trainer_id: UUID, reason: LeftReason) -> Trainer:
    """Leave the programme; the person is forgotten when nothing asks to keep the data."""
    trainer = await trainers.get(tx, trainer_id)
    left = await _apply(tx, *trainer.leave(reason, tx.today))
    if left.version != trainer.version:
        await _cancel_deadlines(tx, trainer_id)
        await schedule_retention(tx, trainer_id)
    return left


async def merge(tx: Tx, trainer_id: UUID, into: Trainer) -> Trainer:
    """Have one of two records of a person leave, with its open proposals; the audit trail says in favour of which.

    Raises:
        AtWork: a contract of this one runs.
        NobodyAlike: nothing says that they are one person.
    """
    trainer = await trainers.get(tx, trainer_id)
    merged, events = trainer.merge(into, tx.today)
    if not events:
        return trainer
    if into.id not in (await store.look_alikes(tx, [trainer_id]))[trainer_id]:
        raise NobodyAlike
    if not all_over(await engagement_store.of_trainer(tx, trainer_id)):
        raise AtWork
    merged = await trainers.apply(tx, merged, events, reason=f"merged into {into.id}")
    await _publish_profile(tx, merged)
    await _cancel_deadlines(tx, trainer_id)
    await schedule_retention(tx, trainer_id)
    return merged


async def erase(tx: Tx, trainer_id: UUID) -> Trainer:
    """Forget a person now; every other service scrubs its copy and confirms."""
    trainer = await trainers.get(tx, trainer_id)
    erased = await _apply(tx, *trainer.erase(tx.today))
    if erased.version != trainer.version:
        tx.publish_tombstone(ContactState, trainer_id)
        await erasure.erase(tx, trainer_id)
        await _cancel_deadlines(tx, trainer_id)
        await tx.set_deadline(SEALED, trainer_id, tx.now + SEAL_AFTER, case=trainer_id)
    return erased


async def scrub(tx: Tx, trainer_id: UUID) -> int:
    """Forget what somebody showed of themselves; the person itself was anonymised, and is one row more."""
    return 1 + await store.scrub_qualifications(tx, trainer_id)


def seal_erasure(tx: Tx, trainer_id: UUID) -> None:
    """Repeat the tombstones: Kafka compacts a segment once a later record has closed it, and a topic may be quiet."""
    tx.publish_tombstone(ContactState, trainer_id)
    tx.publish_tombstone(ProfileState, trainer_id)


async def confirm_erasure(tx: Tx, confirmed: ErasureConfirmed) -> None:
    """Take note that a service has scrubbed its copy."""
    await store.confirm(tx, confirmed.trainer_id, confirmed.service, rows=confirmed.rows, at=tx.now)


async def requalify(tx: Tx, trainer_id: UUID) -> None:
    """Show the profile anew because a qualification is another one."""
    await _apply(tx, *(await trainers.get(tx, trainer_id)).requalify())


async def relocate(tx: Tx, moved: Mapping[str, PostcodeArea]) -> None:
    """Have those who live in areas that were drawn anew follow them."""
    for trainer in await store.in_areas(tx, moved):
        if trainer.place:
            await _apply(tx, *trainer.relocate(moved[trainer.place.postcode_area]))


async def expire(tx: Tx, trainer_id: UUID) -> None:
    """Let an application fall away that nobody confirmed."""
    trainer = await trainers.get(tx, trainer_id)
    if (await _apply(tx, *trainer.expire(tx.today))).version != trainer.version:
        await schedule_retention(tx, trainer_id)


async def remind_of_consent(tx: Tx, trainer_id: UUID) -> None:
    """Ask whether the consent is renewed."""
    trainer = await trainers.get(tx, trainer_id)
    await _remind_in_time(tx, await trainers.apply(tx, trainer, trainer.remind_of_consent()))


async def expire_consent(tx: Tx, trainer_id: UUID) -> None:
    """Lose a consent that ended."""
    trainer = await trainers.get(tx, trainer_id)
    if (await _apply(tx, *trainer.expire_consent(tx.today))).version != trainer.version:
        await schedule_retention(tx, trainer_id)


async def publish_profiles_of(tx: Tx, company_id: UUID) -> None:
    """Publish the profiles of a company's people again: they name its place and its size."""
    for trainer in await store.of_company(tx, company_id):
        await _publish_profile(tx, trainer)


async def erase_in_time(tx: Tx, trainer_id: UUID) -> None:
    """Forget a person for whose data there is no ground any more, or look again when there is none."""
    trainer = await trainers.get(tx, trainer_id)
    engagements = await engagement_store.of_trainer(tx, trainer_id)
    day = erase_on(trainer, engagements, await tx.policies(), tx.today)
    if day is not None and day <= tx.today:
        await erase(tx, trainer_id)
    elif day is not None:
        await tx.set_deadline(RETENTION, trainer_id, beginning_of(day), case=trainer_id)


async def purge_vogs(tx: Tx) -> int:
    """Forget certificates that were checked for work long past; return how many.

    Raises:
        Missing: policy ``retention.vog_check`` is not there yet.
    """
    years: int = (await tx.policies()).on("retention.vog_check", tx.today).value["yearsAfterEnd"]
    return await store.purge_vogs(tx, add_months(tx.today, -12 * years))


PURGE_VOGS: Final = Purge(table="trainers", policy="retention.vog_check", forget=purge_vogs)


async def _apply(tx: Tx, trainer: Trainer, events: list[Event]) -> Trainer:
    """Write it, and show the others the profile as it is now."""
    applied = await trainers.apply(tx, trainer, events)
    if events:
        await _publish_profile(tx, applied)
    return applied


async def _publish_profile(tx: Tx, trainer: Trainer) -> None:
    if trainer.status in {LEFT, ANONYMISED}:
        tx.publish_tombstone(ProfileState, trainer.id)
        return
    shortage = (await tx.policies()).on("trades.shortage", tx.today).value["trades"]
    company = await organisations.find(tx, trainer.company_id) if trainer.company_id else None
    state = profile_state(trainer, company, held(await store.qualifications_of(tx, trainer.id)), shortage)
    if state is not None:
        tx.publish(state, case=trainer.id)


def _publish_contact(tx: Tx, trainer: Trainer) -> None:
    state = contact_state(trainer)
    if state is not None:
        tx.publish(state, case=trainer.id)


async def _check_address(tx: Tx, trainer_id: UUID, person: Person) -> None:
    """Check that no other trainer takes part under this address.

    Raises:
        ComparedFirst: one does. It does not say so: a stranger would learn which addresses are known.
    """
    await store.lock_address(tx, person.email)
    if await store.is_taking_part(tx, person.email, besides=trainer_id):
        raise ComparedFirst


async def _check_company(tx: Tx, company_id: UUID | None) -> None:
    if company_id is None:
        return
    company = await organisations.find(tx, company_id)
    if company is None or company.kind is not COMPANY:
        raise Invalid(InvalidParam("companyId", Message("There is no company with this id"), "unknown"))


async def _remind_in_time(tx: Tx, trainer: Trainer) -> None:
    """Set the next reminder before the consent ends, as long before it as a whole one's reminder would be."""
    if trainer.consent_until is None:
        return
    terms = (await tx.policies()).on("terms.consent", tx.today).value
    days = (add_months(trainer.consent_until, month - terms["months"]) for month in terms["reminderMonths"])
    coming = [day for day in days if day > tx.today]
    if coming:
        await tx.set_deadline(CONSENT_REMINDER, trainer.id, beginning_of(min(coming)), case=trainer.id)


async def schedule_retention(tx: Tx, trainer_id: UUID) -> None:
    """Look after the policy's weeks whether the person may still be kept."""
    weeks: int = (await tx.policies()).on("retention.trainer", tx.today).value["weeksAfterLeaving"]
    await tx.set_deadline(RETENTION, trainer_id, beginning_of(tx.today + timedelta(weeks=weeks)), case=trainer_id)


async def _cancel_deadlines(tx: Tx, trainer_id: UUID) -> None:
    for deadline in DEADLINES:
        await tx.cancel_deadline(deadline, trainer_id)
