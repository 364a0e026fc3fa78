"""The rows of a year of a national programme, written by the server itself into the services' own tables.

Some owners are large, as they are in life: fifty locations have a third of the vacancies, twenty companies half of the
trainers. Rows that are read as aggregates are copies of one that the service itself wrote down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.persistence.store import Store
from contracts.assignment import store as assignment_store
from contracts.contract import store as contract_store
from contracts.contract.model.contract import Status as ContractStatus
from contracts.hour_line import store as hour_store
from events.words import OrganisationKind
from hto.services import service
from matching.proposal.store import proposals
from matching.vacancy import store as matching
from registry.organisation.model import CONFIRMED, Organisation
from registry.organisation.store import organisations
from registry.trainer.model import trainer as trainer_model
from registry.trainer.store import trainers
from registry.vacancy.store import vacancies
from tests.support.filled import filling, id_of
from tests.unit.contracts import contract_examples
from tests.unit.matching.proposal import proposal_examples
from tests.unit.registry import registry_examples

Statement = tuple[str, str]
"""A service, or ``log``, and what is run in its database."""
HISTORY = "hto.history"
"""A topic that nobody follows: what lies in the log is there, and a worker is idle all the same."""
PER_VACANCY = 5
"""Proposals."""


@dataclass(frozen=True, slots=True)
class Year:
    """How much there is of everything."""

    trainers: int = 10_000
    schools: int = 8_000
    companies: int = 2_000
    vacancies: int = 20_000
    contracts: int = 15_000
    hours: int = 300_000
    messages: int = 300_000
    endpoints: int = 200
    waiting: int = 500_000
    feed: int = 500_000
    steps: int = 1_500_000
    events: int = 5_000_000

    def scaled(self, scale: float) -> Year:
        """Return the same at another size; nothing becomes so little that a list is empty."""
        least = {"trainers": 60, "schools": 60, "companies": 20, "vacancies": 200, "contracts": 40, "endpoints": 10}
        return Year(
            **{name: max(least.get(name, 200), int(getattr(self, name) * scale)) for name in self.__dataclass_fields__}
        )


def location_of(vacancy: str) -> str:
    """SQL for the number of a vacancy's location: a third of them are at one of fifty."""
    return f"(CASE WHEN ({vacancy}) % 3 = 0 THEN ({vacancy}) % 50 ELSE ({vacancy}) % {{schools}} END)"


def company_of(trainer: str) -> str:
    """SQL for the number of a trainer's company: half of them work at one of twenty."""
    return f"(CASE WHEN ({trainer}) % 2 = 0 THEN ({trainer}) % 20 ELSE ({trainer}) % {{companies}} END)"


def school_side(vacancy: str) -> dict[str, str]:
    """SQL for the columns of a vacancy's owners: eight schools have one board."""
    location = location_of(vacancy)
    return {
        "board_id": id_of("board", f"{location} / 8"),
        "school_id": id_of("school", location),
        "location_id": id_of("location", location),
        "region": f"'AM' || ({location} % 35)",
    }


def owners(proposal: str) -> dict[str, str]:
    """SQL for the columns of the owners of what came of a proposal."""
    trainer = f"((({proposal}) * 7) % {{trainers}})"
    vacancy = f"(({proposal}) / {PER_VACANCY})"
    return {
        **school_side(vacancy),
        "trainer_id": id_of("trainer", trainer),
        "company_id": id_of("company", company_of(trainer)),
        "vacancy_id": id_of("vacancy", vacancy),
        "proposal_id": id_of("proposal", proposal),
    }


def statements(year: Year) -> Iterator[Statement]:
    """Yield all that fills the databases, in order."""
    numbers = {name: str(getattr(year, name)) for name in year.__dataclass_fields__}
    for name, statement in (
        *_registry(year),
        *_matching(year),
        *_contracts(year),
        *_notifications(year),
        *_operations(year),
        *_plumbing(year),
    ):
        sized = statement
        for what, number in numbers.items():
            sized = sized.replace(f"{{{what}}}", number)
        yield name, sized


def _table(name: str, table: str) -> Table:
    return service(name).tables.tables[table]


def _literal(value: Any, column: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(column.type, JSONB):
        return f"{_quoted(json.dumps(value))}::jsonb"
    if isinstance(column.type, ARRAY):
        return "'{}'"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, UUID | date | datetime):
        return _quoted(str(value))
    return _quoted(str(getattr(value, "value", value)))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _copies(store: Store[Any], aggregate: Any, values: Mapping[str, str], *, rows: int | str) -> str:
    row = {name: _literal(value, store.table.c[name]) for name, value in store.dump(aggregate).items()}
    return filling(store.table, {**row, **values}, rows=rows)


def _registry(year: Year) -> Iterator[Statement]:
    for kind, number in (
        (OrganisationKind.BOARD, year.schools // 8),
        (OrganisationKind.SCHOOL, year.schools),
        (OrganisationKind.LOCATION, year.schools),
        (OrganisationKind.COMPANY, year.companies),
    ):
        name = kind.value
        one = Organisation(id=UUID(int=1), version=1, status=CONFIRMED, kind=kind, name=f"a {name}")
        below = kind in {OrganisationKind.SCHOOL, OrganisationKind.LOCATION}
        own = {
            "id": id_of(name, "i - 1"),
            "board_id": id_of("board", "(i - 1) / 8") if below else "NULL",
            "school_id": id_of("school", "i - 1") if kind is OrganisationKind.LOCATION else "NULL",
            "region": "'AM' || ((i - 1) % 35)",
        }
        yield "registry", _copies(organisations, one, own, rows=number)
    someone = registry_examples.trainer(trainer_model.AVAILABLE)
    own = {
        "id": id_of("trainer", "i - 1"),
        "company_id": id_of("company", company_of("i - 1")),
        "region": "'AM' || (i % 35)",
        "person": "jsonb_build_object('name', 'N ' || i, 'email', i || '@hto.example', 'language', 'nl',"
        " 'postcode', '9712XX')",
    }
    yield "registry", _copies(trainers, someone, own, rows=year.trainers)
    asked = registry_examples.vacancy()
    own = {"id": id_of("vacancy"), **school_side("i")}
    yield "registry", _copies(vacancies, asked, own, rows=year.vacancies)


def _matching(year: Year) -> Iterator[Statement]:
    side = school_side("i")
    ids = {"boardId": "board_id", "schoolId": "school_id", "locationId": "location_id", "region": "region"}
    pairs = ", ".join(f"'{name}', {side[column]}" for name, column in ids.items())
    one = proposal_examples.vacancy()
    facts = _literal(matching.vacancies.dump(one)["facts"], _table("matching", "vacancies").c.facts)
    own = {
        "id": id_of("vacancy"),
        "facts": f"{facts} || jsonb_build_object('vacancyId', {id_of('vacancy')}, {pairs})",
        "status": "CASE WHEN i % 10 = 0 THEN 'waiting' ELSE 'matched' END",
        "waiting_since": "CASE WHEN i % 10 = 0 THEN now() - i * interval '10 minutes' END",
    }
    yield "matching", _copies(matching.vacancies, one, own, rows=year.vacancies)
    status = "CASE WHEN i % 50 = 0 THEN 'proposed' ELSE 'withdrawn' END"
    rest = {name: value for name, value in owners("i").items() if name != "proposal_id"}
    own = {"id": id_of("proposal"), "status": status, **rest}
    yield (
        "matching",
        _copies(proposals, proposal_examples.proposal(), own, rows=year.vacancies * PER_VACANCY),
    )


def _contracts(year: Year) -> Iterator[Statement]:
    of = owners(f"i * {PER_VACANCY}")
    own = {"id": id_of("contract"), **of}
    active = contract_examples.contract(ContractStatus.ACTIVE)
    yield "contracts", _copies(contract_store.contracts, active, own, rows=year.contracts)
    own = {"id": id_of("assignment"), "contract_id": id_of("contract"), **of}
    yield "contracts", _copies(assignment_store.assignments, contract_examples.assignment(), own, rows=year.contracts)
    contract = f"(i % {year.contracts} + 1)"
    own = {
        "id": id_of("hours"),
        "contract_id": id_of("contract", contract),
        "assignment_id": id_of("assignment", contract),
        "worked_on": f"CURRENT_DATE - i / {year.contracts} * 7",
        "status": "CASE WHEN i % 1000 = 0 THEN 'submitted' ELSE 'approved' END",
        **owners(f"{contract} * {PER_VACANCY}"),
    }
    yield "contracts", _copies(hour_store.hour_lines, contract_examples.line(), own, rows=year.hours)


def _notifications(year: Year) -> Iterator[Statement]:
    parties = "(ARRAY['trainer', 'location', 'company', 'board'])"
    own = {
        "recipient_id": id_of("trainer", "i % {trainers}"),
        "status": "CASE WHEN i % 1000 = 0 THEN 'planned' WHEN i % 5000 = 1 THEN 'bounced' ELSE 'sent' END",
        "role": f"{parties}[1 + i % 4]",
        "because_of": id_of("event"),
        "facts": "'{}'",
        "smtp_code": "250",
    }
    yield "notifications", filling(_table("notifications", "messages"), own, rows=year.messages)
    own = {"id": id_of("endpoint"), "owner_id": id_of("location", "i"), "status": "'enabled'", "event_types": "'[]'"}
    yield "notifications", filling(_table("notifications", "endpoints"), own, rows=year.endpoints)
    own = {"endpoint_id": id_of("endpoint"), "probes": "0", "probe_at": "NULL"}
    own |= {"failing_since": "NULL", "throttled_until": "NULL"}
    yield "notifications", filling(_table("notifications", "endpoint_health"), own, rows=year.endpoints)
    event = {
        "event_id": id_of("event"),
        "event": "(ARRAY['proposal.made', 'contract.signed', 'hours.approved'])[1 + i % 3]",
        "subject": "'contract/' || (i % {contracts})",
        "owners": f"ARRAY[{', '.join(owners('i % ({vacancies} * 5)')[name] for name in _OWNERS)}]",
        "body": "'{}'",
        "whole_body": "NULL",
        "party_bodies": "NULL",
    }
    yield "notifications", filling(_table("notifications", "feed"), event, rows=year.feed)
    yield (
        "notifications",
        "INSERT INTO feed_owners (position, owner_id) SELECT DISTINCT position, unnest(owners) FROM feed",
    )
    yield "notifications", "UPDATE delivery_cursor SET position = (SELECT max(position) FROM feed)"
    yield "notifications", _deliveries("'pending'", rows="{waiting}", first=0)
    kept = "CASE WHEN i % 4000 = 0 THEN 'kept' ELSE 'delivered' END"
    yield "notifications", _deliveries(kept, rows="{messages}", first=year.waiting)


_OWNERS = ("board_id", "school_id", "location_id", "trainer_id")


def _deliveries(status: str, *, rows: str, first: int) -> str:
    number = f"(i + {first})"
    own = {
        "id": id_of("delivery", number),
        "endpoint_id": id_of("endpoint", f"({number} + {number} / {{feed}}) % {{endpoints}} + 1"),
        "event_id": id_of("event", f"{number} % {{feed}} + 1"),
        "position": number,
        "subject": "'contract/' || (i % 100000)",
        "status": status,
        "behind": "i > 100000",
        "attempts": "3",
        "deaths": "0",
        "due_at": "now() + interval '1 hour'",
        "planned_at": f"now() - {number} * interval '1 second'",
    }
    table = _table("notifications", "deliveries")
    return filling(table, own, rows=f"generate_series(1, {rows}) AS i") + " ON CONFLICT DO NOTHING"


_TOKENS = "ARRAY['board=' || v.board_id, 'school=' || v.school_id, 'location=' || v.location_id]"
_PEOPLE = "ARRAY['trainer=' || p.trainer_id, 'company=' || p.company_id]"


def _operations(year: Year) -> Iterator[Statement]:
    cases, parties = _table("operations", "cases"), _table("operations", "case_parties")
    state = {"latest_at": "now() - i * interval '1 minute'", "latest": "'hours.approved'", "next_what": "NULL"}
    state |= {"next_owners": "NULL", "due_at": "now() + (i % 40 - 2) * interval '1 day'", "open": "i % 4 = 0"}
    side = school_side("i")
    own = {"id": id_of("vacancy"), "kind": "'vacancy'", "region": side["region"], **state}
    yield "operations", filling(cases, own, rows=year.vacancies)
    own = {"id": id_of("trainer", "i - 1"), "kind": "'trainer'", **state}
    yield "operations", filling(cases, own, rows=year.trainers)
    own = {"id": id_of("location", "i - 1"), "kind": "'organisation'", **state}
    yield "operations", filling(cases, own, rows=year.schools)
    ids = ", ".join(f"{value} AS {name}" for name, value in side.items())
    people = owners("q")
    each = f"SELECT {people['trainer_id']} AS trainer_id, {people['company_id']} AS company_id"
    several = f"generate_series(i * {PER_VACANCY}, i * {PER_VACANCY} + {PER_VACANCY - 1}) AS q"
    vacancies = f"generate_series(1, {{vacancies}}) AS i CROSS JOIN LATERAL (SELECT {ids}) AS v"
    tokens = f"SELECT unnest({_TOKENS}) UNION SELECT unnest({_PEOPLE}) FROM (SELECT * FROM {several}) n, "
    tokens += f"LATERAL ({each}) AS p"
    own = {"case_id": id_of("vacancy"), "party": "token", **state}
    yield "operations", filling(parties, own, rows=f"{vacancies} CROSS JOIN LATERAL ({tokens}) AS t (token)")
    own = {"case_id": id_of("trainer", "i - 1"), "party": f"'trainer=' || {id_of('trainer', 'i - 1')}", **state}
    yield "operations", filling(parties, own, rows=year.trainers)
    entities = "SELECT unnest(ARRAY[v.board_id, v.school_id, v.location_id]), 'organisation_id' UNION SELECT unnest("
    entities += f"ARRAY[p.trainer_id, p.company_id]), 'trainer_id' FROM (SELECT * FROM {several}) n, LATERAL ({each}) p"
    own = {"entity_id": "entity", "case_id": id_of("vacancy"), "role": "e.role", "seen_by": _TOKENS}
    links = f"{vacancies} CROSS JOIN LATERAL ({entities}) AS e (entity, role)"
    yield "operations", filling(_table("operations", "links"), own, rows=links)
    own = {"event_id": id_of("event"), "case_id": id_of("vacancy", "v_of"), "sequence": "i", "cause": "NULL"}
    own |= {"parties": f"{_TOKENS} || {_PEOPLE}", "at": "now()", "event": "'hours.approved'", "service": "'contracts'"}
    one = f"SELECT {', '.join(f'{value} AS {name}' for name, value in school_side('n.v_of').items())}"
    numbered = "generate_series(1, {steps}) AS i CROSS JOIN LATERAL (SELECT i % {vacancies} + 1 AS v_of) AS n"
    two = each.replace("(q)", f"(v_of * {PER_VACANCY} + i % {PER_VACANCY})")
    rows = f"{numbered} CROSS JOIN LATERAL ({one}) AS v CROSS JOIN LATERAL ({two}) AS p"
    yield "operations", filling(_table("operations", "steps"), own, rows=rows)
    own = {"subject": "'vacancy/' || i", "case_id": id_of("vacancy"), "owners": "'{school}'", "parties": _TOKENS}
    yield "operations", filling(_table("operations", "open_steps"), own, rows=vacancies)
    yield from _counted(year)


def _counted(year: Year) -> Iterator[Statement]:
    own = {"trainer_id": id_of("trainer", "i - 1"), "was_trainer_before": "i % 3 = 0"}
    own |= {
        "approved_minutes": "i % 9 * 1200",
        "first_started_on": "CASE WHEN i % 5 > 0 THEN CURRENT_DATE - i % 300 END",
    }
    yield "operations", filling(_table("operations", "trainers"), own, rows=year.trainers)
    of = owners(f"i * {PER_VACANCY}")
    own = {"assignment_id": id_of("assignment"), "trainer_id": of["trainer_id"], "started_on": "CURRENT_DATE - i % 300"}
    own |= {"ended_on": "CASE WHEN i % 3 = 0 THEN CURRENT_DATE END"}
    yield "operations", filling(_table("operations", "assignments"), own, rows=year.contracts)
    of = owners(f"(i % {year.contracts} + 1) * {PER_VACANCY}")
    own = {"hour_line_id": id_of("hours"), "trainer_id": of["trainer_id"], "contact_minutes": "120"}
    yield "operations", filling(_table("operations", "hours"), own, rows=year.hours)


def _since(rows: int) -> str:
    """SQL for the moment of a row of a table that grows: what came first is eight years old."""
    return f"now() - ({rows} - i) * (interval '3000 days' / {rows})"


def _plumbing(year: Year) -> Iterator[Statement]:
    own = {"consumer": "'operations'", "source": "'urn:nld:oin:00000001234567890000:systeem:hto-contracts'"}
    own |= {"event_id": id_of("event"), "handled_at": _since(year.events)}
    yield "operations", filling(_table("operations", "inbox"), own, rows=year.events)
    own = {"at": _since(year.hours), "about": "'contract/' || i"}
    yield "contracts", filling(_table("contracts", "audit"), own, rows=year.hours)
    own = {"id": id_of("look"), "start_time": _since(year.messages), "data_subject_id": f"{id_of('trainer')}::text"}
    yield "registry", filling(_table("registry", "processing_log"), own, rows=year.messages)
    yield (
        "log",
        f"""
        INSERT INTO eventlog.records ("offset", at, partition, compacted, key, headers, value)
        SELECT i / 6, {_since(year.events)}, p.first + i % 6, false, 'k' || i % 100000, '{{}}',
               convert_to(repeat('x', 200), 'UTF8')
        FROM generate_series(0, {year.events} - 1) AS i,
             (SELECT min(id) AS first FROM eventlog.partitions WHERE topic = '{HISTORY}') AS p
    """,
    )
