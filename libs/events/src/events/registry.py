"""Events of `registry`. Personal data travels only in the two restricted, compacted states."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from events import PREFIX, CompactedEvent, Data, Event, published_by, upcast
from events.parties import REGION, SCHOOL_SIDE
from events.words import (
    Absence,
    CompanySize,
    Fee,
    Form,
    HeldQualification,
    LendingStatus,
    OrganisationKind,
    Party,
    SchoolType,
    Slot,
    TeachingRole,
)

published_by(__name__, "registry")

# -- organisations ------------------------------------------------------------------------------------------------


class OrganisationFacts(Event):
    """What others need to know of an organisation; its name and address travel as a contact."""

    about: ClassVar[str] = "organisation_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {"company", "organisation", REGION}
    organisation_id: UUID
    kind: OrganisationKind
    board_id: UUID | None
    """Of a school or location: the competent authority."""
    school_id: UUID | None
    """Of a location: the institution."""
    school_types: list[SchoolType]
    postcode_area: str | None
    """The four digits."""
    municipality: str | None
    region: str | None
    """Labour-market region, an AM code."""
    latitude: float | None
    longitude: float | None
    lending_status: LendingStatus | None
    education_recognised: bool
    """A company with its own education recognition: its VAT needs a review."""


class OrganisationApplied(Event):
    """An organisation registered itself and waits until its desk or the programme confirms it; again after a change.

    Until then it takes part in nothing. Its numbers and name are not told: nobody has looked at them yet.
    """

    type: ClassVar[str] = f"{PREFIX}organisation.applied.v1"
    dutch: ClassVar[str] = (
        "Een organisatie heeft zich aangemeld en wacht op bevestiging door het loket of het programma."
    )
    about: ClassVar[str] = "organisation_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {"company", "organisation", REGION}
    organisation_id: UUID
    kind: OrganisationKind
    region: str | None
    """Whose desk confirms it; null is the programme."""


class OrganisationRegistered(OrganisationFacts):
    """A board, school, location, company or desk takes part."""

    type: ClassVar[str] = f"{PREFIX}organisation.registered.v2"
    dutch: ClassVar[str] = "Een bestuur, school, vestiging, bedrijf of loket doet mee."


class OrganisationChanged(OrganisationFacts):
    """An organisation's facts are different from now on."""

    type: ClassVar[str] = f"{PREFIX}organisation.changed.v2"
    dutch: ClassVar[str] = "De gegevens van een organisatie zijn gewijzigd."


def _no_lender_was_notified(v1: Data) -> Data:
    """In v2 a lender can be ``notified``; everything else is the same."""
    return v1


for _name, _facts in (("registered", OrganisationRegistered), ("changed", OrganisationChanged)):
    upcast(f"{PREFIX}organisation.{_name}.v1", to=_facts)(_no_lender_was_notified)


class OrganisationClosed(Event):
    """An organisation ends on a day, or has ended: nothing new begins there from then on."""

    type: ClassVar[str] = f"{PREFIX}organisation.closed.v1"
    dutch: ClassVar[str] = "Een organisatie stopt op een dag, of is gestopt: vanaf dan begint er niets nieuws."
    about: ClassVar[str] = "organisation_id"
    organisation_id: UUID
    closed_on: date
    """The first day on which it is no more."""
    successor_id: UUID | None
    """What it went up in."""


class OrganisationReopened(Event):
    """An organisation does not end after all."""

    type: ClassVar[str] = f"{PREFIX}organisation.reopened.v1"
    dutch: ClassVar[str] = "Een organisatie stopt toch niet."
    about: ClassVar[str] = "organisation_id"
    organisation_id: UUID


class OrganisationMoveEvent(Event):
    """Something about a school or location that asks to go on under another parent; told to each side by itself."""

    about: ClassVar[str] = "move_id"
    taking_part: ClassVar[frozenset[str]] = frozenset({"organisation"})
    move_id: UUID
    moved_id: UUID
    """The school or location."""
    parent_id: UUID
    """The board or school that it asks to go on under."""
    recipient_id: UUID
    """The side that this is told to: the organisation, its present parent or the wanted one."""

    @classmethod
    def subject_kind(cls) -> str:
        """Whatever an event's name begins with: it is about the move, not about an organisation."""
        return "organisation-move"


class OrganisationMoveAsked(OrganisationMoveEvent):
    """A parent is asked whether an organisation goes on under another one; nothing changes before all have agreed."""

    type: ClassVar[str] = f"{PREFIX}organisation.move-asked.v1"
    dutch: ClassVar[str] = (
        "Een bestuur of school is gevraagd of een organisatie onder een ander verdergaat; er verandert nog niets."
    )
    side: Literal["present", "wanted"]
    answer_before: datetime


class OrganisationMoveAgreed(OrganisationMoveEvent):
    """One side agreed; the other is still to answer, or all have agreed and the end of the move says so."""

    type: ClassVar[str] = f"{PREFIX}organisation.move-agreed.v1"
    dutch: ClassVar[str] = "Een van de kanten stemt ermee in dat een organisatie onder een ander verdergaat."
    side: Literal["present", "wanted"]


class OrganisationMoveEnded(OrganisationMoveEvent):
    """A move was made, refused, withdrawn, or not answered in time; only when made anything changed."""

    type: ClassVar[str] = f"{PREFIX}organisation.move-ended.v1"
    dutch: ClassVar[str] = (
        "Een organisatie gaat onder een ander verder, of het voorstel daartoe is geweigerd, ingetrokken of verlopen."
    )
    outcome: Literal["made", "refused", "withdrawn", "expired"]


# -- rules ----------------------------------------------------------------------------------------------------------


class PolicyChangeEvent(Event):
    """Something about a change of a rule; its values are told once they hold, on the topic of the policies."""

    about: ClassVar[str] = "change_id"
    change_id: UUID
    code: str
    valid_from: date


class PolicyChangeProposed(PolicyChangeEvent):
    """Somebody of the programme proposes a change of a rule; another person approves it or not."""

    type: ClassVar[str] = f"{PREFIX}policy-change.proposed.v1"
    dutch: ClassVar[str] = "Iemand van het programma stelt een wijziging van een regel voor; een ander beoordeelt die."


class PolicyChangeApproved(PolicyChangeEvent):
    """Another person approved the change of a rule, and it is published."""

    type: ClassVar[str] = f"{PREFIX}policy-change.approved.v1"
    dutch: ClassVar[str] = "Een ander heeft de wijziging van een regel goedgekeurd; die is gepubliceerd."


class PolicyChangeRejected(PolicyChangeEvent):
    """The change of a rule was turned down."""

    type: ClassVar[str] = f"{PREFIX}policy-change.rejected.v1"
    dutch: ClassVar[str] = "De wijziging van een regel is afgewezen."


# -- bottlenecks ----------------------------------------------------------------------------------------------------

BottleneckOutcome = Literal["rule_will_change", "rule_stays", "explained", "in_conversation"]


class BottleneckEvent(Event):
    """Something about a reported bottleneck; its words stay in the registry."""

    about: ClassVar[str] = "report_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {"company", "trainer", "organisation", REGION}
    report_id: UUID
    policy_code: str
    """The rule that it is about."""
    item: str
    """Of the policy conversation: what it is evidence for."""
    ministry: str
    """Which one owns the rule and answers."""
    region: str | None
    """Labour-market region; null where it is about the whole country."""


class BottleneckReported(BottleneckEvent):
    """A school, company, trainer or desk reported what stands in the way; the ministry that owns the rule answers."""

    type: ClassVar[str] = f"{PREFIX}bottleneck.reported.v1"
    dutch: ClassVar[str] = "Een knelpunt is gemeld; het ministerie dat over de regel gaat, geeft antwoord."
    answer_before: date


class BottleneckAnswered(BottleneckEvent):
    """The ministry answered a reported bottleneck."""

    type: ClassVar[str] = f"{PREFIX}bottleneck.answered.v1"
    dutch: ClassVar[str] = "Het ministerie heeft een gemeld knelpunt beantwoord."
    outcome: BottleneckOutcome
    settled_before: date | None
    """The day before which the ministry promises that it is settled."""


# -- trainers -----------------------------------------------------------------------------------------------------


class TrainerEvent(Event):
    """Something about a trainer, who is only an id here."""

    about: ClassVar[str] = "trainer_id"
    taking_part: ClassVar[frozenset[str]] = frozenset({"trainer", "company", REGION})
    trainer_id: UUID

    @classmethod
    def subject_kind(cls) -> str:
        """Whatever an event's name begins with: it is about the trainer, whose events are counted as one row."""
        return "trainer"


class TrainerApplied(TrainerEvent):
    """Somebody asks to become a trainer and has a month to confirm."""

    type: ClassVar[str] = f"{PREFIX}trainer.applied.v1"
    dutch: ClassVar[str] = "Iemand meldt zich aan als hybride techniekopleider en heeft een maand om te bevestigen."
    company_id: UUID | None
    region: str | None
    was_trainer_before: bool
    """Own declaration: taught beside a job before the programme's baseline date; not *extra* then."""


class TrainerConfirmed(TrainerEvent):
    """The applicant confirmed the application."""

    type: ClassVar[str] = f"{PREFIX}trainer.confirmed.v1"
    dutch: ClassVar[str] = "De aanmelding is door de hto'er zelf bevestigd."


class TrainerIntakeStarted(TrainerEvent):
    """The intake has begun: the profile is being completed."""

    type: ClassVar[str] = f"{PREFIX}trainer.intake-started.v1"
    dutch: ClassVar[str] = "De intake van de hto'er is begonnen."


class TrainerDetailsChanged(TrainerEvent):
    """The trainer's personal details or employer are different; what may be known of it stands in the states."""

    type: ClassVar[str] = f"{PREFIX}trainer.details-changed.v1"
    dutch: ClassVar[str] = "De gegevens of de werkgever van de hto'er zijn gewijzigd."
    company_id: UUID | None
    region: str | None


class TrainerProfileChanged(TrainerEvent):
    """The trainer offers something else than before; what, stands in the profile."""

    type: ClassVar[str] = f"{PREFIX}trainer.profile-changed.v1"
    dutch: ClassVar[str] = "De hto'er biedt iets anders aan dan voorheen; het profiel zegt wat."


class TrainerAvailable(TrainerEvent):
    """The trainer may be proposed from now on: profile complete, consent given, employer agreed if there is one."""

    type: ClassVar[str] = f"{PREFIX}trainer.available.v1"
    dutch: ClassVar[str] = "De hto'er is beschikbaar voor voorstellen."
    company_id: UUID | None
    region: str | None


class TrainerPaused(TrainerEvent):
    """No new proposals for a while; what runs goes on."""

    type: ClassVar[str] = f"{PREFIX}trainer.paused.v1"
    dutch: ClassVar[str] = "De hto'er wil tijdelijk geen nieuwe voorstellen."


class TrainerExpired(TrainerEvent):
    """The application was not confirmed in time."""

    type: ClassVar[str] = f"{PREFIX}trainer.expired.v1"
    dutch: ClassVar[str] = "De aanmelding is verlopen omdat zij niet op tijd is bevestigd."


class TrainerLeft(TrainerEvent):
    """The trainer leaves the programme; whatever is open falls away."""

    type: ClassVar[str] = f"{PREFIX}trainer.left.v1"
    dutch: ClassVar[str] = "De hto'er verlaat het programma."
    reason: Literal["own_wish", "employer", "schedule", "qualification", "fee", "other"]


class TrainerAnonymised(TrainerEvent):
    """The person is erased: every service scrubs its copy and confirms."""

    type: ClassVar[str] = f"{PREFIX}trainer.anonymised.v1"
    dutch: ClassVar[str] = "De persoonsgegevens zijn gewist; elke dienst wist zijn kopie en bevestigt dat."


class ConsentGiven(TrainerEvent):
    """The trainer agrees to be in the talent pool until a day."""

    type: ClassVar[str] = f"{PREFIX}consent.given.v1"
    dutch: ClassVar[str] = "De hto'er geeft toestemming om tot een datum in de talentenpool te staan."
    until: date


class ConsentWithdrawn(TrainerEvent):
    """The trainer takes the consent back."""

    type: ClassVar[str] = f"{PREFIX}consent.withdrawn.v1"
    dutch: ClassVar[str] = "De hto'er trekt de toestemming in."


class ConsentExpiring(TrainerEvent):
    """The consent ends soon; the trainer is asked to renew it."""

    type: ClassVar[str] = f"{PREFIX}consent.expiring.v1"
    dutch: ClassVar[str] = "De toestemming loopt binnenkort af; de hto'er wordt gevraagd haar te verlengen."
    until: date


class ConsentExpired(TrainerEvent):
    """The consent ended without being renewed."""

    type: ClassVar[str] = f"{PREFIX}consent.expired.v1"
    dutch: ClassVar[str] = "De toestemming is afgelopen zonder te zijn verlengd."


class EmployerAgreed(TrainerEvent):
    """The employer agrees that the trainer teaches, in principle."""

    type: ClassVar[str] = f"{PREFIX}trainer.employer-agreed.v1"
    dutch: ClassVar[str] = "De werkgever stemt er in beginsel mee in dat de hto'er lesgeeft."
    company_id: UUID


class VogShown(TrainerEvent):
    """A certificate of conduct was shown and seen; its dates are in the profile, which can be taken back."""

    type: ClassVar[str] = f"{PREFIX}vog.shown.v2"
    dutch: ClassVar[str] = "Een VOG is getoond en gezien; de data staan in het profiel, dat gewist kan worden."


@upcast(f"{PREFIX}vog.shown.v1", to=VogShown)
def _dates_went_to_the_profile(v1: Data) -> Data:
    return {name: value for name, value in v1.items() if name not in {"issuedOn", "shownOn"}}


# -- qualifications -----------------------------------------------------------------------------------------------


class QualificationEvent(Event):
    """Something about one qualification of a trainer."""

    about: ClassVar[str] = "qualification_id"
    taking_part: ClassVar[frozenset[str]] = frozenset({"trainer"})
    qualification_id: UUID
    trainer_id: UUID
    code: str
    subject: str | None
    """A trade or subject of the reference list; None where the qualification is bound to none."""


class QualificationClaimed(QualificationEvent):
    """A trainer says to hold a qualification."""

    type: ClassVar[str] = f"{PREFIX}qualification.claimed.v1"
    dutch: ClassVar[str] = "Een hto'er zegt een bevoegdheid te hebben."


class QualificationEvidenceSubmitted(QualificationEvent):
    """The evidence of a qualification was handed in."""

    type: ClassVar[str] = f"{PREFIX}qualification.evidence-submitted.v1"
    dutch: ClassVar[str] = "Het bewijs van een bevoegdheid is ingediend."


class QualificationInReview(QualificationEvent):
    """Somebody began to check the evidence."""

    type: ClassVar[str] = f"{PREFIX}qualification.in-review.v1"
    dutch: ClassVar[str] = "Iemand is begonnen het bewijs van een bevoegdheid te controleren."


class QualificationVerified(QualificationEvent):
    """Somebody checked the evidence of a qualification."""

    type: ClassVar[str] = f"{PREFIX}qualification.verified.v1"
    dutch: ClassVar[str] = "Het bewijs van een bevoegdheid is gecontroleerd."
    valid_until: date | None


class QualificationRejected(QualificationEvent):
    """The evidence does not show the qualification; other evidence may."""

    type: ClassVar[str] = f"{PREFIX}qualification.rejected.v1"
    dutch: ClassVar[str] = "Het bewijs toont de bevoegdheid niet aan; ander bewijs kan dat nog doen."
    reason: Literal["unreadable", "incomplete", "not_recognised", "expired", "other"]


class QualificationExpired(QualificationEvent):
    """A verified qualification is past its last day."""

    type: ClassVar[str] = f"{PREFIX}qualification.expired.v1"
    dutch: ClassVar[str] = "Een gecontroleerde bevoegdheid is verlopen."


class QualificationRevoked(QualificationEvent):
    """A verified qualification was taken back."""

    type: ClassVar[str] = f"{PREFIX}qualification.revoked.v1"
    dutch: ClassVar[str] = "Een gecontroleerde bevoegdheid is ingetrokken."


# -- vacancies ----------------------------------------------------------------------------------------------------


class VacancyFacts(Event):
    """What a school asks."""

    about: ClassVar[str] = "vacancy_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {REGION}
    vacancy_id: UUID
    board_id: UUID
    school_id: UUID
    location_id: UUID
    region: str | None
    school_type: SchoolType
    role: TeachingRole
    subject: str
    """A trade or subject of the reference list."""
    minutes_per_week: int
    """Contact minutes."""
    preparation_minutes_per_week: int
    roster: list[Slot] | None
    """None is flexible."""
    starts_on: date
    ends_on: date | None
    places: int
    supervisor_id: UUID | None
    """A qualified teacher, mandatory for a guest lecturer."""
    forms: list[Form]
    """Acceptable forms, preferred first."""
    fee: Fee
    language: str
    structural: bool
    statutory_lessons: bool
    """Whether the lessons are part of the education that the school gives by law."""
    latitude: float | None
    longitude: float | None
    group_size: int
    """Pupils or students in the group."""
    upper_years: bool
    """Whether it is about the years for which grade 1 is asked."""
    municipality: str | None = None
    """Of the location; it decides in which school holiday region the lessons are."""
    days_without_lessons: list[date] = Field(default_factory=list)
    """On which the school gives no lessons, beside all holidays."""


class VacancyDrafted(VacancyFacts):
    """A school prepares a vacancy, or changed the draft; nobody is asked yet."""

    type: ClassVar[str] = f"{PREFIX}vacancy.drafted.v2"
    dutch: ClassVar[str] = "Een school bereidt een vacature voor of heeft het concept gewijzigd; er gaat nog niets uit."


class VacancyPosted(VacancyFacts):
    """A school asks for one or more trainers."""

    type: ClassVar[str] = f"{PREFIX}vacancy.posted.v2"
    dutch: ClassVar[str] = "Een school vraagt een of meer hto'ers."


class VacancyChanged(VacancyFacts):
    """The school asks something else than before."""

    type: ClassVar[str] = f"{PREFIX}vacancy.changed.v2"
    dutch: ClassVar[str] = "De school heeft de vacature gewijzigd."


def _every_day_had_lessons(v1: Data) -> Data:
    return {**v1, "municipality": None, "daysWithoutLessons": []}


for _old, _new in (("drafted", VacancyDrafted), ("posted", VacancyPosted), ("changed", VacancyChanged)):
    upcast(f"{PREFIX}vacancy.{_old}.v1", to=_new)(_every_day_had_lessons)


class VacancyEvent(Event):
    """Something about a vacancy."""

    about: ClassVar[str] = "vacancy_id"
    taking_part: ClassVar[frozenset[str]] = SCHOOL_SIDE | {REGION}
    vacancy_id: UUID


class VacancyWithdrawn(VacancyEvent):
    """The school takes the vacancy back; open proposals end."""

    type: ClassVar[str] = f"{PREFIX}vacancy.withdrawn.v1"
    dutch: ClassVar[str] = "De school trekt de vacature in; open voorstellen vervallen."
    reason: Literal["no_longer_needed", "filled_elsewhere", "budget", "other"]


class VacancyFilled(VacancyEvent):
    """Every place has a signed contract."""

    type: ClassVar[str] = f"{PREFIX}vacancy.filled.v1"
    dutch: ClassVar[str] = "Voor elke plaats is een contract ondertekend."


class VacancyReopened(VacancyEvent):
    """A filled or expired vacancy asks again: a contract fell away, places were added or the dates moved."""

    type: ClassVar[str] = f"{PREFIX}vacancy.reopened.v1"
    dutch: ClassVar[str] = "Een vervulde of verlopen vacature staat weer open: er is weer plaats of een nieuwe datum."


class VacancyClosed(VacancyEvent):
    """Every contract of a filled vacancy is over."""

    type: ClassVar[str] = f"{PREFIX}vacancy.closed.v1"
    dutch: ClassVar[str] = "Alle contracten van een vervulde vacature zijn afgelopen."


class VacancyExpired(VacancyEvent):
    """The starting day has passed long ago and a place was still free."""

    type: ClassVar[str] = f"{PREFIX}vacancy.expired.v1"
    dutch: ClassVar[str] = "De vacature is verlopen terwijl er nog plaats was."


# -- restricted, compacted, personal ------------------------------------------------------------------------------


class ContactState(CompactedEvent):
    """How to reach and address a party. Readers: notifications, contracts, and operations masked."""

    type: ClassVar[str] = f"{PREFIX}contact.stated.v1"
    dutch: ClassVar[str] = "Hoe een partij heet en bereikt wordt (beperkt toegankelijk, wisbaar)."
    about: ClassVar[str] = "party_id"
    topic: ClassVar[str] = "hto.registry.contacts"
    party_id: UUID
    """A trainer's or an organisation's id."""
    party: Party | None
    """None for a desk."""
    name: str
    contact_name: str | None
    """Whom to address; the name itself for a person. A location's is its school's, a school's its board's where it
    has none of its own; None where nobody is named at all. A vacancy is only posted where somebody is."""
    email: str | None
    """None only together with ``contact_name``."""
    language: Literal["nl", "en"]
    company_id: UUID | None = None
    board_id: UUID | None = None
    school_id: UUID | None = None
    brin: str | None = None
    kvk: str | None = None


class ProfileState(CompactedEvent):
    """What a trainer offers, pseudonymous. Readers: matching, contracts."""

    type: ClassVar[str] = f"{PREFIX}profile.stated.v3"
    dutch: ClassVar[str] = "Wat een hto'er aanbiedt, pseudoniem (beperkt toegankelijk, wisbaar)."
    about: ClassVar[str] = "trainer_id"
    topic: ClassVar[str] = "hto.registry.profiles"
    trainer_id: UUID
    status: Literal["intake", "available", "paused"]
    company_id: UUID | None
    employer_agreed: bool
    trades: list[str]
    school_types: list[SchoolType]
    forms: list[Form]
    """Acceptable forms, preferred first."""
    availability: list[Slot]
    desired_minutes_per_week: int
    desired_months: int | None
    travel_km: int
    postcode_area: str
    region: str | None
    latitude: float
    longitude: float
    languages: list[str]
    qualifications: list[HeldQualification]
    vog_issued_on: date | None
    vog_shown_on: date | None
    company_minutes_per_week: int
    """Declared working time at the company; 0 without one."""
    company_days: list[int]
    """Declared working days, ISO weekdays."""
    in_training: bool
    experience_years: int
    """In the trade."""
    shortage_trade: bool
    crkbo_registered: bool
    consent_until: date | None
    roles: list[TeachingRole]
    """Wanted roles; none named is any."""
    company_latitude: float | None
    """Of the company's place; null without a company, or where its place is not known."""
    company_longitude: float | None
    company_region: str | None
    """Labour-market region of the company's place."""
    employer_minutes_per_week: int | None
    """For so many minutes a week in all the company lets its employee teach; null: it named no limit."""
    quiet_weeks: list[date]
    """Mondays of the weeks in which the trainer is not asked."""
    absences: list[Absence]
    """When the trainer is away, whatever the week offers otherwise; never why."""
    company_size: CompanySize | None
    """As the company names it; null without a company, and where it did not."""


@upcast(f"{PREFIX}profile.stated.v1", to=ProfileState)
def _no_role_and_no_place_was_published(v1: Data) -> Data:
    nowhere = {"companyLatitude": None, "companyLongitude": None, "companyRegion": None}
    return _nothing_of_v3_was_published({**v1, "roles": [], **nowhere})


@upcast(f"{PREFIX}profile.stated.v2", to=ProfileState)
def _nothing_of_v3_was_published(v2: Data) -> Data:
    return {**v2, "employerMinutesPerWeek": None, "quietWeeks": [], "absences": [], "companySize": None}
