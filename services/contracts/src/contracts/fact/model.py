"""What others told and this service keeps a copy of: only what a contract is made of or judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from events.registry import ContactState, OrganisationFacts, ProfileState, VacancyFacts
from events.words import Fee, HeldQualification, LendingStatus, OrganisationKind, Party, SchoolType, Slot, TeachingRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """What a school asks."""

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
    def of(cls, told: VacancyFacts) -> Vacancy:
        """Copy it from an event."""
        return cls(
            id=told.vacancy_id,
            region=told.region,
            school_type=told.school_type,
            role=told.role,
            subject=told.subject,
            preparation_minutes_per_week=told.preparation_minutes_per_week,
            roster=None if told.roster is None else tuple(told.roster),
            supervisor_id=told.supervisor_id,
            fee=told.fee,
            language=told.language,
            structural=told.structural,
            statutory_lessons=told.statutory_lessons,
            group_size=told.group_size,
            upper_years=told.upper_years,
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

    @classmethod
    def of(cls, told: ProfileState) -> Person:
        """Copy it from the profile."""
        return cls(
            id=told.trainer_id,
            availability=tuple(told.availability),
            qualifications=tuple(told.qualifications),
            company_minutes_per_week=told.company_minutes_per_week,
            company_days=tuple(told.company_days),
            in_training=told.in_training,
            experience_years=told.experience_years,
            crkbo_registered=told.crkbo_registered,
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
    """What an organisation is in the eyes of VAT and lending law."""

    id: UUID
    kind: OrganisationKind
    lending_status: LendingStatus | None
    education_recognised: bool

    @classmethod
    def of(cls, told: OrganisationFacts) -> Organisation:
        """Copy it from an event."""
        return cls(
            id=told.organisation_id,
            kind=told.kind,
            lending_status=told.lending_status,
            education_recognised=told.education_recognised,
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
    def of(cls, told: ContactState) -> Contact:
        """Copy it from the state; where mail goes to is not needed here."""
        return cls(
            id=told.party_id,
            party=told.party,
            name=told.name,
            contact_name=told.contact_name,
            language=told.language,
            brin=told.brin,
            kvk=told.kvk,
        )
