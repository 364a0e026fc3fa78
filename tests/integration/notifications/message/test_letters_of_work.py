"""A letter names the work that it is about, as far as that is known and was not changed since."""

from __future__ import annotations

from asyncio import to_thread
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from uuid import UUID

from common.service.retention import forget_all
from events.contracts import ContractAmended, ContractDrafted, ContractExtended, ContractOffered, ContractSigned
from events.matching import ProposalMade
from events.registry import TrainerAnonymised, VacancyPosted
from notifications.fact import tables as fact_tables
from notifications.fact import usecases
from notifications.message.channels.mail import FolderChannel
from tests.integration.notifications.at_work import Cast, Notifications

WORK = "Het gaat om:"
ASKED = {
    "subject": "electrical",
    "role": "guest_lecturer",
    "schoolType": "mbo",
    "minutesPerWeek": 240,
    "startsOn": "2027-01-11",
    "endsOn": "2027-07-09",
    "roster": [{"day": 2, "starts": "09:00:00", "ends": "13:00:00"}],
}
AGREED = {"role": "guest_lecturer", "schoolType": "mbo", "form": "guest", "minutesPerWeek": 180}
RUNS = {"startsOn": "2027-02-01", "endsOn": "2027-06-30"}


async def meet(at_work: Notifications, cast: Cast) -> None:
    """Have it know how all parties are reached, and nothing else of the case."""
    at_work.casts.append(cast)
    await at_work.hear(*(cast.contact(role) for role in ("trainer", "school", "company")))


async def letters(at_work: Notifications, folder: Path) -> dict[str, str]:
    """Send what is planned; return the texts of all letters so far by subject, of those alike the last one."""
    await at_work.send(FolderChannel(folder))
    return await to_thread(_texts, folder)


def _texts(folder: Path) -> dict[str, str]:
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    found = {}
    for path in paths:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        part = mail.get_body(("plain",))
        assert part is not None
        found[str(mail["Subject"])] = str(part.get_content()).replace("\r\n", "\n")
    return found


async def known(at_work: Notifications) -> dict[UUID, date]:
    return {row.id: row.known_until for row in await at_work.rows(fact_tables.works)}


async def test_a_proposal_names_what_the_school_asks(at_work: Notifications, tmp_path: Path) -> None:
    """Before: "Er is een vacature die bij u past, als gast." and nothing else."""
    cast = Cast()
    await meet(at_work, cast)
    await at_work.hear(cast.event(VacancyPosted, **ASKED))
    await at_work.hear(cast.event(ProposalMade, asked=["trainer"], form="guest"), source="matching")
    text = (await letters(at_work, tmp_path))["Een voorstel vraagt om uw antwoord"]
    assert "- elektrotechniek, als gastdocent voor het mbo" in text
    assert "- 4 uur les per week" in text
    assert "- dinsdag van 09:00 tot 13:00 uur" in text
    assert "- vanaf 11 januari 2027 tot en met 9 juli 2027" in text


async def test_a_contract_names_its_own_terms_until_they_are_changed(at_work: Notifications, tmp_path: Path) -> None:
    cast = Cast()
    await meet(at_work, cast)
    await at_work.hear(cast.event(VacancyPosted, **ASKED))
    await at_work.hear(cast.event(ContractDrafted, **AGREED, **RUNS), source="contracts")
    offered = cast.event(ContractOffered, findings=[], mandatory=["school"], invited=[])
    await at_work.hear(offered, source="contracts")
    text = (await letters(at_work, tmp_path))["U kunt het contract ondertekenen"]
    assert (
        "- elektrotechniek, als gastdocent voor het mbo\n- 3 uur les per week, als gast\n- vanaf 1 februari 2027"
        in text
    )
    await at_work.hear(cast.event(ContractAmended), offered, source="contracts")
    changed = (await letters(at_work, tmp_path))["U kunt het contract ondertekenen"]
    assert WORK not in changed


async def test_work_follows_what_is_signed_and_extended_in_one_run(at_work: Notifications) -> None:
    cast = Cast()
    await meet(at_work, cast)
    await at_work.hear(
        cast.event(ContractDrafted, **AGREED, **RUNS),
        cast.event(ContractSigned, startsOn="2027-03-01", minutesPerWeek=120),
        cast.event(ContractExtended, endsOn="2027-12-31"),
        source="contracts",
    )
    assert await known(at_work) == {cast.contract: date(2027, 12, 31)}
    [row] = await at_work.rows(fact_tables.works)
    assert (row.facts["starts_on"], row.facts["minutes_per_week"]) == ("2027-03-01", 120)


async def test_a_contract_of_before_has_letters_without_it(at_work: Notifications, tmp_path: Path) -> None:
    cast = Cast()
    await meet(at_work, cast)
    offered = cast.event(ContractOffered, findings=[], mandatory=["school"], invited=[])
    await at_work.hear(cast.event(ContractSigned), offered, source="contracts")
    assert WORK not in (await letters(at_work, tmp_path))["U kunt het contract ondertekenen"]
    assert await known(at_work) == {}


async def test_the_work_of_an_erased_trainers_contract_is_deleted(at_work: Notifications) -> None:
    cast, other = Cast(), Cast()
    for each in (cast, other):
        await meet(at_work, each)
        await at_work.hear(each.event(ContractDrafted, **AGREED, **RUNS), source="contracts")
    await at_work.hear(cast.event(VacancyPosted, **ASKED), cast.event(TrainerAnonymised))
    assert set(await known(at_work)) == {cast.vacancy, other.contract}


async def test_work_that_was_over_long_ago_is_purged(at_work: Notifications) -> None:
    cast = Cast()
    await meet(at_work, cast)
    await at_work.hear(cast.event(VacancyPosted, **ASKED))
    await at_work.rule("retention.message_content", {"contentDays": 90, "metadataDays": 365})
    [purge] = [each for each in usecases.PURGES if each.table == "works"]
    over = date(2027, 7, 9) - at_work.database.clock.now().date()
    for days, left in ((over.days + 365, 1), (2, 0)):
        at_work.pass_time(days=days)
        await forget_all(at_work.database, purge)
        assert len(await known(at_work)) == left
