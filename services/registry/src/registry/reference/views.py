"""How reference data are shown."""

from __future__ import annotations

from common.web import (
    View,
)


class RegionView(View):
    """A region; schemes overlap, and a municipality joins them."""

    scheme: str
    code: str
    name: str
    aliases: list[str]


class TradeView(View):
    """A trade of companies, a subject of schools, or a technical profile of the vmbo."""

    code: str
    kind: str
    label_nl: str
    label_en: str
