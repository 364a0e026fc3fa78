"""Keep where the work of schools is, for questions about vacancies that are not there yet."""

from __future__ import annotations

from collections.abc import Sequence

from common.persistence.transaction import Tx
from events.registry import OrganisationFacts
from matching.site.model import Site
from matching.site.store import sites


async def keep(tx: Tx, facts: Sequence[OrganisationFacts]) -> None:
    """Keep locations and schools; nobody works at a board, a company or a desk."""
    await sites.put(tx, [site for site in map(Site.of, facts) if site is not None])
