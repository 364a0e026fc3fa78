"""A qualification: its evidence is handed in and checked."""

from __future__ import annotations

from typing import Final

from events.registry import (
    QualificationClaimed,
    QualificationEvidenceSubmitted,
    QualificationExpired,
    QualificationInReview,
    QualificationRejected,
    QualificationRevoked,
    QualificationVerified,
)
from operations.case.model.open_step import DONE, SYSTEM, After, Step

SUBMIT: Final = Step(
    "submit_evidence",
    nl="Bewijs van bevoegdheid indienen",
    en="Hand in evidence of the qualification",
    waits=True,
)
CHECK: Final = Step(
    "check_evidence",
    nl="Bewijs van bevoegdheid controleren",
    en="Check the evidence of the qualification",
)

after: Final = After()
after(QualificationClaimed, QualificationRejected, QualificationExpired, then=SUBMIT.by("trainer"))
after(QualificationEvidenceSubmitted, QualificationInReview, then=CHECK.by(SYSTEM))
after(QualificationVerified, QualificationRevoked, then=DONE)
