"""The parties of an event: pseudonymous ids by role, which the envelope carries beside the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

if TYPE_CHECKING:
    from events import Event

REGION: Final = "region"
SCHOOL_SIDE: Final = frozenset({"board", "school", "location"})
ROLES: Final = ("board", "school", "location", "company", "trainer", "organisation", REGION)
"""In the order in which they are written; all but the region, which is a code, are ids."""
EVERYBODY: Final = frozenset(ROLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who takes part in what an event is about; ids and a code, nothing personal."""

    board: UUID | None = None
    school: UUID | None = None
    location: UUID | None = None
    company: UUID | None = None
    trainer: UUID | None = None
    organisation: UUID | None = None
    """One that takes part as itself: the owner of a connection, a desk that gets a letter."""
    region: str | None = None

    def __bool__(self) -> bool:
        """Whether anybody takes part."""
        return bool(self.by_role())

    def by_role(self) -> dict[str, UUID | str]:
        """Return who takes part, by role."""
        return {role: value for role in ROLES if (value := getattr(self, role)) is not None}

    def ids(self) -> frozenset[UUID]:
        """Return every party that has an id."""
        return frozenset(value for role, value in self.by_role().items() if role != REGION and isinstance(value, UUID))

    def tokens(self) -> tuple[str, ...]:
        """Return each party as ``role=value``, such as ``trainer=0192f0c0-…`` or ``region=AM28``."""
        return tuple(f"{role}={value}" for role, value in self.by_role().items())

    def only(self, *roles: str) -> Parties:
        """Return those in these roles."""
        return Parties(**{role: value for role, value in self.by_role().items() if role in roles})  # type: ignore[arg-type]

    def text(self) -> str:
        """Write the envelope's attribute: the tokens with a space between them."""
        return " ".join(self.tokens())

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the envelope's attribute; roles that this version does not know are passed over.

        Raises:
            ValueError: it is not ``role=value`` with spaces between, or an id is none.
        """
        found: dict[str, Any] = {}
        for token in text.split():
            role, separator, value = token.partition("=")
            if not separator:
                raise ValueError("parties are role=value with spaces between")
            if role in EVERYBODY:
                found[role] = value if role == REGION else UUID(value)
        return cls(**found)

    @classmethod
    def of(cls, aggregate: object) -> Self:
        """Return those that an aggregate has as ``board_id``, ``school_id`` and so on, and its region."""
        return cls(**{role: getattr(aggregate, name, None) for name, role in _OWN.items()})

    @classmethod
    def named_in(cls, event: Event) -> Self:
        """Return those whom the payload names itself: all that an event written before the attribute tells."""
        return cls(**{role: getattr(event, name) for name, role in _fields(type(event)).items()})


_OWN: Final[Mapping[str, str]] = {**{f"{role}_id": role for role in ROLES if role != REGION}, REGION: REGION}
_NAMES: Final[Mapping[str, str]] = {
    **_OWN,
    "owner_id": "organisation",
    "recipient_id": "organisation",
}


@cache
def _fields(event: type[Event]) -> dict[str, str]:
    return {name: role for name, role in _NAMES.items() if name in event.model_fields}
