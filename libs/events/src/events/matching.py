"""Events of `matching`: waiting vacancies, proposals and consents."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from events import PREFIX, Data, Event, published_by, upcast
from events.parties import REGION, SCHOOL_SIDE
from events.words import Form, Party, Slot

LapseReason = Literal[
    "last_place_gone",
    "no_longer_eligible",
    "no_draft_in_time",
    "contract_refused",
    "contract_cancelled",
    "contract_expired",
    "contract_dissolved",
    "contract_ended_early",
]

WithdrawReason = Literal[
    "vacancy_withdrawn",
    "vacancy_filled",
    "vacancy_expired",
    "vacancy_changed",
    "trainer_left",
    "trainer_paused",
    "no_longer_fits",
    "rules_changed",
]
BrokenRule = Literal[
    "ABSENCES",
    "AVAILABLE",
    "COMMON_FORM",
    "COMPANY_CONSENT",
    "CONSENT",
    "DISTANCE",
    "ELIGIBILITY",
    "EMPLOYER_LIMIT",
    "LANGUAGE",
    "OWN_MINUTES",
    "ROLE",
    "ROSTER_OVERLAP",
    "SCHOOL_TYPE",
    "SUBJECT",
    "VOG",
    "WORKING_TIME",
]
ProlongReason = Literal["quiet_week", "undelivered"]
AppealReason = Literal["facts_wrong", "rule_misapplied", "unequal_treatment", "not_understood", "other"]
AppealDecision = Literal["upheld", "rejected"]
DeclineReason = Literal["schedule", "distance", "expertise", "employer", "fee", "other_choice", "other"]
Proposer = Literal["matching", "school", "desk"]

published_by(__name__, "matching")


class ProposalEvent(Event):
    """Something about a proposal: one trainer for one vacancy."""

    about: ClassVar[str] = "proposal_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {"company", "trainer", REGION}
    proposal_id: UUID
    vacancy_id: UUID
    trainer_id: UUID


class ProposalMade(ProposalEvent):
    """A trainer is proposed for a vacancy; trainer, school and employer are asked at once."""

    type: ClassVar[str] = f"{PREFIX}proposal.made.v1"
    dutch: ClassVar[str] = "Een hto'er is voorgesteld voor een vacature; alle partijen wordt om instemming gevraagd."
    board_id: UUID
    school_id: UUID
    location_id: UUID
    company_id: UUID | None
    asked: list[Party]
    form: Form
    score: int
    """Per mille of the highest possible score."""
    rank: int
    by: Proposer
    answer_before: datetime
    policy_version: int


class ProposalConsented(ProposalEvent):
    """One party agrees; the others may still be asked."""

    type: ClassVar[str] = f"{PREFIX}proposal.consented.v1"
    dutch: ClassVar[str] = "Eén partij stemt in met het voorstel."
    party: Party
    left: list[Party]
    """Who has not answered yet."""


class ProposalReminded(ProposalEvent):
    """Parties that have not answered are reminded."""

    type: ClassVar[str] = f"{PREFIX}proposal.reminded.v1"
    dutch: ClassVar[str] = "Partijen die nog niet hebben geantwoord, worden herinnerd."
    left: list[Party]
    answer_before: datetime


class ProposalAccepted(ProposalEvent):
    """Everybody agreed, the facts still hold and a place was free: identities may be known from now on."""

    type: ClassVar[str] = f"{PREFIX}proposal.accepted.v2"
    dutch: ClassVar[str] = "Alle partijen stemmen in en er is plaats: de partijen mogen elkaar nu kennen."
    board_id: UUID
    school_id: UUID
    location_id: UUID
    company_id: UUID | None
    form: Form
    minutes_per_week: int
    roster: list[Slot] | None
    """The agreed weekly hours; null: those of the vacancy, or by agreement."""
    starts_on: date
    ends_on: date | None
    policy_version: int


@upcast(f"{PREFIX}proposal.accepted.v1", to=ProposalAccepted)
def _accepted_for_the_hours_of_the_vacancy(v1: Data) -> Data:
    return {**v1, "roster": None}


class ProposalDeclined(ProposalEvent):
    """One party does not agree; the next candidate gets a chance."""

    type: ClassVar[str] = f"{PREFIX}proposal.declined.v1"
    dutch: ClassVar[str] = "Eén partij stemt niet in; de volgende kandidaat komt aan bod."
    party: Party
    reason: DeclineReason


class CounterEvent(ProposalEvent):
    """Something about a counter-proposal, which is between trainer and school."""

    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {"trainer", REGION}
    party: Party
    number: int
    """Of the counter-proposals to this proposal; the first is 1."""


class ProposalCountered(CounterEvent):
    """Trainer or school would agree to other terms; the other side answers, and the proposal stays open."""

    type: ClassVar[str] = f"{PREFIX}proposal.countered.v1"
    dutch: ClassVar[str] = "De hto'er of de school doet een tegenvoorstel; de andere kant antwoordt daarop."
    form: Form
    minutes_per_week: int
    roster: list[Slot] | None
    """The weekly hours; null: those of the vacancy, or by agreement."""
    left: list[Party]
    """Who answers the counter-proposal."""
    answer_before: datetime


class ProposalCounterDeclined(CounterEvent):
    """The other side declines a counter-proposal; the proposal is open as it was."""

    type: ClassVar[str] = f"{PREFIX}proposal.counter-declined.v1"
    dutch: ClassVar[str] = "Een tegenvoorstel is afgewezen; het voorstel staat open zoals het was."
    left: list[Party]
    """Who has not agreed to the proposal as it was."""
    answer_before: datetime


class ProposalTermsChanged(ProposalEvent):
    """The other side accepts a counter-proposal: the proposal goes on under its terms, for all to agree to."""

    type: ClassVar[str] = f"{PREFIX}proposal.terms-changed.v1"
    dutch: ClassVar[str] = "Een tegenvoorstel is aanvaard: het voorstel gaat verder onder andere voorwaarden."
    terms: int
    """The number of the terms; those of the proposal as it was made are 1."""
    asked: list[Party]
    left: list[Party]
    """Who is asked about these terms; trainer and school have agreed to them."""
    form: Form
    minutes_per_week: int
    roster: list[Slot] | None
    """The weekly hours; null: those of the vacancy, or by agreement."""
    answer_before: datetime
    policy_version: int


class ProposalUnreached(ProposalEvent):
    """No letter about the proposal could be delivered to the trainer so far: the desk reaches them otherwise."""

    type: ClassVar[str] = f"{PREFIX}proposal.unreached.v1"
    dutch: ClassVar[str] = "Geen brief over het voorstel kon bij de hto'er worden bezorgd; het loket zoekt contact."
    taking_part: ClassVar[frozenset[str]] = frozenset({"trainer", REGION})
    answer_before: datetime


class ProposalProlonged(ProposalEvent):
    """The time to answer had passed, and the trainer could not be asked in it: the proposal stays open longer."""

    type: ClassVar[str] = f"{PREFIX}proposal.prolonged.v1"
    dutch: ClassVar[str] = "De hto'er kon binnen de termijn niet worden gevraagd; het voorstel blijft langer open."
    reason: ProlongReason
    left: list[Party]
    answer_before: datetime


class ProposalExpired(ProposalEvent):
    """Not everybody answered in time."""

    type: ClassVar[str] = f"{PREFIX}proposal.expired.v1"
    dutch: ClassVar[str] = "Niet iedereen heeft op tijd geantwoord."
    left: list[Party]


class ProposalWithdrawn(ProposalEvent):
    """The vacancy or the trainer is no longer there, or a rule keeps them apart by now."""

    type: ClassVar[str] = f"{PREFIX}proposal.withdrawn.v2"
    dutch: ClassVar[str] = "De vacature of de hto'er is er niet meer, of volgens een regel passen zij niet meer."
    reason: WithdrawReason
    rules: list[BrokenRule]
    """The rules that no longer hold, for the trainer to know; empty where it ended otherwise."""


@upcast(f"{PREFIX}proposal.withdrawn.v1", to=ProposalWithdrawn)
def _withdrawn_without_a_rule(v1: Data) -> Data:
    return {**v1, "rules": []}


class ProposalLapsed(ProposalEvent):
    """An accepted proposal fell away; its place, if it had one, is free again."""

    type: ClassVar[str] = f"{PREFIX}proposal.lapsed.v1"
    dutch: ClassVar[str] = "Een aanvaard voorstel is vervallen; de plaats is weer vrij."
    reason: LapseReason

    @property
    def follows_contract(self) -> bool:
        """Whether it fell away because its contract did, of which everybody was told."""
        return self.reason.startswith("contract_")


class ProposalConverted(ProposalEvent):
    """A contract was drafted from it."""

    type: ClassVar[str] = f"{PREFIX}proposal.converted.v1"
    dutch: ClassVar[str] = "Van het voorstel is een conceptcontract gemaakt."
    contract_id: UUID


class SideWorkAgreed(Event):
    """A trainer is going to teach beside a job whose employer takes no part: the trainer informs the employer."""

    type: ClassVar[str] = f"{PREFIX}proposal.side-work-agreed.v1"
    dutch: ClassVar[str] = "Een hto'er gaat lesgeven naast een baan; de hto'er meldt dat zelf bij de werkgever."
    about: ClassVar[str] = "proposal_id"
    taking_part: ClassVar[frozenset[str]] = frozenset({"trainer", REGION})
    proposal_id: UUID
    vacancy_id: UUID
    trainer_id: UUID
    form: Form
    minutes_per_week: int
    starts_on: date
    ends_on: date | None
    law: str
    """The law under which side work is reported to an employer."""
    policy_version: int


class SearchEvent(Event):
    """Something about the search for a vacancy's trainers."""

    about: ClassVar[str] = "vacancy_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {REGION}
    vacancy_id: UUID

    @classmethod
    def subject_kind(cls) -> str:
        """Whatever an event's name begins with: it is about the vacancy, whose events are counted as one row."""
        return "vacancy"


class VacancyRanked(SearchEvent):
    """The trainers were ranked for a vacancy; the outcome is kept, for those that do not fit as well."""

    type: ClassVar[str] = f"{PREFIX}vacancy.ranked.v1"
    dutch: ClassVar[str] = "De hto'ers zijn gerangschikt voor een vacature; de uitkomst wordt bewaard."
    ranking_id: UUID
    candidates: int
    """How many trainers were looked at."""
    fitting: int
    """How many no rule kept apart from it, as far as they were asked."""
    policy_version: int


class VacancyWaiting(SearchEvent):
    """No candidate fits a free place: the vacancy is on the waiting list."""

    type: ClassVar[str] = f"{PREFIX}vacancy.waiting.v1"
    dutch: ClassVar[str] = "Voor een vrije plaats past geen kandidaat: de vacature staat op de wachtlijst."
    free_places: int
    """How many places nobody is asked for."""
    candidates: int
    """How many trainers were looked at."""
    escalated: bool
    """Whether it waits so long that the desk is asked to help."""


class WaitlistPromoted(SearchEvent):
    """A vacancy left the waiting list: a candidate came."""

    type: ClassVar[str] = f"{PREFIX}waitlist.promoted.v1"
    dutch: ClassVar[str] = "Een vacature is van de wachtlijst af: er is een kandidaat."
    proposal_id: UUID


class PlaceEvent(SearchEvent):
    """Something about one of a vacancy's places."""

    proposal_id: UUID
    """For whom it was taken."""
    places: int
    taken: int
    """How many are, from now on."""


class VacancyPlaceTaken(PlaceEvent):
    """An accepted proposal has one of the places."""

    type: ClassVar[str] = f"{PREFIX}vacancy.place-taken.v1"
    dutch: ClassVar[str] = "Een aanvaard voorstel heeft een van de plaatsen."


class VacancyPlaceFreed(PlaceEvent):
    """The place of a proposal that fell away is free again."""

    type: ClassVar[str] = f"{PREFIX}vacancy.place-freed.v1"
    dutch: ClassVar[str] = "De plaats van een vervallen voorstel is weer vrij."


# -- appeals ------------------------------------------------------------------------------------------------------


class AppealEvent(Event):
    """Something about an appeal to a person; its words stay in matching, and no field names a candidate."""

    about: ClassVar[str] = "appeal_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {"trainer", REGION}
    appeal_id: UUID
    vacancy_id: UUID
    proposal_id: UUID | None
    """Null where it is about a vacancy for which the trainer was not proposed."""


class AppealLodged(AppealEvent):
    """A trainer or a school asks a person of the desk to look at what matching decided."""

    type: ClassVar[str] = f"{PREFIX}appeal.lodged.v1"
    dutch: ClassVar[str] = "Een hto'er of een school vraagt een medewerker van het loket om een besluit te bekijken."
    reason: AppealReason
    decide_before: date
    policy_version: int


class AppealOverdue(AppealEvent):
    """The last day for a decision passed: the programme watches from now on."""

    type: ClassVar[str] = f"{PREFIX}appeal.overdue.v1"
    dutch: ClassVar[str] = "Het loket heeft niet op tijd besloten over een bezwaar; het programma kijkt mee."
    decide_before: date


class AppealDecided(AppealEvent):
    """A person decided on an appeal, with a reason in words that the appellant reads."""

    type: ClassVar[str] = f"{PREFIX}appeal.decided.v1"
    dutch: ClassVar[str] = "Een medewerker heeft besloten over een bezwaar."
    decision: AppealDecision


class AppealWithdrawn(AppealEvent):
    """The appellant took an appeal back, or was erased."""

    type: ClassVar[str] = f"{PREFIX}appeal.withdrawn.v1"
    dutch: ClassVar[str] = "Een bezwaar is ingetrokken."


class PlanComputed(Event):
    """A plan was computed: who could best teach where, over all at once; figures only, and no proposal follows yet."""

    type: ClassVar[str] = f"{PREFIX}plan.computed.v1"
    dutch: ClassVar[str] = "Er is een plan berekend: wie het beste waar kan lesgeven. Er volgt nog geen voorstel uit."
    about: ClassVar[str] = "plan_id"
    plan_id: UUID
    regions: list[str]
    """Of the vacancies; none is the whole country."""
    snapshot_on: date
    policy_version: int
    value: int
    """In points, of which only differences and ratios mean something."""
    bound: int
    """No plan of the same day and rules is worth more."""
    gap_per_million: int
    """How much that leaves at most, in millionths of the bound."""
    optimal: bool
    cut: bool
    """Whether the time ended the search."""
    people: int
    """Trainers who fit at least one vacancy."""
    openings: int
    chosen: int
    """Pairs of a trainer and a vacancy in the plan."""
