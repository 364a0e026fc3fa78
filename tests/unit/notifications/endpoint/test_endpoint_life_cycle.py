"""An endpoint gets something only while its address and its partner both want it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refused
from events.notifications import EndpointRegistered
from notifications.endpoint.model.endpoint import (
    OVERLAP,
    Endpoint,
    EndpointIsRemoved,
    NotPossible,
    Room,
    Status,
    TooManyAtAddress,
    TooManyAtHost,
    TooManyEndpoints,
    host_of,
)

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
STEPS: dict[Status, Callable[[Endpoint], tuple[Endpoint, list[Any]]]] = {
    Status.PENDING: lambda endpoint: endpoint.resume(),
    Status.ENABLED: lambda endpoint: endpoint.allow(),
    Status.DISABLED: lambda endpoint: endpoint.disable("failing"),
    Status.REMOVED: lambda endpoint: endpoint.remove(),
}


def endpoint(status: Status = Status.PENDING, *names: str) -> Endpoint:
    new, told = Endpoint.register(
        endpoint_id=uuid4(), owner_id=uuid4(), url="https://x.nl/", event_types=names, secret="whsec_one", now=NOW
    )
    assert told == [EndpointRegistered(endpoint_id=new.id, owner_id=new.owner_id, event_types=list(names))]
    assert new.case == new.owner_id
    return replace(new, status=status)


@given(st.lists(st.sampled_from(list(Status)), max_size=12))
def test_once_removed_it_stays_removed_and_holds_no_secret(wanted: list[Status]) -> None:
    at = endpoint()
    for step in wanted:
        was = at.status
        try:
            at, told = STEPS[step](at)
        except NotPossible:
            continue
        assert bool(told) == (at.status is not was)
        assert was is not Status.REMOVED or at.status is Status.REMOVED
        assert (at.secret == "") == (at.status is Status.REMOVED)


def test_it_wants_everything_or_what_it_names() -> None:
    assert endpoint().wants("contract.signed")
    assert endpoint(Status.PENDING, "contract.signed").wants("contract.signed")
    assert not endpoint(Status.PENDING, "contract.signed").wants("hours.approved")


def test_a_replaced_secret_signs_until_its_day_is_over() -> None:
    once, _ = endpoint().rotate("whsec_two", NOW)
    assert once.secrets(NOW) == ("whsec_two", "whsec_one")
    assert once.secrets(NOW + OVERLAP) == ("whsec_two",)
    twice, _ = once.rotate("whsec_three", NOW + timedelta(hours=1))
    assert twice.secrets(NOW + timedelta(hours=1)) == ("whsec_three", "whsec_one", "whsec_two")
    later, _ = twice.rotate("whsec_four", NOW + timedelta(days=2))
    assert [old.secret for old in later.old_secrets] == ["whsec_three"]


def test_a_removed_endpoint_takes_no_new_secret() -> None:
    with pytest.raises(EndpointIsRemoved):
        endpoint(Status.REMOVED).rotate("whsec_two", NOW)


ROOM = Room(per_organisation=20, per_address=5, per_host=1000)


@pytest.mark.parametrize(
    ("own", "at_host", "refused"),
    [
        ([], 0, None),
        (["b.nl"] * 19, 999, None),
        (["a.nl"] * 4, 4, None),
        (["b.nl"] * 20, 0, TooManyEndpoints),
        (["a.nl"] * 5, 5, TooManyAtAddress),
        ([], 1000, TooManyAtHost),
    ],
)
def test_endpoints_are_limited_per_organisation_and_per_host(
    own: list[str], at_host: int, refused: type[Refused] | None
) -> None:
    if refused is None:
        ROOM.check("a.nl", own=own, all_at_host=at_host)
        return
    with pytest.raises(refused) as found:
        ROOM.check("a.nl", own=own, all_at_host=at_host)
    assert str(found.value).split()[0] in {"This", "There"}


@pytest.mark.parametrize(
    "url", ["https://Partner.Example/hook", "https://partner.example.:443/other?x=1", "https://PARTNER.example:8443"]
)
def test_one_host_is_one_host_however_its_address_is_written(url: str) -> None:
    assert host_of(url) == "partner.example"


@pytest.mark.parametrize(
    ("urls", "host"),
    [
        (
            ("https://93.184.216.34/", "https://93.184.216.34.:8443/", "https://1572395042/", "https://0x5d.0xb8d822"),
            "93.184.216.34",
        ),
        (
            ("https://[2606:4700::1111]/", "https://[2606:4700:0:0:0:0:0:1111]:8443/", "https://[2606:4700::0:1111]"),
            "2606:4700::1111",
        ),
    ],
)
def test_one_machine_is_one_host_in_whatever_form_its_number_is(urls: tuple[str, ...], host: str) -> None:
    """Seen red: each form of a number had endpoints of its own."""
    assert {host_of(url) for url in urls} == {host}
