"""The console's words, Dutch first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from events import CATALOGUE, name_of
from operations.case.model.step_texts import text_of

Language = Literal["nl", "en"]

UNKNOWN: Final = ("onbekend (nieuwer dan deze versie)", "unknown (newer than this version)")
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Hybride techniekopleiders: regie", "Hybrid trainers: operations"),
    "cases": ("Zaken", "Cases"),
    "case": ("Zaak", "Case"),
    "figures": ("Cijfers", "Figures"),
    "parked": ("Geparkeerd", "Parked"),
    "sign_in": ("Aanmelden", "Sign in"),
    "sign_out": ("Afmelden", "Sign out"),
    "token": ("Toegangstoken", "Access token"),
    "token_hint": ("Haal er een met: hto token --client operator", "Get one with: hto token --client operator"),
    "refused": ("Dit token wordt niet geaccepteerd.", "This token is not accepted."),
    "kind": ("Soort", "Kind"),
    "vacancy": ("vacature", "vacancy"),
    "trainer": ("hto'er", "trainer"),
    "organisation": ("organisatie", "organisation"),
    "other": ("overig", "other"),
    "latest": ("Laatste stap", "Latest step"),
    "next_step": ("Volgende stap", "Next step"),
    "owner": ("Aan zet", "Owner"),
    "due": ("Uiterlijk", "Due"),
    "late": ("te laat", "late"),
    "since": ("Sinds", "Since"),
    "region": ("Regio", "Region"),
    "when": ("Wanneer", "When"),
    "service": ("Dienst", "Service"),
    "what": ("Wat", "What"),
    "facts": ("Gegevens", "Facts"),
    "related": ("Verwante zaken", "Related cases"),
    "nothing_owed": ("Niemand is aan zet.", "Nobody owes anything."),
    "none": ("Er is niets te tonen.", "There is nothing to show."),
    "all": ("Alle", "All"),
    "open": ("Open", "Open"),
    "overdue": ("Te laat", "Late"),
    "more": ("Volgende", "Next"),
    "extra_trainers": ("Extra hto'ers (K1)", "Extra trainers (K1)"),
    "active_trainers": ("Actieve hto'ers (K2)", "Active trainers (K2)"),
    "approved_hours": ("Goedgekeurde uren (K3)", "Approved hours (K3)"),
    "of_target": ("van", "of"),
    "suppressed": ("te weinig om te tonen", "too few to show"),
    "rounded": (
        "De cijfers zijn afgerond. Kleine groepen tellen niet mee. Zo is niemand te herkennen.",
        "The figures are rounded and small groups are left out, so that nobody can be recognised.",
    ),
    "why": ("Waarom", "Why"),
    "reason": ("Reden", "Reason"),
    "waiting": ("Wachtend", "Waiting"),
    "state": ("Stand", "State"),
    "redrive": ("Opnieuw verwerken", "Redrive"),
    "discard": ("Overslaan", "Discard"),
    "company": ("bedrijf", "company"),
    "school": ("school", "school"),
    "desk": ("loket", "desk"),
    "programme": ("systeem", "system"),
    "operator": ("beheer", "operator"),
    "unknown": UNKNOWN,
    "time_is": ("Kloktijd van het programma", "Programme time"),
}


def word(name: str, language: Language) -> str:
    """Return a word in the reader's language; of one that this version does not know it says that it is unknown."""
    return WORDS.get(name, UNKNOWN)[language == "en"]


def step_word(name: str, language: Language) -> str:
    """Return a next step in the reader's language, known or not."""
    return text_of(name)[language == "en"]


def is_known(event: str) -> bool:
    """Whether this version knows the event of this name."""
    return any(name_of(type_) == event for type_ in CATALOGUE)
