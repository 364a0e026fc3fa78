"""The words of every next step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "confirm_organisation": ("Organisatie bevestigen", "Confirm the organisation"),
    "answer_move": (
        "Antwoorden of een school of vestiging mag overgaan",
        "Answer whether a school or location may move",
    ),
    "approve_policy_change": ("Wijziging van een regel beoordelen", "Judge the change of a rule"),
    "answer_bottleneck": ("Gemeld knelpunt beantwoorden", "Answer a reported bottleneck"),
    "confirm_application": ("Aanmelding bevestigen", "Confirm the application"),
    "complete_intake": ("Intake afronden", "Complete the intake"),
    "become_available": ("Beschikbaar worden", "Become available"),
    "wait_for_proposal": ("Wachten op een voorstel", "Wait for a proposal"),
    "resume": ("Weer beschikbaar worden", "Become available again"),
    "renew_consent": ("Toestemming verlengen", "Renew the consent"),
    "submit_evidence": ("Bewijs van bevoegdheid indienen", "Hand in evidence of the qualification"),
    "check_evidence": ("Bewijs van bevoegdheid controleren", "Check the evidence of the qualification"),
    "post_vacancy": ("Vacature plaatsen", "Post the vacancy"),
    "find_candidate": ("Kandidaat zoeken", "Find a candidate"),
    "help_waiting_vacancy": ("Wachtende vacature helpen", "Help a waiting vacancy"),
    "answer_proposal": ("Voorstel beantwoorden", "Answer the proposal"),
    "accept_proposal": ("Voorstel vaststellen", "Settle the proposal"),
    "draft_contract": ("Contract opstellen", "Draft the contract"),
    "check_contract": ("Contract toetsen", "Check the contract"),
    "review_contract": ("Contract beoordelen", "Review the contract"),
    "complete_contract": ("Contract aanvullen en opnieuw indienen", "Complete the contract and hand it in again"),
    "sign_contract": ("Contract ondertekenen", "Sign the contract"),
    "start_contract": ("Contract laten ingaan", "Start the contract"),
    "complete_for_start": ("Ontbrekende gegevens aanvullen", "Complete what the start needs"),
    "teach": ("Lesgeven en uren indienen", "Teach and submit hours"),
    "resume_work": ("Werk hervatten", "Resume the work"),
    "approve_hours": ("Uren goedkeuren", "Approve hours"),
    "correct_hours": ("Uren verbeteren", "Correct hours"),
    "redrive_event": ("Geparkeerde gebeurtenis oplossen", "Solve a parked event"),
}
"""Each step in Dutch and English."""

UNKNOWN: Final = ("Onbekende stap (deze versie kent hem nog niet)", "Unknown step (this version does not know it yet)")


def text_of(what: str) -> tuple[str, str]:
    """Return a step in Dutch and English; a newer version may write steps that this one does not know."""
    return TEXTS.get(what, UNKNOWN)
