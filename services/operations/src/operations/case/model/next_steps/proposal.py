"""A proposal: answered by each of its parties, then made into a contract."""

from __future__ import annotations

from typing import Final

from events.matching import (
    ProposalAccepted,
    ProposalConsented,
    ProposalConverted,
    ProposalCounterDeclined,
    ProposalCountered,
    ProposalDeclined,
    ProposalExpired,
    ProposalLapsed,
    ProposalMade,
    ProposalProlonged,
    ProposalReminded,
    ProposalTermsChanged,
    ProposalUnreached,
    ProposalWithdrawn,
)
from operations.case.model.open_step import DONE, SYSTEM, After, Step

ANSWER: Final = Step("answer_proposal", nl="Voorstel beantwoorden", en="Answer the proposal")
ANSWER_COUNTER: Final = Step("answer_counter", nl="Tegenvoorstel beantwoorden", en="Answer the counter-proposal")
REACH: Final = Step("reach_trainer", nl="De hto'er op een andere manier bereiken", en="Reach the trainer otherwise")
ACCEPT: Final = Step("accept_proposal", nl="Voorstel vaststellen", en="Settle the proposal")
DRAFT: Final = Step("draft_contract", nl="Contract opstellen", en="Draft the contract")

after: Final = After()
after(ProposalMade, then=lambda event: ANSWER.by(*event.asked, due_at=event.answer_before))
after(
    ProposalConsented,
    then=lambda event: ANSWER.by(*event.left, keeps_due=True) if event.left else ACCEPT.by(SYSTEM),
)
after(ProposalCountered, then=lambda event: ANSWER_COUNTER.by(*event.left, due_at=event.answer_before))
after(ProposalCounterDeclined, then=lambda event: ANSWER.by(*event.left, due_at=event.answer_before))
after(
    ProposalTermsChanged,
    then=lambda event: ANSWER.by(*event.left, due_at=event.answer_before) if event.left else ACCEPT.by(SYSTEM),
)
after(ProposalReminded, then=lambda event: ANSWER.by(*event.left, due_at=event.answer_before))
after(ProposalProlonged, then=lambda event: ANSWER.by(*event.left, due_at=event.answer_before))
after(ProposalUnreached, then=lambda event: REACH.by("desk", due_at=event.answer_before))
after(ProposalAccepted, then=DRAFT.by(SYSTEM))
after(ProposalConverted, ProposalDeclined, ProposalExpired, ProposalLapsed, ProposalWithdrawn, then=DONE)
