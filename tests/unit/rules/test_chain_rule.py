"""The chain rule: which contracts count together, when to warn, and when it is permanent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from common.decision import Outcome
from common.policy import Policies
from rules.chain_rule import ChainFacts, Term, chain_of, check
from rules.forms import Form, SchoolType


def year(number: int) -> Term:
    return Term(starts_on=date(number, 8, 1), ends_on=date(number + 1, 7, 31))


FIRST = ChainFacts(form=Form.DUAL_EMPLOYMENT, school_type=SchoolType.VO, new=year(2026))


def outcomes(facts: ChainFacts, policies: Policies) -> dict[str, tuple[Outcome, object]]:
    return {reason.rule: (reason.outcome, reason.measured) for reason in check(facts, policies).reasons}


def test_a_first_contract_of_a_year_is_nothing_to_warn_of(policies: Policies) -> None:
    assert outcomes(FIRST, policies) == {
        "CHAIN_CONTRACTS": (Outcome.PASS, 1),
        "CHAIN_MONTHS": (Outcome.PASS, 12),
    }


def test_the_third_contract_and_month_thirty_are_warned_of(policies: Policies) -> None:
    third = replace(FIRST, earlier=(year(2024), year(2025)))
    assert outcomes(third, policies) == {
        "CHAIN_CONTRACTS": (Outcome.WARN, 3),
        "CHAIN_MONTHS": (Outcome.WARN, 36),
    }


def test_a_fourth_contract_is_for_a_person_to_decide(policies: Policies) -> None:
    fourth = replace(
        FIRST,
        new=Term(starts_on=date(2026, 8, 1), ends_on=date(2026, 12, 31)),
        earlier=tuple(Term(starts_on=date(2026, month, 1), ends_on=date(2026, month, 28)) for month in (1, 3, 5)),
    )
    verdict = check(fourth, policies)
    assert verdict.needs_review
    assert outcomes(fourth, policies)["CHAIN_CONTRACTS"] == (Outcome.REVIEW, 4)
    more = policies.with_value("chain_rule.vo", maxContracts=6, warnAtContract=6)
    assert outcomes(fourth, more)["CHAIN_CONTRACTS"] == (Outcome.PASS, 4)


def test_a_day_beyond_36_months_is_for_a_person_to_decide(policies: Policies) -> None:
    long = replace(FIRST, new=Term(starts_on=date(2026, 8, 1), ends_on=date(2029, 8, 1)))
    assert outcomes(long, policies)["CHAIN_MONTHS"] == (Outcome.REVIEW, 37)
    assert outcomes(long, policies.with_value("chain_rule.vo", maxMonths=48))["CHAIN_MONTHS"][0] is Outcome.WARN


@pytest.mark.parametrize(
    ("starts_on", "contracts"), [(date(2026, 2, 1), 2), (date(2026, 2, 2), 1)], ids=["six months", "a day more"]
)
def test_a_gap_of_more_than_six_months_breaks_the_chain(policies: Policies, starts_on: date, contracts: int) -> None:
    facts = replace(FIRST, new=Term(starts_on=starts_on, ends_on=date(2026, 7, 31)), earlier=(year(2024),))
    assert outcomes(facts, policies)["CHAIN_CONTRACTS"] == (Outcome.PASS, contracts)
    five_years = policies.with_value("chain_rule.vo", maxGapMonths=60)
    assert outcomes(facts, five_years)["CHAIN_CONTRACTS"] == (Outcome.PASS, 2)


def test_contracts_before_a_break_do_not_count(policies: Policies) -> None:
    facts = replace(FIRST, earlier=(year(2020), year(2025), year(2019)))
    assert outcomes(facts, policies)["CHAIN_CONTRACTS"] == (Outcome.PASS, 2)


def test_a_long_contract_beside_a_short_one_keeps_the_chain_together() -> None:
    long = Term(starts_on=date(2020, 1, 1), ends_on=date(2024, 1, 31))
    short = Term(starts_on=date(2021, 1, 1), ends_on=date(2021, 2, 28))
    new = Term(starts_on=date(2024, 3, 1), ends_on=date(2024, 12, 31))
    assert chain_of(new, (short, long), 6) == (long, short, new)
    permanent = Term(starts_on=date(2019, 1, 1), ends_on=None)
    assert chain_of(new, (permanent,), 6) == (permanent, new)


def test_primary_education_allows_one_contract_of_a_year(policies: Policies) -> None:
    primary = replace(FIRST, school_type=SchoolType.PO)
    assert outcomes(primary, policies)["CHAIN_CONTRACTS"] == (Outcome.WARN, 1)
    second = replace(primary, earlier=(year(2025),))
    assert outcomes(second, policies)["CHAIN_CONTRACTS"] == (Outcome.REVIEW, 2)


def test_secondments_to_the_board_before_it_employs_count(policies: Policies) -> None:
    """Before: successive employership (BW 7:668a(2)) was not there, and the chain began anew."""
    lent = replace(FIRST, lent_before=(year(2024), year(2025)))
    assert outcomes(lent, policies) == {
        "CHAIN_CONTRACTS": (Outcome.WARN, 3),
        "CHAIN_MONTHS": (Outcome.WARN, 36),
        "CHAIN_SUCCESSIVE": (Outcome.WARN, 2),
    }
    fourth = replace(lent, earlier=(year(2023),))
    assert outcomes(fourth, policies)["CHAIN_CONTRACTS"] == (Outcome.REVIEW, 4)
    one = replace(FIRST, lent_before=(year(2025), year(2020)))
    assert outcomes(one, policies)["CHAIN_SUCCESSIVE"] == (Outcome.PASS, 1), "one before a break counts no more"
    assert "CHAIN_SUCCESSIVE" not in outcomes(replace(FIRST, lent_before=(year(2020),)), policies)
    assert "CHAIN_SUCCESSIVE" not in outcomes(lent, policies.with_value("chain_rule.vo", countsLending=False))


@pytest.mark.parametrize("school_type", list(SchoolType))
@pytest.mark.parametrize(
    ("years", "contracts", "months"),
    [
        ((2023, 2024, 2025), (Outcome.PASS, 4), (Outcome.WARN, 48)),
        ((2022, 2023, 2024, 2025), (Outcome.PASS, 5), (Outcome.REVIEW, 60)),
    ],
)
def test_past_pension_age_six_contracts_in_four_years_are_allowed(
    policies: Policies,
    school_type: SchoolType,
    years: tuple[int, ...],
    contracts: tuple[Outcome, int],
    months: tuple[Outcome, int],
) -> None:
    facts = replace(FIRST, school_type=school_type, earlier=tuple(map(year, years)), past_pension_age=True)
    found = outcomes(facts, policies)
    assert found["CHAIN_CONTRACTS"] == contracts
    assert found["CHAIN_MONTHS"] == months
    assert check(replace(facts, past_pension_age=False), policies).needs_review


def test_the_pension_age_is_that_of_the_day(policies: Policies) -> None:
    for starts_on, age in ((date(2027, 12, 31), 67), (date(2028, 1, 1), Decimal("67.25"))):
        new = Term(starts_on=starts_on, ends_on=date(2028, 7, 31))
        reason = check(replace(FIRST, new=new, past_pension_age=True), policies).reasons[-1]
        assert (reason.rule, reason.outcome, reason.limit, reason.unit) == (
            "CHAIN_PENSION_AGE",
            Outcome.PASS,
            age,
            "years",
        )


def test_a_seventh_contract_past_pension_age_is_for_a_person_to_decide(policies: Policies) -> None:
    months = tuple(Term(starts_on=date(2026, month, 1), ends_on=date(2026, month, 28)) for month in range(1, 7))
    facts = replace(FIRST, earlier=months, past_pension_age=True)
    assert outcomes(facts, policies)["CHAIN_CONTRACTS"] == (Outcome.REVIEW, 7)
    assert outcomes(replace(facts, earlier=months[1:]), policies)["CHAIN_CONTRACTS"] == (Outcome.WARN, 6)


def test_a_learning_contract_is_in_no_chain(policies: Policies) -> None:
    facts = replace(FIRST, earlier=(year(2023), year(2024), year(2025)), learning_contract=True)
    assert outcomes(facts, policies) == {"CHAIN_LEARNING_CONTRACT": (Outcome.PASS, None)}
    assert check(facts, policies.with_value("chain_rule.vo", exceptLearningContracts=False)).needs_review


def test_rows_of_before_know_none_of_it(policies: Policies) -> None:
    new = Term(starts_on=date(2024, 8, 1), ends_on=date(2025, 7, 31))
    facts = replace(FIRST, new=new, lent_before=(year(2022), year(2023)), past_pension_age=True, learning_contract=True)
    assert outcomes(facts, policies) == {"CHAIN_CONTRACTS": (Outcome.PASS, 1), "CHAIN_MONTHS": (Outcome.PASS, 12)}


def test_each_agreement_has_a_source_of_its_own(policies: Policies) -> None:
    sources = {policies.on(f"chain_rule.{school_type}", date(2026, 8, 1)).source for school_type in SchoolType}
    assert len(sources) == len(SchoolType)
    assert all("Cao " in source and "7:668a" in source for source in sources)


@pytest.mark.parametrize(
    ("facts", "concerned"),
    [
        (replace(FIRST, form=Form.SECONDMENT), False),
        (replace(FIRST, form=Form.GUEST), False),
        (replace(FIRST, form=Form.GUEST, on_payroll=True), True),
        (replace(FIRST, form=Form.SELF_EMPLOYED, on_payroll=True), False),
        (replace(FIRST, new=Term(starts_on=date(2026, 8, 1), ends_on=None)), False),
    ],
    ids=["secondment", "unpaid guest", "guest on payroll", "self-employed", "permanent"],
)
def test_only_temporary_employment_by_the_board_is_concerned(
    policies: Policies,
    facts: ChainFacts,
    concerned: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert ("CHAIN_NOT_CONCERNED" not in outcomes(facts, policies)) is concerned
