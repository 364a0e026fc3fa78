"""The cast of one journey, its days, and the bodies of its requests. All people are invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from common.clock import business_day
from hto.business_time import morning
from hto.client import Who

LEAD: Final = 3
"""Weeks between the vacancy and the first day of work."""
TAUGHT: Final = 3
"""Weeks of lessons until now."""
_SLOT: Final = {"day": 5, "starts": "09:00", "ends": "13:00"}
MINUTES: Final = 240
"""Of the slot: contact minutes a week."""

_TOWNS: Final = (
    ("5611XX", "Eindhoven", "AM28"),
    ("8011XX", "Zwolle", "AM36"),
    ("3011XX", "Rotterdam", "AM22"),
    ("9712XX", "Groningen", "AM01"),
    ("6811XX", "Arnhem", "AM07"),
    ("4811XX", "Breda", "AM25"),
    ("2011XX", "Haarlem", "AM37"),
    ("7511XX", "Enschede", "AM05"),
    ("6211XX", "Maastricht", "AM30"),
    ("8911XX", "Leeuwarden", "AM02"),
)
"""Far enough apart that the trainers of two journeys at once are not each other's candidates."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When it happens; Amsterdam days."""

    today: date

    @classmethod
    def ending(cls, now: datetime) -> Calendar:
        """Have the journey end at a moment."""
        return cls(business_day(now))

    @property
    def begins_on(self) -> date:
        """The Monday on which it begins."""
        return self.today - timedelta(days=self.today.weekday(), weeks=LEAD + TAUGHT)

    @property
    def starts_on(self) -> date:
        """The Monday on which the work starts."""
        return self.begins_on + timedelta(weeks=LEAD)

    @property
    def ends_on(self) -> date:
        """The last day of the contract, some ten months on."""
        return self.starts_on + timedelta(weeks=42)

    @property
    def lessons(self) -> tuple[date, ...]:
        """The days on which was taught so far."""
        friday = self.starts_on + timedelta(days=_SLOT["day"] - 1)  # type: ignore[operator]
        return tuple(friday + timedelta(weeks=week) for week in range(TAUGHT))

    def after(self, days: int, hour: int = 9) -> datetime:
        """Return an hour of a day, counted from the first."""
        return morning(self.begins_on + timedelta(days=days), hour)


def _id() -> UUID:
    return uuid7()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One school, one company, one technician; ids are chosen here, so that a request can be repeated."""

    calendar: Calendar
    number: int = 0
    """Journeys with different numbers play in different towns."""
    board: UUID = field(default_factory=_id)
    school: UUID = field(default_factory=_id)
    location: UUID = field(default_factory=_id)
    company: UUID = field(default_factory=_id)
    trainer: UUID = field(default_factory=_id)
    qualification: UUID = field(default_factory=_id)
    vacancy: UUID = field(default_factory=_id)
    supervisor: UUID = field(default_factory=_id)

    # -- who they are, as the issuer knows them -----------------------------------------------------------------------

    @property
    def portal_for_school(self) -> Who:
        """A partner portal that acts for the school."""
        return Who(client="portal", organisations=self.school_claims)

    @property
    def as_school(self) -> Who:
        """The school's own system."""
        return Who(client="school-hr", organisations=self.school_claims)

    @property
    def as_partner(self) -> Who:
        """The school's system where it concerns one location."""
        return Who(client="school-hr", organisations=(str(self.location),))

    @property
    def as_company(self) -> Who:
        """The company's own system."""
        return Who(client="company", organisations=(str(self.company),))

    @property
    def company_signs_up(self) -> Who:
        """A portal in which companies register."""
        return Who(client="portal", organisations=(str(self.company),))

    @property
    def as_trainer(self) -> Who:
        """The technician."""
        return Who(client="trainer-app", trainer=str(self.trainer))

    @property
    def as_desk(self) -> Who:
        """The desk of the region."""
        return Who(client="desk", regions=(self.region,))

    @property
    def school_claims(self) -> tuple[str, ...]:
        """Board, school and location."""
        return tuple(map(str, (self.board, self.school, self.location)))

    @property
    def personal(self) -> tuple[str, ...]:
        """Return the personal values that no party may read before all have agreed."""
        return self._name, self._email

    # -- what they say ------------------------------------------------------------------------------------------------

    @property
    def board_body(self) -> dict[str, Any]:
        """A competent authority."""
        return {"kind": "board", "name": f"Stichting Voorbeeldonderwijs {self.town}"}

    @property
    def school_body(self) -> dict[str, Any]:
        """An institution, with whom to write to."""
        return {
            "kind": "school",
            "name": f"Vakcollege De Proefopstelling {self.town}",
            "boardId": self.board,
            "schoolTypes": ["mbo"],
            "contact": {"name": "Noor Tandrad", "email": f"noor.tandrad@{self._domain}", "language": "nl"},
        }

    @property
    def location_body(self) -> dict[str, Any]:
        """Where it teaches."""
        return {
            "kind": "location",
            "name": f"De Proefopstelling, locatie {self.town}",
            "boardId": self.board,
            "schoolId": self.school,
            "schoolTypes": ["mbo"],
            "postcode": self._postcode,
            "street": "Voorbeeldlaan",
            "houseNumber": "1",
        }

    @property
    def company_body(self) -> dict[str, Any]:
        """An installer with people who could teach."""
        return {
            "kind": "company",
            "name": f"Draadkracht Installaties {self.town}",
            # Below one million lie no real numbers.
            "kvk": f"{100_000 + self.company.int % 900_000:08d}",
            "postcode": self._postcode,
            "lendingStatus": "not_lending",
            "contact": {"name": "Mees Klinknagel", "email": f"mees.klinknagel@{self._domain}", "language": "en"},
        }

    @property
    def application(self) -> dict[str, Any]:
        """Return the application of a person who wants to teach."""
        return {
            "name": self._name,
            "email": self._email,
            "language": "nl",
            "postcode": self._postcode,
            "companyId": self.company,
            "wasTrainerBefore": False,
        }

    @property
    def profile(self) -> dict[str, Any]:
        """Four days at the company, Fridays for the school."""
        return {
            "trades": ["electrical", "energy-transition"],
            "schoolTypes": ["mbo"],
            "roles": ["instructor", "guest_lecturer"],
            "forms": ["dual_employment", "secondment"],
            "availability": [_SLOT],
            "desiredMinutesPerWeek": MINUTES,
            "desiredMonths": 10,
            "travelKm": 15,
            "languages": ["nl"],
            "companyMinutesPerWeek": 1920,
            "companyDays": [1, 2, 3, 4],
            "experienceYears": 12,
        }

    @property
    def consent(self) -> dict[str, Any]:
        """In the talent pool for eleven months."""
        return {"until": self.calendar.begins_on + timedelta(days=330)}

    @property
    def claim(self) -> dict[str, Any]:
        """Return the claim of a qualification to instruct in mbo."""
        return {"code": "pdc", "subject": None, "evidence": "Getuigschrift instructeur, getoond bij de intake"}

    @property
    def vog(self) -> dict[str, Any]:
        """A certificate of conduct: its dates, and who saw it."""
        begins = self.calendar.begins_on
        return {"issuedOn": begins - timedelta(days=14), "shownOn": begins, "seenBy": "regioloket"}

    @property
    def question(self) -> dict[str, Any]:
        """The vacancy: an instructor on Fridays."""
        return {
            "locationId": self.location,
            "schoolType": "mbo",
            "role": "instructor",
            "subject": "electrical",
            "minutesPerWeek": MINUTES,
            "preparationMinutesPerWeek": 0,
            "roster": [_SLOT],
            "startsOn": self.calendar.starts_on,
            "endsOn": self.calendar.ends_on,
            "places": 1,
            "supervisorId": self.supervisor,
            "forms": ["dual_employment", "secondment"],
            "fee": {"kind": "salary", "cents": 85_000},
            "language": "nl",
            "structural": True,
            "statutoryLessons": True,
            "groupSize": 22,
        }

    def subscription(self, url: str) -> dict[str, Any]:
        """Where the school's system wants to hear of everything that concerns it."""
        return {"ownerId": self.location, "url": url}

    def hours(self, day: date) -> dict[str, Any]:
        """A day of lessons."""
        return {
            "workedOn": day,
            "contactMinutes": MINUTES,
            "preparationMinutes": 60,
            "travelMinutes": 20,
            "groupSize": 22,
        }

    # -- where they live ----------------------------------------------------------------------------------------------

    @property
    def town(self) -> str:
        """Where it plays."""
        return _TOWNS[self.number % len(_TOWNS)][1]

    @property
    def region(self) -> str:
        """Its labour-market region."""
        return _TOWNS[self.number % len(_TOWNS)][2]

    @property
    def _postcode(self) -> str:
        return _TOWNS[self.number % len(_TOWNS)][0]

    @property
    def _domain(self) -> str:
        return f"{self.town.lower()}.example"

    @property
    def _name(self) -> str:
        return "Puck Warmtewiel"

    @property
    def _email(self) -> str:
        return f"puck.{self.trainer.hex[-8:]}@warmtewiel.example"
