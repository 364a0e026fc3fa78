"""A contract's clauses as a text to read, in Dutch and in English; names come in here and are kept nowhere."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.contract.model.clauses import SECTIONS, Clause, chosen
from contracts.fact.model import Contact
from events.words import Party
from rules.words import day, euros

Language: TypeAlias = Literal["nl", "en"]
Names: TypeAlias = Mapping[str, Contact]
"""Today's names by the part that each has in the clauses: trainer, board, school, location, company. A party that was
erased has no name any more."""

FOLDER: Final = Path(__file__).parent / "texts"
BEFORE_CLAUSES: Final = frozenset({"2026-11"})
"""Editions of one template, before clauses became data."""
_AN_HOUR: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One agreement of a contract, with a text and signatories of its own."""

    code: str
    title: str
    mandatory: Sequence[str]
    invited: Sequence[str]
    text: str


def written(clauses: Mapping[str, Any], names: Names, language: Language) -> tuple[str, tuple[Agreement, ...]]:
    """Return the document's text in its edition's standard wording, and each agreement in it by itself.

    An edition of before has one text for all agreements, and none by itself.
    """
    if clauses["edition"] in BEFORE_CLAUSES:
        return _of_template(clauses, names, language), ()
    writer = _Writer(clauses, names, language)
    found = tuple(writer.agreement(instrument) for instrument in clauses["instruments"])
    return "\n\n".join(each.text for each in found), found


def _of_template(clauses: Mapping[str, Any], names: Names, language: Language) -> str:
    template = _TEXTS.get_template(f"{clauses['edition']}/contract.{language}.txt.j2")
    return template.render(
        clauses=clauses,
        names={party.value: _named(names.get(party) or _board_for(party, names)) for party in Party},
        day=lambda iso: _day(iso, language),
        money=lambda cents: euros(cents, language),
        percent=_percent,
    )


@cache
def catalogue(edition: str) -> tuple[Clause, ...]:
    """Return the clauses of an edition."""
    return tuple(map(Clause.of, tomllib.loads((FOLDER / edition / "clauses.toml").read_text("utf-8"))["clause"]))


@cache
def words(edition: str, language: Language) -> Mapping[str, Any]:
    """Return an edition's words for codes. Words for new codes may be added to it; those that are there stay."""
    return tomllib.loads((FOLDER / edition / f"words.{language}.toml").read_text("utf-8"))


class _Writer:
    """Writes the agreements of one document in one language."""

    def __init__(self, clauses: Mapping[str, Any], names: Names, language: Language) -> None:
        self._clauses = clauses
        self._names = names
        self._language: Language = language
        self._words = words(clauses["edition"], language)
        self._catalogue = catalogue(clauses["edition"])
        self._variables = self._filled_in()

    def agreement(self, instrument: Mapping[str, Any]) -> Agreement:
        """Write one: its parties, its clauses by section, its signatures."""
        code, said = instrument["code"], self._words
        title, mandatory, invited = said["agreements"][code], instrument["mandatory"], instrument["invited"]
        lines = [title.upper(), "", said["edition"], said["version"].format(**self._variables), ""]
        lines += [said["parties"], *self._parties({*mandatory, *invited}), ""]
        number = 0
        for section in SECTIONS:
            texts = [
                self._text(each) for each in chosen(self._catalogue, code, self._clauses) if each.section == section
            ]
            if texts:
                number += 1
                lines += [f"{number}. {said['sections'][section]}"]
                lines += [f"{number}.{place} {text}" for place, text in enumerate(texts, 1)]
                lines += [""]
        lines += [said["signatures"]]
        lines += [said["mandatory"].format(parties=self._list(mandatory))] if mandatory else []
        lines += [said["invited"].format(parties=self._list(invited))] if invited else []
        lines += [said["fingerprint"]]
        return Agreement(code=code, title=title, mandatory=mandatory, invited=invited, text="\n".join(lines) + "\n")

    def _text(self, clause: Clause) -> str:
        return (clause.nl if self._language == "nl" else clause.en).format(**self._variables)

    def _parties(self, taking_part: Iterable[str]) -> list[str]:
        said, part = self._words, set(taking_part)
        found: list[str] = []
        if Party.SCHOOL in part:
            board, school = self._name("board"), self._name("school")
            apart = "board" in self._names and "school" in self._names and board != school
            found += [said["board" if apart else "board_alone"].format(board=board if apart else school, school=school)]
        if Party.COMPANY in part:
            found += [said["company"].format(company=self._name("company"))]
        if Party.TRAINER in part:
            found += [said["trainer"].format(trainer=self._name("trainer"))]
        listed = [said["together"], *(f"- {each}" for each in found)]
        # In a secondment the person is no party that must sign, and the agreement is about them all the same.
        return listed if Party.TRAINER in part else [*listed, said["about"].format(trainer=self._name("trainer"))]

    def _name(self, part: str) -> str:
        contact = self._names.get(part)
        if contact is None and part == "school":
            contact = self._names.get("board")
        if contact is None:
            return str(self._words["erased"])
        number = f"BRIN {contact.brin}" if contact.brin else f"KvK {contact.kvk}" if contact.kvk else ""
        return f"{contact.name} ({number})" if number else contact.name

    def _place(self) -> str:
        location = self._names.get("location")
        return location.name if location else self._name("school")

    def _filled_in(self) -> Mapping[str, str]:
        clauses, said, language = self._clauses, self._words, self._language
        terms, lessons, vat = clauses["terms"], clauses["lessons"], clauses["vat"]
        ends_on, notice, basis = terms["endsOn"], terms["noticeMonths"], terms["fee"]["basis"]
        treatment = said["treatments"][vat["treatment"]].format(rate=_percent(vat["rate"]))
        return {
            "version": str(clauses["version"]),
            "drawn_up_on": _day(clauses["drawnUpOn"], language),
            "role": said["roles"][lessons["role"]],
            "school_type": said["sectors"][lessons["schoolType"]],
            "subject": said["subjects"].get(lessons["subject"], said["unnamed_subject"]),
            "group_size": str(lessons["groupSize"]),
            "language": said["languages"].get(lessons["language"], said["languages"]["other"]),
            "place": self._place(),
            "ground": said["grounds"].get(clauses["ground"], said["unnamed_ground"]),
            "starts_on": _day(terms["startsOn"], language),
            "ends_on": _day(ends_on, language) if ends_on else "",
            "minutes_per_week": self._time(terms["minutesPerWeek"]),
            "preparation_minutes_per_week": self._time(terms["preparationMinutesPerWeek"]),
            "max_minutes_per_school_year": self._time(terms["maxMinutesPerSchoolYear"] or 0),
            "roster": "; ".join(map(self._slot, terms["roster"] or ())),
            "fee": euros(terms["fee"]["cents"], language),
            "salary_scale": terms.get("salaryScale") or "",
            "salary_step": terms.get("salaryStep") or "",
            "working_time_factor": _decimal(terms.get("workingTimeFactor"), language),
            "company_minutes_per_week": self._time(terms.get("companyMinutesPerWeek") or 0),
            "basis": said["basis"][basis] if basis else "",
            "vat": treatment + said["legal_basis"].get(vat["legalBasis"], ""),
            "invoice_days": str(clauses["invoiceDays"]),
            "travel": euros(terms["travelCentsPerKm"] or 0, language),
            "tax_credit": said["party"].get(terms["payrollTaxCredit"], ""),
            "notice": self._counted(notice or 0, "month"),
        }

    def _slot(self, slot: Mapping[str, Any]) -> str:
        said = self._words
        day, starts, ends = said["days"][str(slot["day"])], slot["starts"][:5], slot["ends"][:5]
        return str(said["slot"]["text"].format(day=day, starts=starts, ends=ends))

    def _time(self, minutes: int) -> str:
        hours, left = divmod(minutes, _AN_HOUR)
        parts = [self._counted(hours, "hour")] if hours or not left else []
        parts += [self._counted(left, "minute")] if left else []
        return f" {self._words['and']} ".join(parts)

    def _counted(self, count: int, unit: str) -> str:
        one, more = self._words[unit]
        return f"{count} {one if count == 1 else more}"

    def _list(self, parties: Sequence[str]) -> str:
        named = [self._words["party"][party] for party in parties]
        return f" {self._words['and']} ".join([*([", ".join(named[:-1])] if named[1:] else []), named[-1]])


def _board_for(party: Party, names: Names) -> Contact | None:
    return names.get("board") if party is Party.SCHOOL else None


def _named(contact: Contact | None) -> dict[str, str] | None:
    if contact is None:
        return None
    number = contact.brin or contact.kvk
    return {"name": contact.name, "number": number or "", "contact": contact.contact_name or ""}


def _day(iso: str, language: Language) -> str:
    return day(date.fromisoformat(iso), language)


def _percent(rate: str | None) -> str:
    return "" if rate is None else f"{Decimal(rate) * 100:.0f}"


def _decimal(number: str | None, language: Language) -> str:
    return (number or "").replace(".", "," if language == "nl" else ".")


_TEXTS: Final = Environment(
    loader=FileSystemLoader(FOLDER),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text, never shown as HTML
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
