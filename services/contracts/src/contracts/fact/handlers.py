"""When something happens elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from common.messaging.consumer import Handlers
from common.messaging.consumer.handlers import Received
from common.persistence.transaction import Tx
from contracts.fact import usecases
from events.registry import (
    ContactState,
    OrganisationChanged,
    OrganisationFacts,
    OrganisationRegistered,
    ProfileState,
    VacancyChanged,
    VacancyFacts,
    VacancyPosted,
)

handlers: Final = Handlers()


@handlers.bulk(VacancyPosted, VacancyChanged)
async def keep_vacancies(received: Sequence[Received], tx: Tx) -> None:
    """Copy what schools ask."""
    await usecases.keep_vacancies(tx, [cast("VacancyFacts", item.event) for item in received])


@handlers.bulk(OrganisationRegistered, OrganisationChanged)
async def keep_organisations(received: Sequence[Received], tx: Tx) -> None:
    """Copy what organisations are."""
    await usecases.keep_organisations(tx, [cast("OrganisationFacts", item.event) for item in received])


@handlers.bulk(ContactState)
async def keep_contacts(received: Sequence[Received], tx: Tx) -> None:
    """Copy how parties are called."""
    await usecases.keep_contacts(tx, [cast("ContactState", item.event) for item in received])


@handlers.on_tombstone(ContactState)
async def erase_contact(key: str, tx: Tx) -> None:
    """Erase how a party was called."""
    await usecases.erase_contact(tx, UUID(key))


@handlers.on_tombstone(ProfileState)
async def erase_profile(key: str, tx: Tx) -> None:
    """Erase what the law asked about a trainer."""
    await usecases.erase_profile(tx, UUID(key))
