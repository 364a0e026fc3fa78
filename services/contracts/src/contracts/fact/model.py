"""Replicas of other services' facts: only those from which a contract is drawn up or judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from events.registry import ContactState, OrganisationFacts, ProfileState, VacancyFacts
from events.words import Fee, HeldQualification, LendingStatus, OrganisationKind, Party, SchoolType, Slot, TeachingRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """A vacancy of a school."""

    id: UUID
    region: str | None
    school_type: SchoolType
    role: TeachingRole
    subject: str
    preparation_minutes_per_week: int
    roster: tuple[Slot, ...] | None
    supervisor_id: UUID | None
    fee: Fee
    language: str
    structural: bool
    statutory_lessons: bool
    group_size: int
    upper_years: bool
    withdrawn: bool = False

    @classmethod
    def of(cls, published: VacancyFacts) -> Vacancy:
        """Copy it from an event."""
        return cls(
            id=published.vacancy_id,
            region=published.region,
            school_type=published.school_type,
            role=published.role,
            subject=published.subject,
            preparation_minutes_per_week=published.preparation_minutes_per_week,
            roster=None if published.roster is None else tuple(published.roster),
            supervisor_id=published.supervisor_id,
            fee=published.fee,
            language=published.language,
            structural=published.structural,
            statutory_lessons=published.statutory_lessons,
            group_size=published.group_size,
            upper_years=published.upper_years,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A trainer, pseudonymous: what the law asks about them. Gone when they leave."""

    id: UUID
    availability: tuple[Slot, ...]
    qualifications: tuple[HeldQualification, ...]
    company_minutes_per_week: int
    company_days: tuple[int, ...]
    in_training: bool
    experience_years: int
    crkbo_registered: bool
    company_id: UUID | None = None
    """The main employer, also where it is no party; None too of a profile that came before this was stored."""

    @classmethod
    def of(cls, published: ProfileState) -> Person:
        """Copy it from the profile."""
        return cls(
            id=published.trainer_id,
            availability=tuple(published.availability),
            qualifications=tuple(published.qualifications),
            company_minutes_per_week=published.company_minutes_per_week,
            company_days=tuple(published.company_days),
            in_training=published.in_training,
            experience_years=published.experience_years,
            crkbo_registered=published.crkbo_registered,
            company_id=published.company_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vog:
    """The certificate of conduct that a trainer showed last: its dates, and nothing else."""

    id: UUID
    """The trainer's."""
    issued_on: date
    shown_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An organisation as VAT and lending law see it."""

    id: UUID
    kind: OrganisationKind
    lending_status: LendingStatus | None
    education_recognised: bool

    @classmethod
    def of(cls, published: OrganisationFacts) -> Organisation:
        """Copy it from an event."""
        return cls(
            id=published.organisation_id,
            kind=published.kind,
            lending_status=published.lending_status,
            education_recognised=published.education_recognised,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a party is called in a document; personal, and gone when it is erased."""

    id: UUID
    party: Party | None
    name: str
    contact_name: str | None
    language: Literal["nl", "en"]
    brin: str | None
    kvk: str | None

    @classmethod
    def of(cls, published: ContactState) -> Contact:
        """Copy it from the state; where mail goes to is not needed here."""
        return cls(
            id=published.party_id,
            party=published.party,
            name=published.name,
            contact_name=published.contact_name,
            language=published.language,
            brin=published.brin,
            kvk=published.kvk,
        )
