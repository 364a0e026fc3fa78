"""The built-in set is whole and fictional where it must be, and the same at every load."""

from __future__ import annotations

import json
import math
import unicodedata
from collections import Counter
from importlib.resources import files

import pytest
from pydantic import TypeAdapter, ValidationError

from events.words import Form, SchoolType
from registry.built_in import records
from registry.built_in.model import Company, Trainer
from registry.built_in.records import Reference
from registry.file_import.model.institutions import parse_institutions
from registry.file_import.model.known import Known
from registry.file_import.model.locations import parse_locations
from registry.file_import.model.plan import plan_known
from registry.file_import.model.postcodes import parse_postcodes
from registry.reference.model import Town
from rules.qualification import Credential
from tests.support.data import real_file


@pytest.fixture(scope="module")
def built_in() -> Reference:
    return records.load()


def test_a_second_load_is_the_same_to_the_last_id(built_in: Reference) -> None:
    again = records.load.__wrapped__()
    assert again == built_in
    assert again is not built_in
    ids = [entry.id for entry in (*again.organisations.entries, *again.companies, *again.trainers)]
    assert len(set(ids)) == len(ids)
    assert {identity.version for identity in ids} == {5}


def test_loading_it_again_into_a_registry_changes_nothing(built_in: Reference) -> None:
    first = plan_known(Known(), built_in.organisations)
    assert first.additions == built_in.organisations.entries
    second = plan_known(Known.of(*first.additions), records.load().organisations)
    assert (second.additions, second.changes, second.problems) == ((), (), ())


@pytest.mark.parametrize(
    ("shape", "changes", "why"),
    [
        (Company, {"kvk": "1234567"}, "A KvK number is eight digits"),
        (Company, {"postcode": "1234SS"}, "A Dutch postcode"),
        (Company, {"name": "111222333"}, "citizen service number"),
        (Company, {"surprise": 1}, "surprise"),
        (Town, {"region": "AM1"}, "A labour-market region"),
        (Town, {"latitude": "52"}, "latitude"),
    ],
)
def test_a_record_is_checked_like_anybody_else_s(shape: type, changes: dict[str, object], why: str) -> None:
    name = {Company: "companies", Town: "towns"}[shape]
    record = json.loads(
        files("registry.built_in" if shape is Company else "registry.reference").joinpath(f"{name}.json").read_text()
    )[0]
    TypeAdapter(shape).validate_json(json.dumps(record))
    with pytest.raises(ValidationError, match=why):
        TypeAdapter(shape).validate_json(json.dumps({**record, **changes}))


def test_there_are_35_labour_market_and_three_holiday_regions(built_in: Reference) -> None:
    assert Counter(region.scheme for region in built_in.regions) == {"labour_market": 35, "holiday": 3}
    names = [name for region in built_in.regions for name in (region.code, region.name, *region.aliases)]
    assert len(set(names)) == len(names)


def test_every_region_has_a_town_a_school_and_somebody_within_it(built_in: Reference) -> None:
    labour = {region.code for region in built_in.regions if region.scheme == "labour_market"}
    holiday = {region.code for region in built_in.regions if region.scheme == "holiday"}
    assert {town.region for town in built_in.towns.values()} == labour
    assert {town.holiday_region for town in built_in.towns.values()} == holiday
    assert len(built_in.postcodes) == len(built_in.towns) >= 60
    schools = {location.region for location in built_in.organisations.locations.values()}
    trainers = {built_in.towns[trainer.town].region for trainer in built_in.trainers}
    assert len(schools) >= 30
    assert len(trainers) >= 30


def test_codes_and_addresses_are_in_ranges_that_nobody_has(built_in: Reference) -> None:
    known = built_in.organisations
    assert min(known.schools) >= "90AA"
    assert all(number.startswith("000") for number in known.boards)
    assert all(company.kvk.startswith("0000") for company in built_in.companies)
    addresses = [
        *(trainer.email for trainer in built_in.trainers),
        *(contact.email for contact in built_in.school_contacts.values()),
        *(company.contact.email for company in built_in.companies),
    ]
    assert all(address.endswith(".example") for address in addresses)


def test_the_sizes_are_enough_for_a_journey(built_in: Reference) -> None:
    types = Counter(school.school_types[0] for school in built_in.organisations.schools.values())
    assert len(built_in.organisations.schools) == 40
    assert set(types) == {SchoolType.PO, SchoolType.VO, SchoolType.MBO}
    assert len(built_in.companies) >= 30
    assert len(built_in.trainers) >= 60
    assert len({tuple(slot.day for slot in trainer.availability) for trainer in built_in.trainers}) > 5


def test_everything_refers_to_something_that_is_there(built_in: Reference) -> None:
    known = built_in.organisations
    assert {school.board for school in known.schools.values()} == set(known.boards)
    assert (
        {location.brin for location in known.locations.values()} == set(known.schools) == set(built_in.school_contacts)
    )
    for location in known.locations.values():
        assert location.code.startswith(location.brin)
        assert location.postcode[:4] == built_in.towns[location.place].pc4
    codes = {trade.code for trade in built_in.trades}
    for company in built_in.companies:
        assert company.postcode[:4] == built_in.towns[company.town].pc4
        assert set(company.trades) <= codes
    companies = {company.kvk for company in built_in.companies}
    for trainer in built_in.trainers:
        assert set(trainer.trades) <= codes
        assert trainer.town in built_in.towns
        assert trainer.company is None or trainer.company in companies
        assert {held.subject for held in trainer.qualifications} - {None} <= codes


def test_all_16_trades_are_somebody_s_and_each_form_is_preferred_by_somebody(built_in: Reference) -> None:
    trades = {trade.code for trade in built_in.trades if trade.kind == "trade"}
    assert len(trades) == 16
    assert len({trade.code for trade in built_in.trades}) == len(built_in.trades)
    offered = {code for trainer in built_in.trainers for code in trainer.trades}
    assert trades <= offered
    assert {trainer.forms[0] for trainer in built_in.trainers} == set(Form)


def _sane(trainer: Trainer) -> None:
    employed = trainer.company is not None
    assert employed == bool(trainer.company_days)
    assert trainer.company_minutes_per_week == 480 * len(trainer.company_days)
    assert employed or not {Form.SECONDMENT, Form.DUAL_EMPLOYMENT} & set(trainer.forms)
    assert not employed or Form.SELF_EMPLOYED not in trainer.forms
    assert {held.code for held in trainer.qualifications} <= set(Credential)
    free = sum(
        slot.ends.hour * 60 + slot.ends.minute - slot.starts.hour * 60 - slot.starts.minute
        for slot in trainer.availability
    )
    assert 0 < trainer.desired_minutes_per_week <= free
    if trainer.vog_shown_days_ago is not None:
        assert trainer.vog_issued_days_ago is not None
        assert trainer.vog_shown_days_ago <= trainer.vog_issued_days_ago


def test_no_trainer_contradicts_themselves(built_in: Reference) -> None:
    for trainer in built_in.trainers:
        _sane(trainer)
    people = [(trainer.given_name, trainer.family_name) for trainer in built_in.trainers]
    assert len(set(people)) == len(people)
    assert len({trainer.email for trainer in built_in.trainers}) == len(people)


def test_the_matching_policy_speaks_of_trades_that_exist(built_in: Reference) -> None:
    policy = json.loads(files("registry.policy").joinpath("policies/matching.json").read_text())
    (related,) = (row["value"]["related"] for row in policy if row["code"] == "matching.subjects")
    assert {code for group in related for code in group} <= {trade.code for trade in built_in.trades}


def test_the_detours_are_between_regions_that_exist(built_in: Reference) -> None:
    policy = json.loads(files("registry.policy").joinpath("policies/matching.json").read_text())
    (detours,) = (row["value"]["detours"] for row in policy if row["code"] == "matching.road")
    pairs = [frozenset(detour["regions"]) for detour in detours]
    assert frozenset().union(*pairs) <= {region.code for region in built_in.regions}
    assert len(set(pairs)) == len(pairs)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold().replace("-", " "))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@pytest.mark.data
def test_our_towns_lie_where_the_postcode_reference_has_them(built_in: Reference) -> None:
    areas = {row.value.pc4: row.value for row in parse_postcodes(real_file("pc4_referentie_afgeleid.csv")).rows}
    for town in built_in.towns.values():
        area = areas[town.pc4]
        north = (town.latitude - area.latitude) * 111.2
        east = (town.longitude - area.longitude) * 111.2 * math.cos(math.radians(52))
        assert math.hypot(north, east) < 2, town.name
        assert area.region == town.region
        assert _plain(area.province) == _plain(town.province)
        assert _plain(area.municipality) == _plain(town.municipality)
        assert _plain(area.place).replace("'s gravenhage", "den haag") == _plain(town.name)


@pytest.mark.data
def test_our_schools_are_nobody_s(built_in: Reference) -> None:
    locations = parse_locations(real_file("scholen_vo_vso_20241122.csv")).rows
    institutions = parse_institutions(real_file("mbo_instellingen_brin_cedanl.csv")).rows
    brins = {row.value.brin for row in locations} | {row.value.brin for row in institutions}
    names = {row.value.name for row in locations} | {row.value.name for row in institutions}
    assert not brins & set(built_in.organisations.schools)
    ours = {school.name for school in built_in.organisations.schools.values()}
    assert not ours & names
