"""When registry publishes a profile or a vacancy, or a contract is drafted or over."""

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
    ContractExtended,
    ContractRefused,
    ContractSigned,
)
from events.notifications import MessageBounced, MessageEvent, MessageSent
from events.policies import PolicyPublished
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
from matching.proposal.model.delivery import ASKING
from matching.proposal.usecases import delivering, ending, new_rules, search, trainers
from matching.proposal.usecases.proposing import withdraw_open

handlers: Final = Handlers()


# -- vacancies ----------------------------------------------------------------------------------------------------


@handlers.on(VacancyPosted)
async def begin_the_search(event: VacancyPosted, tx: Tx) -> None:
    """Rank the pool, and propose the best."""
    await search.begin(tx, event)


@handlers.on(VacancyChanged)
async def search_by_the_new_terms(event: VacancyChanged, tx: Tx) -> None:
    """Take over the change; what was proposed on other terms is withdrawn."""
    await search.begin_anew(tx, event)


@handlers.on(VacancyReopened)
async def resume_the_search(event: VacancyReopened, tx: Tx) -> None:
    """Search for the place that is free again."""
    await search.resume(tx, event.vacancy_id)


@handlers.on(VacancyWithdrawn)
async def end_the_search(event: VacancyWithdrawn, tx: Tx) -> None:
    """Withdraw every open proposal."""
    await withdraw_open(tx, event.vacancy_id, "vacancy_withdrawn")


@handlers.on(VacancyFilled)
async def end_the_search_of_a_filled_one(event: VacancyFilled, tx: Tx) -> None:
    """Withdraw what is still open of a shortlist."""
    await withdraw_open(tx, event.vacancy_id, "vacancy_filled")


@handlers.on(VacancyExpired)
async def end_the_search_of_an_expired_one(event: VacancyExpired, tx: Tx) -> None:
    """Withdraw every open proposal."""
    await withdraw_open(tx, event.vacancy_id, "vacancy_expired")


@handlers.on(VacancyClosed)
async def end_the_search_of_a_closed_one(event: VacancyClosed, tx: Tx) -> None:
    """Withdraw what is still open of a shortlist."""
    await withdraw_open(tx, event.vacancy_id, "vacancy_filled")


# -- rules --------------------------------------------------------------------------------------------------------


@handlers.on(PolicyPublished)
async def plan_for_new_rules(row: PolicyPublished, tx: Tx) -> None:
    """Look again at who waits as soon as a row decides who fits."""
    await new_rules.plan(tx, row)


# -- trainers; that one pauses is in the profile, whose topic keeps its order with the profile's changes ----------


@handlers.bulk(ProfileState)
async def keep_profiles(received: Sequence[Received], tx: Tx) -> None:
    """Store what trainers offer, and plan to match the available ones."""
    causes = {UUID(each.envelope.key): each.envelope for each in received}
    await trainers.keep(tx, [cast("ProfileState", each.event) for each in received], causes)


@handlers.on_tombstone(ProfileState)
async def remove_the_profile(key: str, tx: Tx) -> None:
    """Empty a profile that was taken back."""
    await trainers.remove(tx, UUID(key))


@handlers.on(TrainerLeft)
async def withdraw_what_is_open(event: TrainerLeft, tx: Tx) -> None:
    """Ask a trainer who left nothing more."""
    await trainers.remove(tx, event.trainer_id)


@handlers.on(TrainerAnonymised)
async def scrub(event: TrainerAnonymised, tx: Tx) -> None:
    """Scrub the person from every copy, and confirm it."""
    await erasure.erase(tx, event.trainer_id)


# -- letters: those that ask the trainer of a proposal ------------------------------------------------------------


@handlers.on(MessageSent)
async def note_the_delivery(event: MessageSent, tx: Tx) -> None:
    """From the first delivery on the trainer has some days to answer."""
    if vacancy_id := _asks_about(event, tx):
        await delivering.reached(tx, vacancy_id, event.recipient_id)


@handlers.on(MessageBounced)
async def ask_the_desk_for_help(event: MessageBounced, tx: Tx) -> None:
    """The desk reaches the trainer otherwise; the proposal waits."""
    if vacancy_id := _asks_about(event, tx):
        await delivering.bounced(tx, vacancy_id, event.recipient_id)


def _asks_about(event: MessageEvent, tx: Tx) -> UUID | None:
    """Return the vacancy that a letter asks about: its case; None of any other letter."""
    case = None if tx.cause is None else tx.cause.case
    return UUID(case) if case and event.template in ASKING else None


# -- contracts ----------------------------------------------------------------------------------------------------


@handlers.on(ContractDrafted)
async def note_the_contract(event: ContractDrafted, tx: Tx) -> None:
    """Keep the accepted proposal from lapsing, and count its contract's terms."""
    await ending.convert(
        tx,
        event.proposal_id,
        event.contract_id,
        first_day=event.starts_on,
        last_day=event.ends_on,
        minutes_per_week=event.minutes_per_week,
    )


@handlers.on(ContractSigned)
async def count_what_was_signed(event: ContractSigned, tx: Tx) -> None:
    """Count the start and the minutes of the version that binds."""
    await ending.correct(tx, event.proposal_id, first_day=event.starts_on, minutes_per_week=event.minutes_per_week)


@handlers.on(ContractExtended)
async def count_the_later_end(event: ContractExtended, tx: Tx) -> None:
    """Count the contract up to its new end."""
    await ending.correct(tx, event.proposal_id, last_day=event.ends_on)


@handlers.on(ContractRefused)
async def refill_after_a_refusal(event: ContractRefused, tx: Tx) -> None:
    """Free the place, and propose the next candidate."""
    await ending.release_and_refill(tx, event.proposal_id, "contract_refused")


@handlers.on(ContractCancelled)
async def refill_after_a_cancellation(event: ContractCancelled, tx: Tx) -> None:
    """Free the place, and propose the next candidate."""
    await ending.release_and_refill(tx, event.proposal_id, "contract_cancelled")


@handlers.on(ContractExpired)
async def refill_after_an_expiry(event: ContractExpired, tx: Tx) -> None:
    """Free the place, and propose the next candidate."""
    await ending.release_and_refill(tx, event.proposal_id, "contract_expired")


@handlers.on(ContractDissolved)
async def refill_after_a_dissolution(event: ContractDissolved, tx: Tx) -> None:
    """Free the place, and propose the next candidate."""
    await ending.release_and_refill(tx, event.proposal_id, "contract_dissolved")


@handlers.on(ContractEnded)
async def release_what_the_contract_took(event: ContractEnded, tx: Tx) -> None:
    """Give the minutes back; and the place, where it ended before its time."""
    if event.early:
        await ending.release_and_refill(tx, event.proposal_id, "contract_ended_early")
    else:
        await ending.finish(tx, event.proposal_id)
