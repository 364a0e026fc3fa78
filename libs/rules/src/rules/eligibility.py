"""Facts that decide eligibility: proofs held, the place, the plan; and obligations that may go with a ground."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rules.forms import SchoolType, TeachingRole
from rules.guest_cap import PilotOverride, PlannedWork, TaughtLine


class Credential(StrEnum):
    """A proof that a ground may ask for."""

    TEACHER_GRADE_1 = "teacher_grade_1"
    TEACHER_GRADE_2 = "teacher_grade_2"
    TEACHER_PO = "teacher_po"
    PDG = "pdg"
    PDD = "pdd"
    PDC = "pdc"
    SUITABILITY_STATEMENT = "suitability_statement"
    TRAINING_AGREEMENT = "training_agreement"
    IN_TRAINING = "in_training"
    IN_PDG = "in_pdg"
    TEACHER_STUDENT = "teacher_student"
    BOARD_STATEMENT = "board_statement"
    HBO_LEVEL = "hbo_level"
    HTO_MODULE = "hto_module"
    BOARD_DEVIATION = "board_deviation"
    """The board's decision to deviate from what is asked of a teacher."""
    EU_RECOGNITION = "eu_recognition"


class Obligation(StrEnum):
    """An obligation that goes with a ground."""

    SUPERVISION = "supervision"
    """A qualified teacher answers for the lessons and is named in the contract."""
    TEAM_SUPERVISION = "team_supervision"
    IN_TRAINING = "in_training"
    TRAINING_AFTERWARDS = "training_afterwards"
    NEVER_ALONE_RESPONSIBLE = "never_alone_responsible"
    REPORT_TO_INSPECTORATE = "report_to_inspectorate"
    BOARD_JUDGEMENT = "board_judgement"
    """The board judges that a guest can do this, and can show that it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A *verified* proof; ``subjects`` is empty where it is not bound to any, ``expires_on`` its last day."""

    credential: Credential
    subjects: frozenset[str] = frozenset()
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundUsed:
    """Since when a person works at a board on a ground, whatever the number of contracts."""

    ground: str
    started_on: date
    extensions: int = 0
    """How often the board let it last longer, each time with a written statement of effort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityFacts:
    """The place, the person, and what counts towards a cap; the plan that is judged is part of ``planned``."""

    day: date
    """The day judged: the start, or today for work that runs."""
    school_type: SchoolType
    role: TeachingRole
    board: str
    until: date | None = None
    """The last day of the work that is judged."""
    subject: str | None = None
    upper_years: bool = False
    """Lessons in the years for which grade 1 is asked."""
    held: tuple[Held, ...] = ()
    experience_years: int = 0
    share_lower_years: Decimal = Decimal(0)
    """The part of the person's lessons given in lower years, 0 to 1."""
    school_share_underqualified: Decimal = Decimal(0)
    """The part of the school's upper-year lessons given underqualified, these included, 0 to 1."""
    taught: tuple[TaughtLine, ...] = ()
    planned: tuple[PlannedWork, ...] = ()
    ground: str | None = None
    """Judge only this ground; else the best one that holds."""
    ground_started_on: date | None = None
    """When the person began on this ground; else it begins on ``day``."""
    extended: bool = False
    """Once, with a statement of effort."""
    used: tuple[GroundUsed, ...] = ()
    """The same of every ground on which the person worked at this board; it comes before both."""
    contract_activity: bool = False
    """Lessons that are no part of the education that the school gives by law."""
    above_cap_since: date | None = None
    """The first lesson above the cap: the two-year clock runs from it."""
    extended_until: date | None = None
    override: PilotOverride | None = None
