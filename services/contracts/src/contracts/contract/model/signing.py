"""One version of a document put before the parties: who must sign it, who did, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from common.errors import Conflict
from events.words import Party


class AnotherDocument(Conflict):
    """The document to sign is {current}; read it again before you sign."""


class NotASignatory(Conflict):
    """This contract does not ask the {party} for a signature."""


class SigningClosed(Conflict):
    """The time to sign ended at {before}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One agreement inside the document; dual employment has two bilateral ones, so no single list says who signs."""

    code: str
    mandatory: tuple[Party, ...]
    invited: tuple[Party, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A party's agreement to this very document."""

    party: Party
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """A document on the table; ``given`` is in order of time."""

    version: int
    hash: str
    """SHA-256 of the canonical clauses, in hexadecimal: what every signature refers to."""
    instruments: tuple[Instrument, ...]
    before: datetime
    given: tuple[Signature, ...] = ()

    @property
    def mandatory(self) -> tuple[Party, ...]:
        """Everyone without whose signature it does not bind, over all instruments."""
        return _each(party for instrument in self.instruments for party in instrument.mandatory)

    @property
    def invited(self) -> tuple[Party, ...]:
        """The parties that are asked to sign as well, although the contract does not depend on them."""
        asked = _each(party for instrument in self.instruments for party in instrument.invited)
        return tuple(party for party in asked if party not in self.mandatory)

    @property
    def left(self) -> tuple[Party, ...]:
        """Whose signature it still waits for."""
        return tuple(party for party in self.mandatory if not self.has(party))

    @property
    def complete_at(self) -> datetime | None:
        """When the last mandatory signature came; None as long as one is left."""
        if self.left:
            return None
        return max((signature.at for signature in self.given if signature.party in self.mandatory), default=None)

    def has(self, party: Party) -> bool:
        """Whether that party signed."""
        return any(signature.party is party for signature in self.given)

    def sign(self, by: Party, document_hash: str, at: datetime) -> Signing:
        """Take a signature; a second one of the same party changes nothing.

        Raises:
            AnotherDocument: it is for another version.
            NotASignatory: nobody asked that party.
            SigningClosed: it is too late.
        """
        if document_hash != self.hash:
            raise AnotherDocument(current=self.hash)
        if self.has(by):
            return self
        if by not in (*self.mandatory, *self.invited):
            raise NotASignatory(party=by.value)
        if self.left and at >= self.before:
            raise SigningClosed(before=self.before.isoformat())
        return replace(self, given=(*self.given, Signature(party=by, at=at)))


def _each(parties: Iterable[Party]) -> tuple[Party, ...]:
    wanted = set(parties)
    return tuple(party for party in Party if party in wanted)
