"""What is copied of others' facts, and that nothing of a person stays when they are erased."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from common.persistence.replica import Replica
from contracts.fact import store as fact_store
from contracts.fact import tables as fact_tables
from contracts.fact.model import Vog
from contracts.legal_check.usecases import compliance
from contracts.override import usecases as override_usecases
from contracts.standing import store as standings
from contracts.standing.model import GroundDeclared, Standing
from events.erasure import ErasureConfirmed
from events.registry import (
    ContactState,
    OrganisationChanged,
    ProfileState,
    TrainerAnonymised,
    TrainerLeft,
    VacancyChanged,
)
from events.words import LendingStatus
from tests.integration.contracts.contracts_at_work import SECONDMENT, Contracts, accepted, company, contacts, profile
from tests.support.asking import BOARD, COMPANY, STARTS_ON, vacancy
from tests.support.written import written


async def test_the_last_of_facts_published_at_once_counts(office: Contracts) -> None:
    asked, offered = vacancy(), profile()
    changed = VacancyChanged(**(dict(asked) | {"subject": "metal"}))
    moved = OrganisationChanged(**(dict(company()) | {"lending_status": LendingStatus.COLLEGIAL}))
    await office.hear(
        asked, changed, company(), moved, offered, profile(trainer_id=offered.trainer_id, in_training=True)
    )
    async with office.database.begin(actor="test") as tx:
        known = await fact_store.vacancies.find(tx, asked.vacancy_id)
        employer = await fact_store.organisations.find(tx, COMPANY)
        person = await fact_store.people.find(tx, offered.trainer_id)
    assert known is not None
    assert employer is not None
    assert person is not None
    assert (known.subject, employer.lending_status, person.in_training) == ("metal", LendingStatus.COLLEGIAL, True)


async def test_contracts_and_work_move_with_their_vacancy_to_another_region(office: Contracts) -> None:
    asked = vacancy()
    contract = await office.at_work(await office.drafted(asked))
    await office.hear(VacancyChanged(**(dict(asked) | {"region": "AM05"})))
    moved = await office.contract(contract.id)
    assert (moved.region, moved.version) == ("AM05", contract.version)
    assert (await office.assignment(contract.id)).region == "AM05"


async def test_the_certificate_shown_last_stays_in_whatever_order_events_come(office: Contracts) -> None:
    offered = profile(vog_issued_on=date(2026, 6, 1), vog_shown_on=date(2026, 6, 10))
    newer, older = (
        profile(trainer_id=offered.trainer_id, vog_issued_on=issued, vog_shown_on=shown)
        for issued, shown in (
            (date(2026, 10, 1), date(2026, 10, 10)),
            (date(2026, 7, 1), date(2026, 7, 2)),
        )
    )
    await office.hear(newer, offered, older)
    await office.hear(older)
    async with office.database.begin(actor="test") as tx:
        vog = await fact_store.find_vog(tx, offered.trainer_id)
    assert vog is not None
    assert (vog.issued_on, vog.shown_on) == (date(2026, 10, 1), date(2026, 10, 10))


async def test_a_table_and_its_dataclass_say_the_same(office: Contracts) -> None:
    with pytest.raises(TypeError, match="shown_on"):
        Replica(Vog, fact_tables.people)
    async with office.database.begin(actor="test") as tx:
        await fact_store.people.put(tx, [])
        await fact_store.put_vogs(tx, [])
    assert await office.count("people") == 0


async def test_a_fact_that_is_withdrawn_is_deleted(office: Contracts) -> None:
    offered = profile(vog_issued_on=date(2026, 6, 1), vog_shown_on=date(2026, 6, 10))
    await office.hear(offered, *contacts(offered.trainer_id))
    await office.hear_end_of(ProfileState, offered.trainer_id)
    await office.hear_end_of(ContactState, offered.trainer_id)
    assert [await office.count(table) for table in ("people", "vogs", "contacts")] == [0, 0, 2]


async def _everything(office: Contracts) -> str:
    """All rows of all tables but those that no erasure reaches, as one text."""
    found = await written(office.database.url)
    return "\n".join(rows for table, rows in found.items() if table not in {"policies", "outbox", "inbox"})


async def test_an_erased_person_is_gone_and_no_figure_changed(office: Contracts) -> None:
    """I6, as far as it is ours: ids, codes, minutes and money stay.

    Seen red without ``records.scrub``, and without the confirmation."""
    offered = profile()
    asked = vacancy(**SECONDMENT)
    proposal = accepted(asked, offered)
    await office.hear(
        asked, offered, company(lending_status=LendingStatus.UNKNOWN), *contacts(offered.trainer_id), proposal
    )
    contract = await office.contract_of(proposal)
    async with office.database.begin(actor="test") as tx:
        await compliance.approve(tx, contract.id, "Aagje Veerring was called.")
        await override_usecases.override(
            tx,
            trainer_id=offered.trainer_id,
            board_id=BOARD,
            reason="Aagje asked for it",
            owner="programme",
            starts_on=STARTS_ON,
            ends_on=STARTS_ON + timedelta(days=1),
        )
        used = GroundDeclared(ground="DEVIATION", started_on=date(2019, 8, 7))
        await standings.declare(tx, Standing(trainer_id=offered.trainer_id, board_id=BOARD, grounds=(used,)))
    contract = await office.at_work(await office.contract(contract.id))
    line = await office.approve(await office.hand_in(contract, STARTS_ON, 120))
    await office.hear(TrainerLeft(trainer_id=offered.trainer_id, reason="own_wish"))
    before = [
        await office.rows("SELECT contact_minutes, worked_on FROM hour_lines"),
        await office.rows("SELECT vat, costs FROM decisions ORDER BY id"),
        await office.rows("SELECT status, form, terms FROM contracts"),
        await office.rows("SELECT hash, clauses FROM documents"),
    ]
    assert "Aagje" in await _everything(office)
    assert "2026-12-10" in await _everything(office)
    assert "2019-08-07" in await _everything(office)

    await office.hear(TrainerAnonymised(trainer_id=offered.trainer_id))

    after = await _everything(office)
    assert "Aagje" not in after
    assert "2026-12-10" not in after  # when the certificate was shown
    assert "2019-08-07" not in after  # since when the board deviates
    assert str(line.id) in after
    confirmed = (await office.told(ErasureConfirmed))[0]
    assert (confirmed.trainer_id, confirmed.service, confirmed.rows > 3) == (offered.trainer_id, "contracts", True)
    assert before == [
        await office.rows("SELECT contact_minutes, worked_on FROM hour_lines"),
        await office.rows("SELECT vat, costs FROM decisions ORDER BY id"),
        await office.rows("SELECT status, form, terms FROM contracts"),
        await office.rows("SELECT hash, clauses FROM documents"),
    ]
    document = await office.ask("GET", f"/contracts/{contract.id}/document", role="programme")
    assert "(gegevens gewist)" in document["text"]
    assert "Koperdraad" in document["text"]
