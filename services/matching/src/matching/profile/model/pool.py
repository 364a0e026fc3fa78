"""The pool: profiles with columns beside them for ranking, updated one profile at a time."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from matching.profile.model.columns import Columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from matching.profile.model.profile import Kind, Profile


class Pool:
    """A set of profiles with columns beside them; adding, replacing and removing one costs the same at any size.

    A ranking keeps its own view: changing the pool afterwards does not change it.
    """

    def __init__(self, profiles: Iterable[Profile] = ()) -> None:
        self.columns = Columns()
        self._profiles: list[Profile] = []
        self._row_of: dict[UUID, int] = {}
        self._kinds = _Kinds()
        for profile in profiles:
            self.put(profile)

    def __len__(self) -> int:
        return len(self._profiles)

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._profiles)

    def __contains__(self, trainer_id: UUID) -> bool:
        return trainer_id in self._row_of

    def row_of(self, trainer_id: UUID) -> int | None:
        """Return where a trainer's facts stand in the columns, until the next change."""
        return self._row_of.get(trainer_id)

    def put(self, profile: Profile) -> None:
        """Add a profile, or replace the one of the same trainer."""
        row = self._row_of.setdefault(profile.trainer_id, len(self._profiles))
        if row == len(self._profiles):
            self._profiles.append(profile)
        else:
            self._kinds.drop(self._profiles[row].kind)
            self._profiles[row] = profile
        self.columns.put(row, profile, self._kinds.take(profile.kind))

    def remove(self, trainer_id: UUID) -> None:
        """Evict a trainer, if known; the last row takes the place."""
        row = self._row_of.pop(trainer_id, None)
        if row is None:
            return
        self._kinds.drop(self._profiles[row].kind)
        last = self._profiles.pop()
        if last.trainer_id != trainer_id:
            self._profiles[row] = last
            self._row_of[last.trainer_id] = row
            self.columns.move(len(self._profiles), row)


class _Kinds:
    """Numbers for the distinct kinds in the pool; one that no profile has any more is evicted."""

    def __init__(self) -> None:
        self._numbers = count()
        self._known: dict[Kind, tuple[int, int]] = {}

    def take(self, kind: Kind) -> int:
        number, users = self._known.get(kind) or (next(self._numbers), 0)
        self._known[kind] = (number, users + 1)
        return number

    def drop(self, kind: Kind) -> None:
        number, users = self._known.pop(kind)
        if users > 1:
            self._known[kind] = (number, users - 1)
