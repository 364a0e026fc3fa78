"""What a person owns the person does, or a desk on their word: with a note that the person can read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from tests.integration.registry.registry_cast import PERSON, PROFILE, Cast
from tests.integration.registry.registry_site import Registry

ANY = {"If-Match": "*"}
NOTE = "Belde zelf; naam en postcode klopten."


def acts(cast: Cast) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Everything that is the person's, in an order in which all of it can be done."""
    until = {"until": (cast.today + timedelta(days=100)).isoformat()}
    return [
        ("confirm", "POST", "/_confirm", {}),
        ("correct", "PUT", "", {**PERSON, "email": "other@hto.example"}),
        ("give-consent", "PUT", "/consent", until),
        ("describe", "PUT", "/profile", PROFILE),
        ("become-available", "POST", "/_available", {}),
        ("pause", "POST", "/_pause", {}),
        ("withdraw-consent", "POST", "/_withdraw-consent", {}),
        ("leave", "POST", "/_leave", {"reason": "own_wish"}),
        ("erase", "POST", "/_erase", {}),
    ]


async def given(registry: Registry) -> list[Any]:
    return list(await registry.rows("SELECT * FROM words_given ORDER BY id"))


async def test_a_desk_does_nothing_for_a_person_without_their_word(cast: Cast) -> None:
    """Seen red: the desk did all of it and said nothing."""
    await cast.trainer("PUT", cast.path, PERSON)
    for act, method, path, body in acts(cast):
        for said in (body or None, {**body, "onTheirWord": None}):
            problem = await cast.desk(method, cast.path + path, said, headers=ANY, status=400)
            assert [one["name"] for one in problem["invalidParams"]] == ["onTheirWord"], act
        await cast.desk(method, cast.path + path, {**body, **cast.word()}, headers=ANY)
        if act == "describe":
            await cast.company("POST", f"{cast.path}/_employer-agree")
    assert [row.act for row in await given(cast.site.registry)] == [act for act, *_ in acts(cast)]


async def test_a_word_is_in_the_audit_trail_and_read_by_the_person_and_the_programme_but_on_no_event(
    cast: Cast,
) -> None:
    await cast.until_available()
    await cast.desk("POST", f"{cast.path}/_pause", cast.word())
    (row,) = await given(cast.site.registry)
    audited = await cast.site.registry.rows("SELECT reason FROM audit WHERE event_type LIKE '%trainer.paused.v1'")
    assert [one.reason for one in audited] == [f"on their word, {row.id}"]
    assert NOTE not in str(await cast.site.registry.told())
    programme = cast.site.as_(CallerRole.PROGRAMME, client="programme")
    for who in (cast.trainer, cast.desk, programme):
        (shown,) = (await who("GET", f"/given-words?trainerId={cast.id}"))["items"]
        assert (shown["act"], shown["how"], shown["note"], shown["notedBy"]) == ("pause", "phone", NOTE, "desk")
    export = await cast.trainer("GET", f"{cast.path}/export")
    assert export["wordsGiven"] == [shown]
    assert ("programme", "show-trainer") in {
        (one["actor"], one["processingActivityId"].rpartition("/")[2]) for one in export["processings"]
    }


async def test_no_other_caller_reads_a_given_word(cast: Cast) -> None:
    await cast.until_available()
    await cast.desk("POST", f"{cast.path}/_pause", cast.word())
    await cast.company("GET", "/given-words", status=403)
    assert (await cast.stranger("GET", "/given-words"))["items"] == []


async def test_the_person_gives_no_word_to_themselves(cast: Cast) -> None:
    await cast.until_available()
    both = cast.site.as_(CallerRole.TRAINER, CallerRole.DESK, trainer=cast.id, regions=["AM01"])
    for who in (cast.trainer, both):
        problem = await who("POST", f"{cast.path}/_pause", cast.word(), status=400)
        assert problem["invalidParams"][0]["code"] == "own-word"
    await both("POST", f"{cast.path}/_pause")
    assert await given(cast.site.registry) == []


async def test_a_word_was_given_since_the_application_and_not_later_than_today(cast: Cast) -> None:
    await cast.until_available()
    for days in (-1, 1):
        said = cast.word(saidOn=(cast.today + timedelta(days=days)).isoformat())
        problem = await cast.desk("POST", f"{cast.path}/_pause", said, status=422)
        assert problem["type"].endswith("/said-at-another-time")
    for wrong in ({"how": "crystal ball"}, {"note": "  "}, {"note": "bsn 111222333"}, {"saidOn": "9999-12-31"}):
        await cast.desk("POST", f"{cast.path}/_pause", cast.word(**wrong), status=400)
    assert await given(cast.site.registry) == []
    assert (await cast.trainer("GET", cast.path))["status"] == "available"


async def test_a_desk_may_say_so_of_an_application_and_nobody_else_may(cast: Cast) -> None:
    await cast.desk("PUT", cast.path, {**PERSON, **cast.word()})
    assert [row.act for row in await given(cast.site.registry)] == ["apply"]
    for who in (cast.company, cast.site.as_(CallerRole.TRAINER, trainer=uuid7())):
        await who("POST", "/trainers", {**PERSON, **cast.word()}, status=400)
    await cast.desk("POST", "/trainers", {**PERSON, "email": "third@hto.example"}, status=201)


async def test_given_words_are_erased_with_the_person(cast: Cast) -> None:
    await cast.until_available()
    await cast.desk("POST", f"{cast.path}/_pause", cast.word())
    await cast.desk("POST", f"{cast.path}/_erase", cast.word())
    assert [(row.act, row.note) for row in await given(cast.site.registry)] == [("pause", None), ("erase", None)]


async def test_no_word_is_kept_of_somebody_who_is_erased(cast: Cast) -> None:
    """Seen red: an erasure or a withdrawal that a desk asked once more left a note that nobody would forget."""
    await cast.until_available()
    await cast.desk("POST", f"{cast.path}/_erase", cast.word())
    before = await given(cast.site.registry)
    late = cast.word(note="Belde nog eens; woont nu in Assen.")
    for act in ("_erase", "_withdraw-consent"):
        await cast.desk("POST", f"{cast.path}/{act}", late)
    for act in ("_confirm", "_pause", "_available"):
        await cast.desk("POST", f"{cast.path}/{act}", late, status=409)
    assert await given(cast.site.registry) == before
    assert all(row.note is None for row in before)
