"""Which events whom concern, what of them leaves the house, and to which addresses."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpcore2
import pytest

from common.envelope import Envelope
from common.runtime.public_address import may_be_inside
from events import CATALOGUE, Event, name_of
from events.contracts import ContractSigned, HoursApproved
from events.flow import EventParked
from events.matching import (
    ProposalAccepted,
    ProposalConsented,
    ProposalConverted,
    ProposalCounterDeclined,
    ProposalCountered,
    ProposalDeclined,
    ProposalEvent,
    ProposalExpired,
    ProposalLapsed,
    ProposalMade,
    ProposalProlonged,
    ProposalReminded,
    ProposalTermsChanged,
    ProposalUnreached,
    ProposalWithdrawn,
    SearchEvent,
    VacancyRanked,
    VacancyWaiting,
    WaitlistPromoted,
)
from events.parties import Parties
from events.registry import TrainerAvailable, TrainerLeft, VacancyPosted, VacancyWithdrawn
from events.sides import FOR_EVERY_PARTY, OF_THE_PERSON, SHARED, TELLING
from hto.documents.event_schemas import sample_of
from notifications.endpoint.channels.addresses import PublicOnly, is_public
from notifications.endpoint.channels.webhooks import has_right_form, leads_inside
from notifications.fact.model import about
from notifications.feed.model import bodies_of
from notifications.message.model.letter_files import LetterFault, read
from notifications.message.model.letter_rules import names, own_part, recipients

SOME_LETTER = """
[some-letter]
event = "{event}"
roles = ["{role}"]
link = "/"
nl = {{ subject = "Brief", text = "Dag" }}
en = {{ subject = "Letter", text = "Hello" }}
"""


def sample(kind: type[Event], **changes: Any) -> Any:
    return kind.model_validate_json(json.dumps({**sample_of(kind), **changes}))


PARTIES = Parties(board=uuid4(), school=uuid4(), location=uuid4(), company=uuid4(), trainer=uuid4(), region="AM28")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (HoursApproved, "contract_id"),
        (ProposalConsented, "proposal_id"),
        (VacancyWithdrawn, "vacancy_id"),
        (VacancyWaiting, "vacancy_id"),
        (TrainerAvailable, "trainer_id"),
    ],
)
def test_a_letter_is_about_a_contract_a_proposal_a_vacancy_or_a_person(kind: type[Event], name: str) -> None:
    event = sample(kind)
    assert about(event) == getattr(event, name)


@pytest.mark.parametrize(
    ("role", "reached"),
    [("trainer", PARTIES.trainer), ("school", PARTIES.location), ("company", PARTIES.company)],
)
def test_a_letter_reaches_the_party_of_its_role_and_is_that_partys_alone(role: str, reached: UUID) -> None:
    assert recipients(role, PARTIES, {}) == (reached,)
    own = own_part(role, reached, PARTIES)
    assert reached in own.ids()
    assert own.region == "AM28"
    assert own.ids() <= ({PARTIES.board, PARTIES.school, PARTIES.location} if role == "school" else {reached})


def test_a_desk_is_reached_by_the_region_and_an_owner_as_an_organisation() -> None:
    desk = uuid4()
    assert recipients("desk", PARTIES, {"AM28": [desk]}) == [desk]
    assert recipients("desk", Parties(), {"AM28": [desk]}) == ()
    assert own_part("desk", desk, PARTIES) == Parties(organisation=desk, region="AM28")
    assert recipients("owner", Parties(organisation=desk), {}) == (desk,)
    assert recipients("company", Parties(), {}) == ()


def test_a_letter_names_those_who_take_part() -> None:
    assert names(PARTIES) == {"trainer": PARTIES.trainer, "school": PARTIES.location, "company": PARTIES.company}
    assert names(Parties(location=PARTIES.location)) == {"school": PARTIES.location}


@pytest.mark.parametrize(
    ("event", "role"), [(TrainerLeft, "school"), (VacancyPosted, "trainer"), (EventParked, "owner")]
)
def test_a_letter_to_a_role_that_its_event_has_not_is_an_error(event: type[Event], role: str) -> None:
    with pytest.raises(LetterFault, match=rf"letters/some\.toml, letter some-letter: {event.__name__} has no {role}"):
        read("letters/some.toml", SOME_LETTER.format(event=name_of(event.type), role=role))


def test_a_letter_to_a_role_that_is_none_is_an_error() -> None:
    with pytest.raises(LetterFault, match="ContractSigned has no reporter"):
        read("letters/some.toml", SOME_LETTER.format(event="contract.signed", role="reporter"))


def test_the_parties_stay_inside() -> None:
    made = sample(ProposalMade)
    now = datetime(2026, 9, 1, tzinfo=UTC)
    envelope = Envelope(
        id=uuid4(), source="urn:x", type=made.type, subject="proposal/1", time=now, key="1", parties=PARTIES
    )
    assert "ce_parties" in envelope.headers()
    bodies = bodies_of(envelope, made, PARTIES)
    for body in (bodies.shown, bodies.whole, *bodies.by_party.values()):
        assert body is not None
        assert "parties" not in json.loads(body)
    assert str(PARTIES.company) not in bodies.shown


BY_SIDE = {"trainer": PARTIES.trainer, "school": PARTIES.location, "company": PARTIES.company, "staff": None}


def written(event: Event, side: str = "school", parties: Parties = PARTIES) -> dict[str, Any]:
    """What somebody on a side, or staff, sees of an event in feed and webhook."""
    envelope = Envelope(
        id=uuid4(),
        source="urn:x",
        type=event.type,
        subject="proposal/1",
        time=datetime(2026, 9, 1, tzinfo=UTC),
        key="1",
        cause=uuid4(),
        trace="00-1-2-00",
        parties=parties,
    )
    bodies, party = bodies_of(envelope, event, parties), BY_SIDE[side]
    text = bodies.whole or bodies.shown if party is None else bodies.by_party.get(party, bodies.shown)
    found: dict[str, Any] = json.loads(text)
    return found


def data_of(event: Event) -> dict[str, Any]:
    return event.model_dump(mode="json", by_alias=True)


BLIND = (
    *(ProposalMade, ProposalConsented, ProposalReminded, ProposalDeclined, ProposalExpired, ProposalWithdrawn),
    *(ProposalLapsed, ProposalCountered, ProposalCounterDeclined, ProposalTermsChanged, ProposalProlonged),
    ProposalUnreached,
)


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("side", ["school", "company"])
def test_no_proposal_names_the_candidate_before_everybody_agreed(kind: type[ProposalEvent], side: str) -> None:
    event = sample(kind)
    shown = written(event, side)
    assert str(event.trainer_id) not in json.dumps(shown)
    hidden = {"companyId", "score", "rank"} & shown["data"].keys()
    assert {shown["data"][name] for name in hidden} <= {None}
    assert written(event, "trainer")["data"]["trainerId"] == str(event.trainer_id)
    assert written(event, "staff")["data"] == data_of(event)


SEARCHING = [kind for kind in CATALOGUE.values() if issubclass(kind, ProposalEvent | SearchEvent)]


def test_every_kind_of_proposal_is_blind_but_those_that_reveal() -> None:
    kinds = {kind for kind in CATALOGUE.values() if issubclass(kind, ProposalEvent)}
    assert kinds == {*BLIND, ProposalAccepted, ProposalConverted}
    for kind in (ProposalAccepted, ProposalConverted):
        assert written(sample(kind))["data"] == data_of(sample(kind))


@pytest.mark.parametrize("side", ["trainer", "school", "company"])
@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.__name__)
def test_no_reason_finding_or_measure_of_another_side_leaves_the_house_undeclared(kind: type[Event], side: str) -> None:
    """A new event's reason, finding or measure is staff's alone before somebody says whose it is."""
    event, name = sample(kind), name_of(kind.type)
    data, shown = data_of(event), written(event, side)["data"]
    for fact in TELLING & data.keys():
        sides = [data["party"]] if kind is ProposalDeclined else SHARED.get(name, {}).get(fact, ())
        if isinstance(data[fact], str) and data[fact] in OF_THE_PERSON:
            sides = ["trainer"]
        assert shown[fact] == (data[fact] if side in sides else None), fact


@pytest.mark.parametrize("side", ["trainer", "school", "company"])
@pytest.mark.parametrize("kind", SEARCHING, ids=lambda kind: kind.__name__)
def test_of_a_search_only_what_is_declared_leaves_the_house(kind: type[Event], side: str) -> None:
    """Whatever its name: a new field of a search or a proposal is nobody's until it is declared."""
    ids = {field.alias for name, field in kind.model_fields.items() if name.endswith("_id")}
    shown = {fact for fact, value in written(sample(kind), side)["data"].items() if value is not None}
    told = SHARED.get(name_of(kind.type), {})
    assert all(fact in ids | FOR_EVERY_PARTY or side in told[fact] for fact in shown if kind is not ProposalDeclined)


@pytest.mark.parametrize("party", ["trainer", "school", "company"])
@pytest.mark.parametrize("side", ["trainer", "school", "company"])
def test_the_decliner_and_the_reason_are_shown_to_the_decliner_only(party: str, side: str) -> None:
    """Seen red: the feed told the next candidate's employer, the school and the trainer alike."""
    event = sample(ProposalDeclined, party=party, reason="expertise")
    told = (party, "expertise") if party == side else (None, None)
    data = written(event, side)["data"]
    assert (data["party"], data["reason"]) == told


@pytest.mark.parametrize("kind", [ProposalMade, ProposalAccepted, VacancyWaiting, WaitlistPromoted])
def test_the_cause_of_what_happens_to_a_search_is_not_shown(kind: type[Event]) -> None:
    """One trainer who comes or leaves is the cause of events at several vacancies."""
    assert not {"causationid", "traceparent"} & written(sample(kind)).keys()
    assert {"causationid", "traceparent"} <= written(sample(kind), "staff").keys()


@pytest.mark.parametrize("reason", ["trainer_left", "trainer_paused"])
def test_that_a_trainer_left_is_not_shown_to_each_of_their_vacancies(reason: str) -> None:
    for side in ("school", "company"):
        assert written(sample(ProposalWithdrawn, reason=reason), side)["data"]["reason"] is None
        assert written(sample(ProposalWithdrawn, reason="vacancy_changed"), side)["data"]["reason"] == "vacancy_changed"
    assert written(sample(ProposalWithdrawn, reason=reason), "trainer")["data"]["reason"] == reason


def test_how_many_trainers_there_are_is_not_shown() -> None:
    for kind in (VacancyWaiting, VacancyRanked):
        shown = written(sample(kind))["data"]
        assert {shown.get("candidates"), shown.get("fitting")} == {None}


def test_any_other_event_is_shown_as_it_is_without_its_batch() -> None:
    """Seen red: two letters about two vacancies had one trace, that of the batch that dropped both."""
    signed = sample(ContractSigned)
    shown = written(signed)
    assert "traceparent" not in shown
    assert shown["data"] == data_of(signed)
    assert shown["datacontenttype"] == "application/json"
    assert name_of(signed.type) == "contract.signed"


def test_a_fact_of_no_side_is_staffs_alone() -> None:
    """Whose an event's parties are not known to be, it tells nothing that is one side's."""
    shown = written(sample(ProposalWithdrawn, reason="vacancy_changed"), parties=Parties())
    assert shown["data"]["reason"] is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1",
        "::ffff:8.8.8.8", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "64:ff9b::7f00:1", "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "145.97.39.155", "2a00:1450:400e:80c::200e"])
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(address)


async def test_one_inside_address_among_several_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = PublicOnly()

    async def resolve(host: str, port: int) -> list[str]:
        return ["8.8.8.8", "10.0.0.1"]

    monkeypatch.setattr(backend, "_resolve", resolve)
    with pytest.raises(httpcore2.ConnectError, match="not a public address"):
        await backend.connect_tcp("partner.example", 443)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0",
        "::", "224.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "fec0::1",
    ],
)  # fmt: skip
async def test_an_allowed_name_that_leads_to_a_machines_own_keys_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Seen red: whatever an allowed name resolved to was connected to."""
    backend = PublicOnly(["receiver.example:443"], inside=True)

    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.1", address]

    monkeypatch.setattr(backend, "_resolve", resolve)
    with pytest.raises(httpcore2.ConnectError, match="not a public address"):
        await backend.connect_tcp("receiver.example", 443, timeout=0.1)


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "::1", "fd12::1", "::ffff:192.168.1.1"])
async def test_in_production_an_allowed_name_leads_nowhere_inside_either(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    assert may_be_inside(address)
    backend = PublicOnly(["receiver.example:443"])

    async def resolve(host: str, port: int) -> list[str]:
        return [address]

    monkeypatch.setattr(backend, "_resolve", resolve)
    with pytest.raises(httpcore2.ConnectError, match="not a public address"):
        await backend.connect_tcp("receiver.example", 443, timeout=0.1)


async def test_a_name_is_resolved_once_and_connected_to_where_it_led() -> None:
    """What answers later is not asked: the connection goes to the address that was looked at."""
    asked: list[str] = []
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    backend = PublicOnly([f"rebinding.example:{port}"], inside=True)

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    backend._resolve = resolve  # type: ignore[method-assign]
    async with server:
        stream = await backend.connect_tcp("rebinding.example", port)
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
        await stream.aclose()
    assert asked == ["rebinding.example"]


async def test_a_webhook_goes_to_no_file() -> None:
    with pytest.raises(httpcore2.ConnectError):
        await PublicOnly().connect_unix_socket("/run/docker.sock")
    await PublicOnly().sleep(0)


async def test_a_name_that_leads_nowhere_is_a_failure_to_connect() -> None:
    with pytest.raises(httpcore2.ConnectError, match="does not resolve"):
        await PublicOnly().connect_tcp("nowhere.invalid", 443)


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://partner.nl/hook?x=1", True),
        ("https://partner.nl:8443/hook", True),
        ("http://partner.nl/hook", False),
        ("http://localhost:9000/hook", True),
        ("http://localhost:9001/hook", False),
        ("https://user:secret@partner.nl/", False),
        ("https://partner.nl/#part", False),
        ("https:///hook", False),
        ("https://partner.nl:99999/", False),
        ("https://partner.nl:0/", False),
        ("https://partner.nl/\thook", False),
        ("partner.nl", False),
        ("", False),
        ("https://pärtner.nl/", False),
        ("https://part ner.nl/", False),
        ("https://-partner.nl/", False),
        ("https://part..ner.nl/", False),
        (f"https://{'a' * 64}.nl/", False),
        (f"https://{'a.' * 126}nl/", False),
        ("https://256.256.256.256/", False),
        ("https://08.8.8.8/hook", False),
        ("https://4294967296/", False),
        ("https://partner.0xg/", True),
        ("https://partner.0xa/", False),
        ("https://%31%32%37.0.0.1/", False),
        ("https://[v1.x]/", False),
        ("https://[2606:4700::1111]/hook", True),
        ("https://1572395042/hook", True),
        ("https://hooks_1.partner.nl./hook", True),
        ("file:///etc/passwd", False),
        ("gopher://partner.nl/", False),
    ],
)
def test_only_https_and_named_exceptions_have_the_right_form(url: str, right: bool) -> None:  # noqa: FBT001 - a table
    assert has_right_form(url, {"localhost:9000"}) is right


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("https://partner.nl/hook", False),
        ("https://1.1.1.1/hook", False),
        ("https://[2606:4700::1111]/hook", False),
        ("https://127.0.0.1/hook", True),
        ("https://10.1.2.3:8443/hook", True),
        ("https://169.254.169.254/latest/meta-data", True),
        ("https://[::1]/hook", True),
        ("https://[::ffff:10.0.0.1]/hook", True),
        ("https://[fd00::1]/hook", True),
        ("https://2130706433/hook", True),
        ("https://0x7f.1/hook", True),
        ("https://127.1/hook", True),
        ("https://0177.0.0.1./hook", True),
        ("https://0XA9FEA9FE/latest/meta-data", True),
        ("https://[0:0:0:0:0:0:0:1]/hook", True),
        ("https://[fe80::1%25eth0]/hook", True),
        ("https://1572395042/hook", False),
        ("https://kafka:9092/hook", True),
        ("https://metadata.google.internal/hook", True),
        ("https://printer.local./hook", True),
        ("https://internal.partner.nl/hook", False),
        ("https://localhost/hook", True),
        ("https://LOCALHOST./hook", True),
        ("https://me.localhost/hook", True),
        ("https://localhost:9000/hook", False),
        ("http://localhost:9000/hook", False),
    ],
)
def test_an_address_that_is_not_public_by_its_own_words_is_seen(url: str, inside: bool) -> None:  # noqa: FBT001 - a table
    assert leads_inside(url, {"localhost:9000"}) is inside
