"""The envelope: what goes into headers comes out of them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.envelope import Envelope, dataschema
from events.parties import Parties

ID = UUID("0192f0c0-0000-7000-8000-000000000000")
texts = st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs", "Cc"]))

IDS = st.none() | st.uuids()
PARTIES = st.builds(
    Parties,
    board=IDS,
    school=IDS,
    location=IDS,
    company=IDS,
    trainer=IDS,
    organisation=IDS,
    region=st.none() | st.from_regex(r"AM\d\d", fullmatch=True),
)


def envelope(**changed: object) -> Envelope:
    facts: dict[str, object] = {
        "id": ID,
        "source": "urn:nld:oin:1:systeem:hto-registry",
        "type": "nl.hybride-techniekopleiders.trainer.paused.v1",
        "subject": "trainer/1",
        "time": datetime(2026, 11, 21, 9, tzinfo=UTC),
        "key": "1",
    }
    return Envelope(**facts | changed)  # type: ignore[arg-type]


@given(
    key=texts,
    sequence=st.none() | st.integers(min_value=0, max_value=2**31 - 1),
    case=st.none() | texts,
    cause=st.none() | st.uuids(),
    trace=st.none() | texts,
    time=st.datetimes(timezones=st.just(UTC)),
    parties=st.none() | PARTIES.filter(bool),
)
def test_an_envelope_survives_its_headers(**changed: object) -> None:
    made = envelope(**changed)
    assert Envelope.from_headers(made.headers()) == made


def test_the_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    headers = envelope(sequence=3, case="c", cause=ID, trace="00-a-b-01").headers()
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_time"] == "2026-11-21T09:00:00Z"
    assert (headers["ce_sequence"], headers["ce_sequencetype"]) == ("3", "Integer")
    assert headers["ce_dataschema"] == dataschema("nl.hybride-techniekopleiders.trainer.paused.v1")
    assert headers["ce_dataschema"].endswith("/events/trainer.paused/v1.json")


@pytest.mark.parametrize("name", ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_partitionkey"])
def test_a_required_attribute_that_is_missing_is_named(name: str) -> None:
    headers = envelope().headers()
    del headers[name]
    with pytest.raises(KeyError, match=name):
        Envelope.from_headers(headers)


@pytest.mark.parametrize(
    "wrong",
    [{"ce_specversion": "2.0"}, {"ce_id": "1"}, {"ce_time": "now"}, {"ce_sequence": "x"}, {"ce_causationid": "x"}],
)
def test_a_wrong_attribute_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Envelope.from_headers(envelope().headers() | wrong)


def test_the_structured_mode_has_the_attributes_and_the_data() -> None:
    structured = envelope(sequence=1).structured({"a": 1})
    assert structured["data"] == {"a": 1}
    assert structured["datacontenttype"] == "application/json"
    assert "content-type" not in structured
    assert structured["id"] == str(ID)


def test_the_parties_are_one_attribute_by_role() -> None:
    headers = envelope(parties=Parties(company=ID, region="AM28")).headers()
    assert headers["ce_parties"] == f"company={ID} region=AM28"
    assert "ce_parties" not in envelope(parties=Parties()).headers()
    assert "ce_parties" not in envelope().headers()


def test_a_role_of_a_newer_version_is_passed_over() -> None:
    headers = {**envelope().headers(), "ce_parties": f"ministry={ID} trainer={ID}"}
    assert Envelope.from_headers(headers).parties == Parties(trainer=ID)


@pytest.mark.parametrize("text", ["trainer", "trainer=", "trainer=x", f"trainer={ID} company"])
def test_parties_that_are_no_ids_by_role_are_unreadable(text: str) -> None:
    with pytest.raises(ValueError, match=r"parties|UUID"):
        Envelope.from_headers({**envelope().headers(), "ce_parties": text})
