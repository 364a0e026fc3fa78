"""Whether a vacancy is over follows from its events, in the order in which they were heard."""

from __future__ import annotations

import pytest

from events.matching import VacancyWaiting
from notifications.fact.model import DECISIVE, is_over
from notifications.message.model.letter_rules import is_superseded
from tests.unit.notifications.message.test_letters_written import sample


@pytest.mark.parametrize(
    ("names", "over"),
    [
        ((), False),
        (("vacancy.withdrawn",), True),
        (("vacancy.withdrawn", "vacancy.reopened", "vacancy.place-freed"), True),
        (("vacancy.reopened", "vacancy.withdrawn"), True),
        (("vacancy.filled",), True),
        (("vacancy.filled", "vacancy.place-freed"), False),
        (("vacancy.filled", "vacancy.place-freed", "vacancy.reopened", "vacancy.filled"), True),
        (("vacancy.place-freed", "vacancy.filled"), True),
        (("vacancy.expired", "vacancy.place-freed"), True),
        (("vacancy.expired", "vacancy.reopened"), False),
        (("vacancy.expired", "vacancy.filled", "vacancy.closed"), True),
    ],
)
def test_a_vacancy_is_over_until_it_is_reopened_or_a_filled_place_frees(names: tuple[str, ...], *, over: bool) -> None:
    assert set(names) <= DECISIVE
    assert is_over(names) is over


def test_a_wait_replaces_an_earlier_one_for_those_who_get_the_later_one() -> None:
    waits, escalated = sample(VacancyWaiting, escalated=False), sample(VacancyWaiting, escalated=True)
    assert is_superseded("vacancy-waiting", "school", waits)
    assert not is_superseded("vacancy-waiting", "desk", waits)
    assert is_superseded("vacancy-waiting", "desk", escalated)
    assert not is_superseded("vacancy-posted", "school", waits)
