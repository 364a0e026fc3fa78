"""What the work of a vacancy or a contract is follows from what was published of it."""

from __future__ import annotations

from datetime import date

import pytest

from events.contracts import ContractAmended, ContractDrafted, ContractExtended, ContractSigned, NoticeGiven
from events.matching import ProposalMade
from events.registry import TrainerAnonymised, VacancyChanged, VacancyPosted
from notifications.fact.model import Work, described, followed, work_of
from tests.unit.notifications.message.test_letters_written import sample

POSTED = sample(VacancyPosted, subject="electrical", minutesPerWeek=240, startsOn="2027-01-11", endsOn="2027-07-09")
DRAFTED = sample(ContractDrafted, form="guest", minutesPerWeek=180, startsOn="2027-02-01", endsOn="2027-06-30")


def of(event: object, asked: Work | None = None) -> Work:
    work = described(event, asked)  # type: ignore[arg-type]
    assert work is not None
    return work


def test_a_vacancy_describes_its_work() -> None:
    work = of(POSTED)
    assert (work.subject, work.form, work.minutes_per_week) == ("electrical", None, 240)
    assert work.roster == [{"day": 1, "starts": "09:00:00", "ends": "09:00:00"}]
    assert of(sample(VacancyChanged, roster=None)).roster is None


def test_a_contract_has_its_own_terms_and_the_subject_of_the_vacancy_where_that_is_known() -> None:
    work = of(DRAFTED, of(POSTED))
    assert (work.subject, work.form, work.minutes_per_week, work.roster) == ("electrical", "guest", 180, None)
    assert of(DRAFTED).subject is None


def test_other_events_describe_no_work() -> None:
    assert described(sample(ProposalMade), None) is None


def test_letters_are_about_the_work_of_a_contract_else_of_a_vacancy() -> None:
    drafted, made = DRAFTED, sample(ProposalMade)
    assert work_of(drafted) == drafted.contract_id  # type: ignore[attr-defined]
    assert work_of(made) == made.vacancy_id  # type: ignore[attr-defined]
    assert work_of(sample(TrainerAnonymised)) is None


def test_work_follows_what_is_signed_extended_or_ended_by_notice() -> None:
    work = of(DRAFTED)
    signed = followed(work, sample(ContractSigned, startsOn="2027-03-01", minutesPerWeek=120))
    assert signed is not None
    assert (signed.starts_on, signed.minutes_per_week) == (date(2027, 3, 1), 120)
    for kind in (ContractExtended, NoticeGiven):
        later = followed(work, sample(kind, endsOn="2027-12-31"))
        assert later is not None
        assert later.ends_on == date(2027, 12, 31)
    assert followed(work, sample(ProposalMade)) == work


def test_after_a_change_of_terms_it_is_not_known_what_the_work_is() -> None:
    assert followed(of(DRAFTED), sample(ContractAmended)) is None


@pytest.mark.parametrize(("ends_on", "known"), [("2027-07-09", date(2027, 7, 9)), (None, date(2028, 1, 12))])
def test_work_is_known_until_its_last_day_or_for_a_year_from_its_start(ends_on: str | None, known: date) -> None:
    assert of(sample(VacancyPosted, startsOn="2027-01-11", endsOn=ends_on)).known_until == known
