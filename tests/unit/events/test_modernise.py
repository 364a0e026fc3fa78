"""From a payload of any version to today's class: unknown names are ignored, unknown versions wait."""

from __future__ import annotations

import json
from typing import ClassVar
from uuid import UUID

import pytest

from events import PREFIX, BadEvent, Data, Event, TypeName, UnknownVersion, known_as, modernise, upcast

ID = UUID("0192f0c0-0000-7000-8000-000000000000")


class LampLit(Event):
    """A lamp was lit, for so many minutes."""

    type: ClassVar[str] = f"{PREFIX}lamp.lit.v3"
    dutch: ClassVar[str] = "Een lamp is aangestoken."
    about: ClassVar[str] = "lamp_id"
    lamp_id: UUID
    minutes: int


class LampLitInSeconds(Event):
    """The second version is only a name on the way."""

    type: ClassVar[str] = ""
    lamp_id: UUID


LampLitInSeconds.type = f"{PREFIX}lamp.lit.v2"


@upcast(f"{PREFIX}lamp.lit.v1", to=LampLitInSeconds)
def _hours_became_seconds(v1: Data) -> Data:
    return {"lampId": v1["lampId"], "seconds": v1["hours"] * 3600}


@upcast(f"{PREFIX}lamp.lit.v2", to=LampLit)
def _seconds_became_minutes(v2: Data) -> Data:
    return {"lampId": v2["lampId"], "minutes": v2["seconds"] // 60}


def body(**fields: object) -> bytes:
    return json.dumps({"lampId": str(ID), **fields}).encode()


@pytest.mark.parametrize(("version", "payload"), [(3, body(minutes=120)), (2, body(seconds=7200)), (1, body(hours=2))])
def test_every_old_version_becomes_todays_event_through_the_chain(version: int, payload: bytes) -> None:
    type_ = f"{PREFIX}lamp.lit.v{version}"
    assert modernise(type_, payload) == LampLit(lamp_id=ID, minutes=120)
    assert known_as(type_) is LampLit


def test_an_unknown_name_is_ignored() -> None:
    for type_ in (f"{PREFIX}lamp.sold.v1", "com.example.lamp.lit.v1", "", f"{PREFIX}lamp.lit"):
        assert modernise(type_, b"not even json") is None
        assert known_as(type_) is None


def test_an_unknown_version_of_a_known_name_waits_for_the_upgrade() -> None:
    with pytest.raises(UnknownVersion, match=r"lamp\.lit\.v4"):
        modernise(f"{PREFIX}lamp.lit.v4", body(minutes=1))
    assert known_as(f"{PREFIX}lamp.lit.v4") is LampLit


@pytest.mark.parametrize(
    ("type_", "payload"),
    [
        (f"{PREFIX}lamp.lit.v3", body(minutes="Jansen")),
        (f"{PREFIX}lamp.lit.v3", body(minutes=1, owner="Jansen")),
        (f"{PREFIX}lamp.lit.v3", b"Jansen"),
        (f"{PREFIX}lamp.lit.v1", b"Jansen"),
        (f"{PREFIX}lamp.lit.v1", body(owner="Jansen")),
        (f"{PREFIX}lamp.lit.v1", body(hours="Jansen")),
        (f"{PREFIX}lamp.lit.v1", b"[]"),
        (f"{PREFIX}lamp.lit.v1", b"[" * 100_000),
        (f"{PREFIX}lamp.lit.v3", b"[" * 100_000),
    ],
)
def test_a_payload_that_does_not_fit_is_bad_and_its_values_are_not_repeated(type_: str, payload: bytes) -> None:
    with pytest.raises(BadEvent) as refused:
        modernise(type_, payload)
    assert "Jansen" not in str(refused.value)


def test_a_fault_is_said_with_its_place_where_it_has_one() -> None:
    """Seen red: a payload that is no JSON was refused with ": Invalid JSON"."""
    said = []
    for payload in (b"Jansen", body(minutes="Jansen")):
        with pytest.raises(BadEvent) as refused:
            modernise(f"{PREFIX}lamp.lit.v3", payload)
        said.append(str(refused.value).partition(" ")[0])
    assert said == ["Invalid", "minutes:"]


def test_on_the_wire_names_are_camel_case_and_nothing_is_added() -> None:
    assert json.loads(LampLit(lamp_id=ID, minutes=1).model_dump_json()) == {"lampId": str(ID), "minutes": 1}


def test_a_type_is_a_name_and_a_version() -> None:
    assert TypeName.parse(LampLit.type) == TypeName("lamp.lit", 3)
    assert LampLit.subject_kind() == "lamp"
    assert LampLit(lamp_id=ID, minutes=1).key == str(ID)


@pytest.mark.parametrize("wrong", [{"type": "lamp.lit.v1"}, {"about": "nobody"}, {"dutch": ""}, {"type": LampLit.type}])
def test_an_event_without_type_key_or_dutch_or_with_a_taken_type_is_refused(wrong: dict[str, str]) -> None:
    right = {"type": f"{PREFIX}lamp.broken.v1", "about": "lamp_id", "dutch": "Een lamp is stuk."}
    body = {**right, **wrong, "__annotations__": {"lamp_id": UUID}, "__module__": __name__}
    with pytest.raises(TypeError):
        type("LampBroken", (Event,), body)
