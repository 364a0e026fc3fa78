"""A trainer, from the application to the erasure of every personal trace."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias, get_args
from uuid import UUID

from common.errors import Conflict, Refused
from common.lifecycle import LifeCycle
from events import Event
from events.parties import Parties
from events.registry import (
    ConsentExpired,
    ConsentExpiring,
    ConsentGiven,
    ConsentWithdrawn,
    EmployerAgreed,
    TrainerAnonymised,
    TrainerApplied,
    TrainerAvailable,
    TrainerConfirmed,
    TrainerDetailsChanged,
    TrainerExpired,
    TrainerIntakeStarted,
    TrainerLeft,
    TrainerPaused,
    TrainerProfileChanged,
    VogShown,
)
from events.words import Form
from registry.reference.model import PostcodeArea
from registry.trainer.model.person import Person, Place, Vog
from registry.trainer.model.profile import Profile

LeftReason: TypeAlias = Literal["own_wish", "employer", "schedule", "qualification", "fee", "other"]
LEFT_REASONS: Final = get_args(LeftReason)


class Status(StrEnum):
    """Where a trainer is; *in talks* and *deployed* are derived: one at a school may be sought by another."""

    APPLIED = "applied"
    CONFIRMED = "confirmed"
    INTAKE = "intake"
    AVAILABLE = "available"
    PAUSED = "paused"
    LEFT = "left"
    EXPIRED = "expired"
    ANONYMISED = "anonymised"


APPLIED, CONFIRMED, INTAKE, AVAILABLE, PAUSED, LEFT, EXPIRED, ANONYMISED = Status


class NotPossible(Conflict):
    """A trainer that is {status} cannot become {wanted}."""


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        APPLIED: {CONFIRMED, EXPIRED, LEFT},
        CONFIRMED: {INTAKE, LEFT},
        INTAKE: {AVAILABLE, LEFT},
        AVAILABLE: {PAUSED, LEFT},
        PAUSED: {AVAILABLE, LEFT},
        LEFT: {ANONYMISED},
        EXPIRED: {ANONYMISED},
    },
)

PROFILED: Final = frozenset({INTAKE, AVAILABLE, PAUSED})
"""In these the others know the profile."""
TAKING_PART: Final = PROFILED | {CONFIRMED}
PRESENT: Final = TAKING_PART | {APPLIED}


class NotTakingPart(Conflict):
    """This takes a trainer who has confirmed and not left; this one is {status}."""


class NotReady(Refused):
    """The trainer cannot be available yet; still missing: {missing}."""


class ConsentNotAhead(Refused):
    """A consent ends after today and at the latest on {latest}."""


class VogDatesInDisorder(Refused):
    """A certificate of conduct is issued first, shown then, and neither after today."""


class OlderVog(Refused):
    """A certificate of conduct that was issued later is known already, on {issued_on}."""


class NoEmployer(Refused):
    """This trainer names no employer that could agree."""


class AnotherEmployer(Conflict):
    """This trainer works for another company."""


class DeclaredOtherwise(Conflict):
    """Whether this trainer taught before was declared in the application, and stays as it was said."""


class ComparedFirst(Conflict):
    """The desk of the region compares this with what it knows before it goes on."""


class NobodyAlike(Conflict):
    """These two share neither a mail address nor a name and a postcode: they are no record of one person."""


class AtWork(Conflict):
    """This trainer has a contract that runs: merge the other one into it."""


class StillIncomplete(Refused):
    """A trainer who is available or paused keeps a complete profile; missing: {missing}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """The person and the offer; everything personal is None once anonymised."""

    id: UUID
    version: int = 0
    status: Status = APPLIED
    applied_at: datetime
    person: Person | None
    place: Place | None
    """Where the person lives, no finer than the postcode area."""
    region: str
    """Kept for ever: figures are counted by region."""
    company_id: UUID | None = None
    employer_agreed: bool = False
    employer_minutes: int | None = None
    """For so many minutes a week in all the employer lets the trainer teach; None: it named no limit."""
    was_trainer_before: bool = False
    """Own declaration: not *extra* then."""
    consent_until: date | None = None
    profile: Profile | None = None
    vog: Vog | None = None
    left_on: date | None = None
    """Or on which day the application expired."""
    left_reason: LeftReason | None = None
    merged_into: UUID | None = None
    """The record of the same person that stays."""

    @property
    def case(self) -> UUID:
        """A trainer is a case until matched."""
        return self.id

    @property
    def parties(self) -> Parties:
        """The trainer, and the employer once the trainer has confirmed to be who applied."""
        company = None if self.status in {APPLIED, EXPIRED} else self.company_id
        return Parties(trainer=self.id, company=company, region=self.region)

    @property
    def employer_id(self) -> UUID | None:
        """The company that may see the trainer: none before the person has confirmed to be who applied."""
        return self.company_id if self.status in TAKING_PART or self.profile is not None else None

    # -- the life cycle -------------------------------------------------------------------------------------------

    @classmethod
    def apply(
        cls,
        id_: UUID,
        person: Person,
        area: PostcodeArea,
        *,
        company_id: UUID | None,
        was_trainer_before: bool,
        at: datetime,
    ) -> tuple[Trainer, list[Event]]:
        """Ask to become a trainer."""
        trainer = cls(
            id=id_,
            applied_at=at,
            person=person,
            company_id=company_id,
            was_trainer_before=was_trainer_before,
            place=Place.of(area),
            region=area.region,
        )
        applied = TrainerApplied(
            trainer_id=id_, company_id=company_id, region=area.region, was_trainer_before=was_trainer_before
        )
        return trainer, [applied]

    def confirm(self) -> tuple[Trainer, list[Event]]:
        """Confirm the application; whoever is further has done so."""
        if self.status in TAKING_PART:
            return self, []
        return LIFE_CYCLE.become(self, CONFIRMED, TrainerConfirmed(trainer_id=self.id))

    def expire(self, today: date) -> tuple[Trainer, list[Event]]:
        """Let an application fall away that nobody confirmed; one that was has nothing to lose."""
        if self.status is not APPLIED:
            return self, []
        return LIFE_CYCLE.become(self, EXPIRED, TrainerExpired(trainer_id=self.id), left_on=today)

    def update_profile(self, profile: Profile, lent: Collection[Form]) -> tuple[Trainer, list[Event]]:
        """Take a profile; the first one begins the intake.

        Where it leaves only forms in which an employer that has not agreed has a say (``lent``), nothing new is
        proposed before it has.
        """
        if self.status in {AVAILABLE, PAUSED} and (gaps := profile.gaps()):
            raise StillIncomplete(missing=", ".join(gaps))
        if self.status in PROFILED:
            changed, events = self._with(TrainerProfileChanged(trainer_id=self.id), profile=profile)
            return changed.pause_if_available(events) if events and changed.awaits_employer(lent) else (changed, events)
        return LIFE_CYCLE.become(self, INTAKE, TrainerIntakeStarted(trainer_id=self.id), profile=profile)

    def become_available(self, today: date, lent: Collection[Form]) -> tuple[Trainer, list[Event]]:
        """Ask for proposals: profile complete, consent valid, and the employer agrees where it has a say."""
        if self.status is AVAILABLE:
            return self, []
        LIFE_CYCLE.check(self, AVAILABLE)
        if missing := self.missing(today, lent):
            raise NotReady(missing=", ".join(missing))
        event = TrainerAvailable(trainer_id=self.id, company_id=self.company_id, region=self.region)
        return LIFE_CYCLE.become(self, AVAILABLE, event)

    def pause(self) -> tuple[Trainer, list[Event]]:
        """Want no new proposals for a while."""
        if self.status is PAUSED:
            return self, []
        return LIFE_CYCLE.become(self, PAUSED, TrainerPaused(trainer_id=self.id))

    def leave(self, reason: LeftReason, today: date) -> tuple[Trainer, list[Event]]:
        """Leave the programme."""
        if self.status is LEFT:
            return self, []
        event = TrainerLeft(trainer_id=self.id, reason=reason)
        return LIFE_CYCLE.become(self, LEFT, event, left_on=today, left_reason=reason, consent_until=None)

    def merge(self, into: Trainer, today: date) -> tuple[Trainer, list[Event]]:
        """Leave because another record of the same person stays.

        Raises:
            NotTakingPart: the record that should stay does not.
        """
        if self.status is LEFT and self.merged_into == into.id:
            return self, []
        if into.status not in PRESENT or into.id == self.id:
            raise NotTakingPart(status=into.status.value)
        left, events = self.leave("other", today)
        return replace(left, merged_into=into.id), events

    def anonymise(self) -> tuple[Trainer, list[Event]]:
        """Forget the person; what figures are made of stays: id, region, whether a trainer before."""
        if self.status is ANONYMISED:
            return self, []
        return LIFE_CYCLE.become(
            self,
            ANONYMISED,
            TrainerAnonymised(trainer_id=self.id),
            person=None,
            place=None,
            profile=None,
            vog=None,
            consent_until=None,
            employer_minutes=None,
        )

    def erase(self, today: date) -> tuple[Trainer, list[Event]]:
        """Leave, if still present, and be forgotten at once."""
        left, leaving = self.leave("own_wish", today) if self.status in PRESENT else (self, [])
        anonymous, forgetting = left.anonymise()
        return anonymous, [*leaving, *forgetting]

    # -- what happens on the way ----------------------------------------------------------------------------------

    def update_details(
        self, person: Person, area: PostcodeArea, company_id: UUID | None
    ) -> tuple[Trainer, list[Event]]:
        """Take other personal details; with another employer the trainer pauses and looks at the offer anew."""
        if self.status not in PRESENT:
            raise NotTakingPart(status=self.status.value)
        same_company = company_id == self.company_id
        event = TrainerDetailsChanged(trainer_id=self.id, company_id=company_id, region=area.region)
        corrected, events = self._with(
            event,
            person=person,
            company_id=company_id,
            employer_agreed=self.employer_agreed and same_company,
            employer_minutes=self.employer_minutes if same_company else None,
            place=Place.of(area),
            region=area.region,
        )
        return (corrected, events) if same_company else corrected.pause_if_available(events)

    def relocate(self, area: PostcodeArea) -> tuple[Trainer, list[Event]]:
        """Follow the postcode reference."""
        event = TrainerDetailsChanged(trainer_id=self.id, company_id=self.company_id, region=area.region)
        return self._with(event, region=area.region, place=self.place and Place.of(area))

    def give_consent(self, until: date, *, today: date, latest: date) -> tuple[Trainer, list[Event]]:
        """Agree to be in the talent pool until a day."""
        self._check_taking_part()
        if not today < until <= latest:
            raise ConsentNotAhead(latest=latest.isoformat())
        return self._with(ConsentGiven(trainer_id=self.id, until=until), consent_until=until)

    def withdraw_consent(self) -> tuple[Trainer, list[Event]]:
        """Take the consent back; without it nobody is proposed."""
        if self.consent_until is None:
            return self, []
        without, events = self._with(ConsentWithdrawn(trainer_id=self.id), consent_until=None)
        return without.pause_if_available(events)

    def remind_of_consent(self) -> list[Event]:
        """Tell that the consent ends soon."""
        return [] if self.consent_until is None else [ConsentExpiring(trainer_id=self.id, until=self.consent_until)]

    def expire_consent(self, today: date) -> tuple[Trainer, list[Event]]:
        """Lose the consent after its last day; a renewed one stays."""
        if self.consent_until is None or self.consent_until >= today:
            return self, []
        without, events = self._with(ConsentExpired(trainer_id=self.id), consent_until=None)
        return without.pause_if_available(events)

    def show_vog(self, vog: Vog, today: date) -> tuple[Trainer, list[Event]]:
        """Show a certificate of conduct."""
        self._check_taking_part()
        if not vog.issued_on <= vog.shown_on <= today:
            raise VogDatesInDisorder
        if self.vog is not None and vog.issued_on < self.vog.issued_on:
            raise OlderVog(issued_on=self.vog.issued_on.isoformat())
        return self._with(VogShown(trainer_id=self.id), vog=vog)

    def employer_agrees(
        self, company_id: UUID | None, *, minutes_per_week: int | None = None
    ) -> tuple[Trainer, list[Event]]:
        """Take the employer's agreement; ``company_id`` None is whichever company the trainer works for.

        ``minutes_per_week`` is the limit of the employer, None without one: the last word counts.
        """
        self._check_taking_part()
        if self.company_id is None:
            raise NoEmployer
        if company_id not in {None, self.company_id}:
            raise AnotherEmployer
        event = EmployerAgreed(trainer_id=self.id, company_id=self.company_id)
        return self._with(event, employer_agreed=True, employer_minutes=minutes_per_week)

    def requalify(self) -> tuple[Trainer, list[Event]]:
        """Tell that the profile is another one because a qualification is."""
        if self.status not in PROFILED:
            return self, []
        return self, [TrainerProfileChanged(trainer_id=self.id)]

    def pause_if_available(self, events: list[Event]) -> tuple[Trainer, list[Event]]:
        """Pause after ``events`` if available."""
        if self.status is not AVAILABLE:
            return self, events
        paused, pausing = self.pause()
        return paused, [*events, *pausing]

    # -- what can be asked ----------------------------------------------------------------------------------------

    def missing(self, today: date, lent: Collection[Form]) -> tuple[str, ...]:
        """Return what must still happen before the trainer can be available; ``lent`` as in ``awaits_employer``."""
        gaps = self.profile.gaps() if self.profile else ("profile",)
        consent = () if self.has_consent(today) else ("consent",)
        employer = ("employer",) if self.awaits_employer(lent) else ()
        return (*gaps, *consent, *employer)

    def awaits_employer(self, lent: Collection[Form]) -> bool:
        """Whether the employer is to agree first: ``lent`` are the forms in which an employer has a say.

        Where the trainer accepts another one as well, the employer need not know yet: it is asked with a proposal in
        which it has a say.
        """
        forms = self.profile.forms if self.profile else ()
        decides = self.company_id is not None and bool(forms) and set(forms) <= set(lent)
        return decides and not self.employer_agreed

    def has_consent(self, today: date) -> bool:
        """Whether the talent pool may have them today."""
        return self.consent_until is not None and today <= self.consent_until

    # -- one way to change ----------------------------------------------------------------------------------------

    def _with(self, event: Event, **changes: Any) -> tuple[Trainer, list[Event]]:
        """Change without changing state; values that are the same already publish nothing."""
        changed = replace(self, **changes)
        return (self, []) if changed == self else (changed, [event])

    def _check_taking_part(self) -> None:
        if self.status not in TAKING_PART:
            raise NotTakingPart(status=self.status.value)
