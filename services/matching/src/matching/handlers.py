"""What matching does when something happens elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from common.messaging import erasure
from common.messaging.consumer import Handlers, Received
from common.persistence.transaction import Tx
from events.contracts import (
    ContractCancelled,
    ContractDissolved,
    ContractDrafted,
    ContractEnded,
    ContractExpired,
    ContractRefused,
)
from events.registry import (
    ProfileState,
    TrainerAnonymised,
    TrainerLeft,
    VacancyChanged,
    VacancyClosed,
    VacancyExpired,
    VacancyFilled,
    VacancyPosted,
    VacancyReopened,
    VacancyWithdrawn,
)
from matching.usecases import ending, people, proposals, vacancies

handlers: Final = Handlers()


# -- trainers; that one pauses is in the profile, whose topic keeps its order with the profile's changes ----------


@handlers.bulk(ProfileState)
async def keep_profiles(received: Sequence[Received], tx: Tx) -> None:
    """Keep what trainers offer, and see who can be proposed."""
    causes = {UUID(each.envelope.key): each.envelope for each in received}
    await people.keep(tx, [cast("ProfileState", each.event) for each in received], causes)


@handlers.on_tombstone(ProfileState)
async def remove_the_profile(key: str, tx: Tx) -> None:
    """Forget a profile that was taken back."""
    await people.remove(tx, UUID(key))


@handlers.on(TrainerLeft)
async def take_back_what_is_open(event: TrainerLeft, tx: Tx) -> None:
    """Ask somebody who left nothing more."""
    await people.remove(tx, event.trainer_id)


@handlers.on(TrainerAnonymised)
async def scrub(event: TrainerAnonymised, tx: Tx) -> None:
    """Scrub the person from every copy, and confirm it."""
    await erasure.erase(tx, event.trainer_id, people.scrub)


# -- vacancies ----------------------------------------------------------------------------------------------------


@handlers.on(VacancyPosted)
async def begin_the_search(event: VacancyPosted, tx: Tx) -> None:
    """Rank, and ask the best."""
    await vacancies.post(tx, event)


@handlers.on(VacancyChanged)
async def search_by_the_new_terms(event: VacancyChanged, tx: Tx) -> None:
    """Take over the change; what was asked on other terms is taken back."""
    await vacancies.change(tx, event)


@handlers.on(VacancyWithdrawn)
async def end_the_search(event: VacancyWithdrawn, tx: Tx) -> None:
    """Take back every open proposal."""
    await vacancies.withdraw(tx, event.vacancy_id)


@handlers.on(VacancyFilled)
async def end_the_search_of_a_filled_one(event: VacancyFilled, tx: Tx) -> None:
    """Take back what is still open of a shortlist."""
    await vacancies.close(tx, event.vacancy_id, "vacancy_filled")


@handlers.on(VacancyExpired)
async def end_the_search_of_an_expired_one(event: VacancyExpired, tx: Tx) -> None:
    """Take back every open proposal."""
    await vacancies.close(tx, event.vacancy_id, "vacancy_expired")


@handlers.on(VacancyClosed)
async def end_the_search_of_a_closed_one(event: VacancyClosed, tx: Tx) -> None:
    """Look for nobody more."""
    await vacancies.close(tx, event.vacancy_id, "vacancy_filled")


@handlers.on(VacancyReopened)
async def search_again(event: VacancyReopened, tx: Tx) -> None:
    """Look for who takes the place that is free again."""
    await vacancies.reopen(tx, event.vacancy_id)


# -- contracts ----------------------------------------------------------------------------------------------------


@handlers.on(ContractDrafted)
async def note_the_contract(event: ContractDrafted, tx: Tx) -> None:
    """Keep the accepted proposal from lapsing."""
    await proposals.convert(tx, event.proposal_id, event.contract_id)


@handlers.on(ContractRefused)
async def give_the_place_of_a_refused_one_back(event: ContractRefused, tx: Tx) -> None:
    """Free the place, and ask the next."""
    await ending.fall_away(tx, event.proposal_id, "contract_refused")


@handlers.on(ContractCancelled)
async def give_the_place_of_a_cancelled_one_back(event: ContractCancelled, tx: Tx) -> None:
    """Free the place, and ask the next."""
    await ending.fall_away(tx, event.proposal_id, "contract_cancelled")


@handlers.on(ContractExpired)
async def give_the_place_of_an_expired_one_back(event: ContractExpired, tx: Tx) -> None:
    """Free the place, and ask the next."""
    await ending.fall_away(tx, event.proposal_id, "contract_expired")


@handlers.on(ContractDissolved)
async def give_the_place_of_a_dissolved_one_back(event: ContractDissolved, tx: Tx) -> None:
    """Free the place, and ask the next."""
    await ending.fall_away(tx, event.proposal_id, "contract_dissolved")


@handlers.on(ContractEnded)
async def free_what_the_contract_took(event: ContractEnded, tx: Tx) -> None:
    """Give the minutes back; and the place, where it ended before its time."""
    if event.early:
        await ending.fall_away(tx, event.proposal_id, "contract_ended_early")
    else:
        await proposals.finish(tx, event.proposal_id)
