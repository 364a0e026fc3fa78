"""From an application to the erasure of every trace: what is possible when, and what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from events.registry import (
    ConsentExpired,
    ConsentExpiring,
    ConsentGiven,
    ConsentWithdrawn,
    EmployerAgreed,
    TrainerAnonymised,
    TrainerApplied,
    TrainerAvailable,
    TrainerDetailsChanged,
    TrainerLeft,
    TrainerPaused,
    TrainerProfileChanged,
    VogShown,
)
from events.words import Absence, Form, HeldQualification, LendingStatus, OrganisationKind, TeachingRole
from registry.organisation.model import Organisation
from registry.trainer.model import trainer as trainer_model
from registry.trainer.model.person import Place, Vog
from registry.trainer.model.profile import Profile
from registry.trainer.model.states import contact_state, profile_state
from registry.trainer.model.trainer import Status, Trainer
from tests.unit.registry.registry_examples import (
    AREA,
    COMPANY,
    ELSEWHERE,
    LATEST,
    LENT,
    NOW,
    OTHER_COMPANY,
    PERSON,
    PROFILE,
    TODAY,
    TRAINER,
    VOG,
    trainer,
)


def test_the_event_of_an_application_has_no_name() -> None:
    applied, events = Trainer.apply(TRAINER, PERSON, AREA, company_id=COMPANY, was_trainer_before=True, at=NOW)
    assert events == [TrainerApplied(trainer_id=TRAINER, company_id=COMPANY, region="AM01", was_trainer_before=True)]
    assert (applied.case, applied.place) == (TRAINER, Place.of(AREA))
    assert PERSON.name not in events[0].model_dump_json()


def test_a_record_is_merged_once_into_another_one_that_is_present() -> None:
    one, other = trainer(Status.AVAILABLE), replace(trainer(Status.CONFIRMED), id=UUID(int=77))
    merged, events = one.merge(other, TODAY)
    assert (merged.status, merged.merged_into, [type(event).__name__ for event in events]) == (
        Status.LEFT,
        other.id,
        ["TrainerLeft"],
    )
    assert merged.merge(other, TODAY) == (merged, [])
    for into in (one, replace(other, status=Status.LEFT)):
        with pytest.raises(trainer_model.NotTakingPart):
            one.merge(into, TODAY)


def test_an_offer_with_gaps_is_fine_in_the_intake_and_not_later() -> None:
    gappy = replace(PROFILE, trades=())
    described, events = trainer(trainer_model.INTAKE).update_profile(gappy, LENT)
    assert events == [TrainerProfileChanged(trainer_id=TRAINER)]
    assert described.update_profile(gappy, LENT) == (described, [])
    with pytest.raises(trainer_model.StillIncomplete, match="missing: trades"):
        trainer(trainer_model.AVAILABLE).update_profile(gappy, LENT)


def test_no_trainer_is_available_before_the_profile_is_complete() -> None:
    fresh = trainer(trainer_model.INTAKE, profile=Profile())
    with pytest.raises(trainer_model.NotReady) as refusal:
        fresh.become_available(TODAY, LENT)
    wanting = "trades, schoolTypes, forms, availability, desiredMinutesPerWeek, travelKm, languages, consent"
    assert refusal.value.facts == {"missing": wanting}
    assert trainer(trainer_model.CONFIRMED).missing(TODAY, LENT) == ("profile", "consent")
    alone = trainer(trainer_model.INTAKE, company_id=None, consent_until=LATEST)
    _, events = alone.become_available(TODAY, LENT)
    assert events == [TrainerAvailable(trainer_id=TRAINER, company_id=None, region="AM01")]


@pytest.mark.parametrize(
    ("forms", "missing"),
    [
        ((Form.SECONDMENT,), ("employer",)),
        ((Form.SECONDMENT, Form.DUAL_EMPLOYMENT), ("employer",)),
        ((Form.SECONDMENT, Form.GUEST), ()),
        ((Form.GUEST,), ()),
    ],
)
def test_an_employer_agrees_beforehand_only_where_it_has_a_say_in_every_form(
    forms: tuple[Form, ...], missing: tuple[str, ...]
) -> None:
    """An employee who would teach as a guest, in the own time, need not let the employer know of looking around."""
    one = trainer(trainer_model.INTAKE, profile=replace(PROFILE, forms=forms), consent_until=LATEST)
    assert one.missing(TODAY, LENT) == missing
    assert replace(one, employer_agreed=True).missing(TODAY, LENT) == ()
    assert replace(one, company_id=None).missing(TODAY, LENT) == ()


@pytest.mark.parametrize(
    ("forms", "agreed", "status"),
    [
        ((Form.SECONDMENT,), False, trainer_model.PAUSED),
        ((Form.SECONDMENT,), True, trainer_model.AVAILABLE),
        ((Form.SECONDMENT, Form.GUEST), False, trainer_model.AVAILABLE),
    ],
)
def test_a_trainer_who_leaves_only_forms_of_the_employer_pauses_until_it_agrees(
    forms: tuple[Form, ...], status: trainer_model.Status, *, agreed: bool
) -> None:
    one = trainer(trainer_model.AVAILABLE, consent_until=LATEST, employer_agreed=agreed)
    changed, events = one.update_profile(replace(PROFILE, forms=forms), LENT)
    assert changed.status is status
    paused = [TrainerPaused(trainer_id=TRAINER)] if status is trainer_model.PAUSED else []
    assert events == [TrainerProfileChanged(trainer_id=TRAINER), *paused]


def test_a_consent_holds_through_its_last_day() -> None:
    one = trainer(trainer_model.AVAILABLE, consent_until=TODAY)
    assert one.has_consent(TODAY)
    assert not one.has_consent(TODAY + timedelta(days=1))
    assert not trainer(trainer_model.CONFIRMED).has_consent(TODAY)


@pytest.mark.parametrize("until", [TODAY, TODAY - timedelta(days=1), LATEST + timedelta(days=1)])
def test_a_consent_ends_after_today_and_within_the_policy_s_year(until: date) -> None:
    with pytest.raises(trainer_model.ConsentNotAhead, match="2027-09-01"):
        trainer(trainer_model.CONFIRMED).give_consent(until, today=TODAY, latest=LATEST)


def test_a_consent_is_given_once_and_renewed() -> None:
    given_, events = trainer(trainer_model.CONFIRMED).give_consent(LATEST, today=TODAY, latest=LATEST)
    assert events == [ConsentGiven(trainer_id=TRAINER, until=LATEST)]
    assert given_.give_consent(LATEST, today=TODAY, latest=LATEST) == (given_, [])
    shorter, events = given_.give_consent(date(2027, 1, 1), today=TODAY, latest=LATEST)
    assert events == [ConsentGiven(trainer_id=TRAINER, until=shorter.consent_until)]  # type: ignore[arg-type]
    assert shorter.remind_of_consent() == [ConsentExpiring(trainer_id=TRAINER, until=date(2027, 1, 1))]
    assert trainer(trainer_model.CONFIRMED).remind_of_consent() == []


def test_a_trainer_who_withdraws_consent_is_proposed_no_more() -> None:
    without, events = trainer(trainer_model.AVAILABLE).withdraw_consent()
    assert events == [ConsentWithdrawn(trainer_id=TRAINER), TrainerPaused(trainer_id=TRAINER)]
    assert (without.status, without.consent_until) == (trainer_model.PAUSED, None)
    assert without.withdraw_consent() == (without, [])
    assert trainer(trainer_model.INTAKE, consent_until=LATEST).withdraw_consent()[1] == [
        ConsentWithdrawn(trainer_id=TRAINER)
    ]


def test_a_consent_that_ended_pauses_and_a_renewed_one_stays() -> None:
    one = trainer(trainer_model.AVAILABLE, consent_until=TODAY)
    assert one.expire_consent(TODAY) == (one, [])
    without, events = one.expire_consent(TODAY + timedelta(days=1))
    assert events == [ConsentExpired(trainer_id=TRAINER), TrainerPaused(trainer_id=TRAINER)]
    assert without.expire_consent(LATEST) == (without, [])


def test_an_employer_agrees_for_its_own_people_only() -> None:
    agreed, events = trainer(trainer_model.CONFIRMED).employer_agrees(COMPANY)
    assert events == [EmployerAgreed(trainer_id=TRAINER, company_id=COMPANY)]
    assert agreed.employer_agrees(None) == (agreed, [])
    with pytest.raises(trainer_model.AnotherEmployer):
        trainer(trainer_model.CONFIRMED).employer_agrees(OTHER_COMPANY)
    with pytest.raises(trainer_model.NoEmployer):
        trainer(trainer_model.CONFIRMED, company_id=None).employer_agrees(None)


def test_an_employer_names_for_how_long_it_lets_its_employee_teach() -> None:
    agreed, _ = trainer(trainer_model.CONFIRMED).employer_agrees(COMPANY, minutes_per_week=240)
    less, events = agreed.employer_agrees(COMPANY, minutes_per_week=120)
    assert (agreed.employer_minutes, less.employer_minutes) == (240, 120)
    assert events == [EmployerAgreed(trainer_id=TRAINER, company_id=COMPANY)]
    assert less.employer_agrees(COMPANY, minutes_per_week=120) == (less, [])
    moved, _ = replace(less, status=trainer_model.AVAILABLE).update_details(PERSON, AREA, OTHER_COMPANY)
    assert moved.employer_minutes is None, "another employer names its own"
    assert replace(less, status=trainer_model.LEFT).anonymise()[0].employer_minutes is None


def test_a_new_employer_has_to_agree_anew_before_anything_is_proposed() -> None:
    moved, events = trainer(trainer_model.AVAILABLE).update_details(PERSON, AREA, OTHER_COMPANY)
    changed = TrainerDetailsChanged(trainer_id=TRAINER, company_id=OTHER_COMPANY, region="AM01")
    assert events == [changed, TrainerPaused(trainer_id=TRAINER)]
    assert (moved.employer_agreed, moved.status) == (False, trainer_model.PAUSED)


def test_personal_details_are_put_right_without_a_pause() -> None:
    one = trainer(trainer_model.AVAILABLE)
    assert one.update_details(PERSON, AREA, COMPANY) == (one, [])
    moved, events = one.update_details(replace(PERSON, postcode="5611AA"), ELSEWHERE, COMPANY)
    assert events == [TrainerDetailsChanged(trainer_id=TRAINER, company_id=COMPANY, region="AM28")]
    assert (moved.region, moved.place, moved.status) == ("AM28", Place.of(ELSEWHERE), trainer_model.AVAILABLE)
    assert moved.employer_agreed
    with pytest.raises(trainer_model.NotTakingPart):
        trainer(trainer_model.LEFT).update_details(PERSON, AREA, COMPANY)


def test_a_region_that_is_drawn_anew_takes_its_people_with_it() -> None:
    drawn = replace(AREA, region="AM02")
    moved, events = trainer(trainer_model.INTAKE).relocate(drawn)
    assert events == [TrainerDetailsChanged(trainer_id=TRAINER, company_id=COMPANY, region="AM02")]
    assert moved.place == Place.of(drawn)
    gone, _ = trainer(trainer_model.LEFT).anonymise()
    assert gone.relocate(drawn)[0].place is None


@pytest.mark.parametrize(
    "vog",
    [
        Vog(issued_on=date(2026, 8, 20), shown_on=date(2026, 8, 19), seen_by="HR"),
        Vog(issued_on=TODAY, shown_on=TODAY + timedelta(days=1), seen_by="HR"),
    ],
)
def test_a_certificate_is_issued_before_it_is_shown_and_not_in_the_future(vog: Vog) -> None:
    with pytest.raises(trainer_model.VogDatesInDisorder):
        trainer(trainer_model.CONFIRMED).show_vog(vog, TODAY)


def test_a_shown_certificate_is_published_with_its_dates_only() -> None:
    shown, events = trainer(trainer_model.CONFIRMED).show_vog(VOG, TODAY)
    assert events == [VogShown(trainer_id=TRAINER)]
    assert shown.show_vog(VOG, TODAY) == (shown, [])
    for status in (trainer_model.APPLIED, trainer_model.LEFT):
        with pytest.raises(trainer_model.NotTakingPart, match=status.value):
            trainer(status).show_vog(VOG, TODAY)


def test_an_older_certificate_never_replaces_a_newer_one() -> None:
    known = trainer(trainer_model.CONFIRMED, vog=VOG)
    older = replace(VOG, issued_on=VOG.issued_on - timedelta(days=1))
    with pytest.raises(trainer_model.OlderVog, match=VOG.issued_on.isoformat()):
        known.show_vog(older, TODAY)
    newer = replace(VOG, issued_on=TODAY, shown_on=TODAY)
    assert known.show_vog(newer, TODAY)[0].vog == newer
    assert trainer(trainer_model.CONFIRMED).show_vog(older, TODAY)[0].vog == older


def test_another_qualification_makes_another_profile_where_there_is_one() -> None:
    one = trainer(trainer_model.AVAILABLE)
    assert one.requalify() == (one, [TrainerProfileChanged(trainer_id=TRAINER)])
    assert trainer(trainer_model.CONFIRMED).requalify() == (trainer(trainer_model.CONFIRMED), [])


@pytest.mark.parametrize("status", [*sorted(trainer_model.PRESENT), trainer_model.LEFT, trainer_model.EXPIRED])
def test_erasing_forgets_the_person_and_keeps_what_figures_are_made_of(status: Status) -> None:
    one = trainer(status, vog=VOG)
    erased, events = one.erase(TODAY)
    leaving = [TrainerLeft(trainer_id=TRAINER, reason="own_wish")] if status in trainer_model.PRESENT else []
    assert events == [*leaving, TrainerAnonymised(trainer_id=TRAINER)]
    assert (erased.person, erased.place, erased.profile, erased.vog, erased.consent_until) == (None,) * 5
    assert (erased.id, erased.region, erased.was_trainer_before) == (one.id, one.region, one.was_trainer_before)
    assert PERSON.name not in repr(erased)
    assert erased.erase(TODAY) == (erased, [])


def test_the_contact_has_the_name_until_it_is_forgotten() -> None:
    state = contact_state(trainer(trainer_model.LEFT))
    assert state is not None
    assert (state.name, state.contact_name, state.email, state.company_id) == (
        PERSON.name,
        PERSON.name,
        PERSON.email,
        COMPANY,
    )
    assert contact_state(trainer(trainer_model.LEFT).anonymise()[0]) is None


@pytest.mark.parametrize("status", Status)
def test_the_profile_is_there_from_the_intake_on_and_has_no_name(status: Status) -> None:
    held = [HeldQualification(code="pdg", subject=None, verified=True, valid_until=None)]
    state = profile_state(trainer(status, vog=VOG), None, held, ["installation"])
    if status not in trainer_model.PROFILED:
        assert state is None
        return
    assert state is not None
    assert state.status == status.value
    assert (state.trades, state.forms, state.company_days) == (["installation"], list(PROFILE.forms), [1, 2, 3, 4, 5])
    assert (state.postcode_area, state.vog_issued_on, state.shortage_trade) == ("9712", VOG.issued_on, True)
    assert PERSON.name not in state.model_dump_json()
    assert PERSON.postcode not in state.model_dump_json()


def test_absences_are_published_with_the_profile() -> None:
    away = Absence(from_=date(2027, 3, 1), until=date(2027, 3, 19))
    state = profile_state(trainer(trainer_model.INTAKE, profile=replace(PROFILE, absences=(away,))), None, [], [])
    assert state is not None
    assert state.absences == [away]


def test_a_profile_without_certificate_or_scarce_trade() -> None:
    state = profile_state(trainer(trainer_model.INTAKE), None, [], ["roofing"])
    assert state is not None
    assert (state.vog_issued_on, state.vog_shown_on, state.shortage_trade) == (None, None, False)


def test_the_profile_has_the_wanted_roles_and_the_place_of_the_company() -> None:
    wanted = replace(PROFILE, roles=(TeachingRole.TEACHER, TeachingRole.SUPPORT))
    placed = Organisation(
        id=COMPANY,
        kind=OrganisationKind.COMPANY,
        name="Draadkracht",
        lending_status=LendingStatus.NOT_LENDING,
        latitude=52.5,
        longitude=6.1,
        region="AM05",
    )
    unplaced = replace(placed, latitude=None, longitude=None, region=None)
    states = [
        profile_state(trainer(trainer_model.INTAKE, profile=wanted), company, [], [])
        for company in (placed, unplaced, None)
    ]
    assert [state.roles for state in states if state] == [[TeachingRole.TEACHER, TeachingRole.SUPPORT]] * 3
    places = [(state.company_latitude, state.company_longitude, state.company_region) for state in states if state]
    assert places == [(52.5, 6.1, "AM05"), (None, None, None), (None, None, None)]
