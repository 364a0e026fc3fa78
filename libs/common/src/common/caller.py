"""The caller, what an operation asks of them, and the one rule that says which rows are theirs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from common.errors import Forbidden


class CallerRole(StrEnum):
    """In which capacity somebody calls; a token may carry several."""

    SCHOOL = "school"
    COMPANY = "company"
    TRAINER = "trainer"
    DESK = "desk"
    PROGRAMME = "programme"
    OPERATOR = "operator"
    PORTAL = "portal"
    PARTNER = "partner"


class ForeignOwner(Forbidden):
    """This caller does not act for the owner that the request names."""


class WrongRole(Forbidden):
    """This takes one of the roles {roles}."""


class InsufficientScope(Forbidden):
    """This takes the scope {scope}."""


Owner = Any
"""Of whom a row is: a column of a query, or the id (or region's code) that a loaded row has; None is nobody."""

_ALL_ORGANISATIONS: Final = frozenset({"boards", "schools", "locations", "companies"})
# Which owners a claim of each role stands for. A row carries the ids of all its levels, so that a claim on a
# board includes its schools and their locations.
_BY_ORGANISATION: Final[Mapping[CallerRole, frozenset[str]]] = {
    CallerRole.SCHOOL: frozenset({"boards", "schools", "locations"}),
    CallerRole.COMPANY: frozenset({"companies"}),
    CallerRole.PORTAL: _ALL_ORGANISATIONS,
    CallerRole.PARTNER: _ALL_ORGANISATIONS,
}
FOR_SCHOOLS: Final = frozenset({CallerRole.SCHOOL, CallerRole.PORTAL, CallerRole.PARTNER})
"""The roles in which a caller can act for a school, its board or one of its locations."""
FOR_COMPANIES: Final = frozenset({CallerRole.COMPANY, CallerRole.PORTAL, CallerRole.PARTNER})
"""The roles in which a caller can act for a company."""
PARTIES: Final = FOR_SCHOOLS | FOR_COMPANIES | {CallerRole.TRAINER}
"""The roles in which a caller can act for one of the parties to a contract."""
_AS_PARTY: Final[Mapping[str, str]] = {
    "boards": "board",
    "schools": "school",
    "locations": "location",
    "companies": "company",
}
_KINDS: Final = _ALL_ORGANISATIONS | {"trainers", "regions", "parties"}
"""``parties`` are owners of any kind: the recipient of a letter, whose an endpoint is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The claims of a token; ids and codes only."""

    client: str
    """The registered client (``azp``): limits and idempotency keys are counted per client."""
    subject: str
    organisations: frozenset[UUID] = field(default_factory=frozenset)
    roles: frozenset[CallerRole] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    trainer: UUID | None = None
    regions: frozenset[str] = field(default_factory=frozenset)

    @property
    def actor(self) -> str:
        """The caller's pseudonym for the audit trail."""
        return self.client if self.client == self.subject else f"{self.client}/{self.subject}"

    def sees(self, *, all_for: Collection[CallerRole] = (), **owners: Owner) -> bool:
        """Whether a loaded row is this caller's to see; ``persistence.visibility`` applies the same rule to columns."""
        return self.sees_all(all_for) or any(owner in mine for owner, mine in self.claims(owners))

    def parties(self) -> frozenset[str]:
        """Return whom the caller is or acts for, as an envelope names parties: ``role=id``. A desk's region is none."""
        kinds = frozenset[str]().union(*(_BY_ORGANISATION.get(role, frozenset()) for role in self.roles))
        roles = {_AS_PARTY[kind] for kind in kinds}
        if roles or CallerRole.DESK in self.roles:
            roles.add("organisation")
        found = {f"{role}={id_}" for role in roles for id_ in self.organisations}
        if CallerRole.TRAINER in self.roles and self.trainer is not None:
            found.add(f"trainer={self.trainer}")
        return frozenset(found)

    def party_ids(self) -> frozenset[UUID]:
        """Return the ids of whom the caller is or acts for, whatever the kind."""
        return frozenset(UUID(token.partition("=")[2]) for token in self.parties())

    def must_act_for(self, *, all_for: Collection[CallerRole] = (), **owners: Owner) -> None:
        """Check the owner that a new row names; give its id at every level, such as school and board.

        Raises:
            ForeignOwner: the caller acts for none of them.
        """
        if not self.sees(all_for=all_for, **owners):
            raise ForeignOwner

    def must_be(self, *roles: CallerRole) -> None:
        """Check the capacity in which somebody calls.

        Raises:
            WrongRole: it is none of these.
        """
        if not self.roles & frozenset(roles):
            raise WrongRole(roles=", ".join(roles))

    def must_have(self, scope: str) -> None:
        """Check the token's scope.

        Raises:
            InsufficientScope: the token does not have it.
        """
        if scope not in self.scopes:
            raise InsufficientScope(scope=scope)

    def sees_all(self, all_for: Collection[CallerRole]) -> bool:
        """Whether one of these roles, for which every row is visible, is the caller's."""
        return not self.roles.isdisjoint(all_for)

    def claims(self, owners: Mapping[str, Owner]) -> Iterator[tuple[Owner, frozenset[Any]]]:
        """Pair each owner with what this caller claims of its kind."""
        if not owners.keys() <= _KINDS:
            raise TypeError(f"rows are owned by {', '.join(sorted(_KINDS))}; not by {sorted(owners.keys() - _KINDS)}")
        organisations = frozenset[str]().union(*(_BY_ORGANISATION.get(role, frozenset()) for role in self.roles))
        claimed: dict[str, frozenset[Any]] = dict.fromkeys(organisations, self.organisations)
        if CallerRole.TRAINER in self.roles and self.trainer is not None:
            claimed["trainers"] = frozenset({self.trainer})
        if CallerRole.DESK in self.roles:
            claimed["regions"] = self.regions
        if "parties" in owners:
            claimed["parties"] = self.party_ids()
        for kind, owner in owners.items():
            mine = claimed.get(kind)
            if mine:
                yield owner, mine


@dataclass(frozen=True, slots=True)
class Authority:
    """The scope and roles of one operation; the relation to a row comes on top, by ``Caller.sees``."""

    scope: str
    roles: AbstractSet[CallerRole] = frozenset()
    """A caller needs one of them; none named is any caller with the scope, also one without a role."""

    def check(self, caller: Caller) -> Caller:
        """Return the caller with only the roles that count here.

        A second role of the same token gives no rows in an operation that does not name it: a trainer who is also a
        desk's employee reviews as the desk and never as the trainer.

        Raises:
            InsufficientScope: the token does not have the scope.
            WrongRole: the token has none of the roles.
        """
        caller.must_have(self.scope)
        if not self.roles:
            return caller
        caller.must_be(*sorted(self.roles))
        return replace(caller, roles=caller.roles & self.roles)
