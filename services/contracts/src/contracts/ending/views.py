"""How a contract can end early, as its parties see it."""

from __future__ import annotations

from datetime import date

from common.web import View
from contracts.contract.model.contract import Contract
from contracts.contract.views import EndingView
from contracts.ending import wording
from contracts.ending.model.outlook import Follow, Outlook, Possibility
from events.words import Party
from rules.ending import Obstacle, Way


class ObstacleView(View):
    """An obstacle to ending it in a way."""

    code: Obstacle
    text_nl: str
    text_en: str


class PossibilityView(View):
    """One way in which one party could end the contract today."""

    way: Way
    by: Party
    text_nl: str
    text_en: str
    first_day: date | None
    """The earliest last day; null where it is not possible. A permit that is needed does not count here."""
    obstacles: list[ObstacleView]


class FollowView(View):
    """Something that follows from the end."""

    code: Follow
    count: int
    text_nl: str
    text_en: str


class EndingsView(View):
    """How a contract can end before its last day, by whom and from when on, and what follows."""

    instrument: str
    """The agreement under which the lessons are given; only its parties end it."""
    parties: list[Party]
    ending: EndingView | None
    """What was proposed or decided already."""
    possibilities: list[PossibilityView]
    follows: list[FollowView]


def endings_view(contract: Contract, found: Outlook) -> EndingsView:
    """Show it in both languages."""
    return EndingsView(
        instrument=found.instrument,
        parties=list(found.parties),
        ending=EndingView.model_validate(contract.ending) if contract.ending else None,
        possibilities=[_possibility(each) for each in found.possibilities],
        follows=[
            FollowView(code=code, count=count, **_texts("follows", code)) for code, count in found.follows.items()
        ],
    )


def _possibility(found: Possibility) -> PossibilityView:
    return PossibilityView(
        way=found.way,
        by=found.by,
        first_day=found.first_day,
        obstacles=[ObstacleView(code=code, **_texts("obstacles", code)) for code in found.obstacles],
        **_texts("ways", found.way),
    )


def _texts(kind: str, code: str) -> dict[str, str]:
    return {"text_nl": wording.text("nl", kind, code), "text_en": wording.text("en", kind, code)}
