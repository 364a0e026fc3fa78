"""Whether a process is alive, whether it may be sent requests, and what it says of itself."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import select

from common.messaging.log import LogUnavailable
from common.persistence.transaction import uuid7
from common.web import Api, ApiContext, create_site, health, observation
from common.web.request_context import Check
from tests.support.http_sample import ACTIVITY, SCHOOL, TABLES, Hooks, Sample, sample, sample_service
from tests.support.postgres import throwaway


async def test_alive_is_all_that_healthz_says(notes: Sample) -> None:
    for path in ("/healthz", "http://localhost:8000/healthz"):
        response = await notes.client.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "alive"})


async def test_readiness_shows_each_check(notes: Sample) -> None:
    own = {"ready": True, "checks": {"database": "ok"}}
    assert (await notes.client.get("/readyz")).json() == own
    everything = await notes.client.get("http://localhost:8000/readyz")
    assert everything.json() == {"ready": True, "services": {"sample": own}}


async def _checks(notes: Sample, **checks: Check) -> tuple[int, dict[str, str], str]:
    context = ApiContext(
        database=notes.database, settings=notes.settings, verifier=notes.api.context.verifier, checks=checks
    )
    app = create_site([Api(sample_service(Hooks()), context)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client:
        response = await client.get("/readyz")
    return response.status_code, response.json()["services"]["sample"]["checks"], response.text


async def test_one_check_that_fails_makes_it_not_ready(notes: Sample) -> None:
    async def away() -> None:
        raise LogUnavailable("kafka.example:9092")

    async def fine() -> None:
        return

    status, checks, said = await _checks(notes, log=away, migrations=fine)
    assert status == 503
    assert (checks["log"], checks["migrations"]) == ("LogUnavailable", "ok")
    assert "kafka" not in said


async def test_a_check_that_does_not_answer_has_failed(notes: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.01)

    async def silent() -> None:
        await asyncio.Event().wait()

    status, checks, _ = await _checks(notes, policies=silent)
    assert (status, checks["policies"]) == (503, "TimeoutError")


async def test_without_its_database_it_is_alive_but_not_ready(tmp_path: Path) -> None:
    with throwaway() as server:
        async with sample(server.dsn, tmp_path) as notes:
            server.stop()
            assert (await notes.client.get("/healthz")).status_code == 200
            response = await notes.client.get("/readyz")
            assert (response.status_code, response.json()["ready"]) == (503, False)
            assert response.json()["checks"]["database"] != "ok"


async def test_the_moved_clock_is_shown_where_it_may_move(notes_database: str, tmp_path: Path) -> None:
    async with sample(notes_database, tmp_path, test_clock=True) as notes:
        notes.database.clock.offset = timedelta(days=15)
        assert (await notes.client.get("/readyz")).json()["clockOffsetSeconds"] == 15 * 24 * 3600


async def test_requests_are_counted_by_template_and_never_by_id(notes: Sample) -> None:
    note = (await notes.write()).json()["id"]
    await notes.client.get(f"/notes/{note}", headers=notes.headers())
    await notes.client.request("BREW", "/notes", headers=notes.headers())
    await notes.client.get("/nobody@example.nl")
    text = (await notes.client.get("http://localhost:8000/metrics")).text
    assert 'http_requests_total{method="GET",route="/notes/{note_id}",service="sample",status="200"}' in text
    assert 'http_request_duration_seconds_count{method="POST",route="/notes",service="sample"}' in text
    assert 'method="other",route="/notes"' in text
    assert 'http_requests_total{method="GET",route="unknown",service="sample",status="404"}' in text
    assert "nobody" not in text
    assert note not in text


async def test_a_request_is_a_span_of_the_callers_trace_without_its_path(
    notes: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(observation, "_tracer", provider.get_tracer("test"))
    note = (await notes.write()).json()["id"]
    spans.clear()
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    response = await notes.client.get(f"/notes/{note}", headers=notes.headers(traceparent=parent))
    (span,) = spans.get_finished_spans()
    assert response.status_code == 200
    assert (span.name, span.kind) == ("GET /notes/{note_id}", trace.SpanKind.SERVER)
    assert span.context
    assert f"{span.context.trace_id:032x}" == "a" * 32
    assert span.parent
    assert f"{span.parent.span_id:016x}" == "b" * 16
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/notes/{note_id}",
        "http.response.status_code": 200,
        "hto.service": "sample",
    }
    spans.clear()
    refused = await notes.client.get(f"/notes/{uuid7()}", headers=notes.headers(traceparent=parent))
    assert refused.json()["traceId"] == "a" * 32
    assert spans.get_finished_spans()[0].status.is_ok is True


async def test_a_trace_reaches_the_outbox(notes: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observation, "_tracer", TracerProvider().get_tracer("test"))
    headers = notes.headers(Idempotency_Key="k", traceparent=f"00-{'c' * 32}-{'d' * 16}-01")
    body = {"schoolId": str(SCHOOL), "title": "Lathe"}
    assert (await notes.client.post("/notes", json=body, headers=headers)).status_code == 201
    async with notes.database.begin(actor="test") as tx:
        sent = (await tx.execute(select(TABLES.tables["outbox"].c.headers))).scalar_one()
    assert sent["ce_traceparent"].startswith(f"00-{'c' * 32}-")


async def test_the_log_has_templates_and_clients_and_nothing_that_was_sent(notes: Sample) -> None:
    with structlog.testing.capture_logs() as lines:
        note = (await notes.write(title="Ada Lovelace")).json()["id"]
        await notes.client.get(f"/notes/{note}?secret=Ada", headers=notes.headers())
        await notes.client.get("/healthz")
    assert [(line["event"], line["method"], line["route"], line["status"]) for line in lines] == [
        ("http.answered", "POST", "/notes", 201),
        ("http.answered", "GET", "/notes/{note_id}", 400),
    ]
    assert {line["client"] for line in lines} == {"school-hr"}
    assert "Ada" not in str(lines)
    assert note not in str(lines)


async def test_every_read_of_a_person_is_recorded_before_the_answer_leaves(notes: Sample) -> None:
    note = (await notes.write()).json()["id"]
    for _ in range(2):
        await notes.client.get(f"/notes/{note}", headers=notes.headers())
    await notes.client.get(f"/notes/{uuid7()}", headers=notes.headers())
    async with notes.database.begin(actor="test") as tx:
        rows = (await tx.execute(select(TABLES.tables["processing_log"]))).mappings().all()
    assert len(rows) == 2
    assert {row["data_subject_id"] for row in rows} == {str(SCHOOL)}
    assert rows[0]["processing_activity_id"] == ACTIVITY
    assert rows[0]["foreign_operation_processor"] == "school-hr"
    assert rows[0]["resource"] == "hto-sample"


async def test_a_read_that_cannot_be_recorded_is_not_answered(notes: Sample) -> None:
    note = (await notes.write()).json()["id"]
    async with notes.database.begin(actor="test") as tx:
        await tx.execute(select(1))
        await tx.connection.exec_driver_sql("ALTER TABLE processing_log ADD CONSTRAINT never CHECK (status = 'never')")
    response = await notes.client.get(f"/notes/{note}", headers=notes.headers())
    async with notes.database.begin(actor="test") as tx:
        await tx.connection.exec_driver_sql("ALTER TABLE processing_log DROP CONSTRAINT never")
    assert response.status_code == 500
    assert "title" not in response.json() or response.json()["title"] == "Internal server error"


async def test_three_hundred_that_ask_at_once_get_one_probe_and_its_answer(notes: Sample) -> None:
    """Seen red: each probed by itself, they filled the service's own pool, and 299 of 300 were told that it is away."""
    probes = 0

    async def counted() -> None:
        nonlocal probes
        probes += 1

    context = ApiContext(
        database=notes.database, settings=notes.settings, verifier=notes.api.context.verifier, checks={"x": counted}
    )
    site = create_site([Api(sample_service(Hooks()), context)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site), base_url="http://localhost") as client:
        answers = await asyncio.gather(*(client.get("/readyz") for _ in range(300)))
        assert ({answer.status_code for answer in answers}, probes) == ({200}, 1)
        context.probe.began = float("-inf")
        await client.get("/readyz")
    assert probes == 2


async def test_a_full_pool_is_a_busy_service_and_not_one_that_is_away(notes: Sample) -> None:
    """Seen red with a probe that takes its connection from the pool."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(notes.database.engine.pool.size()):  # type: ignore[attr-defined]
            await stack.enter_async_context(notes.database.begin(actor="holds one"))
        assert (await notes.client.get("/readyz")).json()["ready"]


async def test_a_worker_without_an_api_reports_its_true_health(notes: Sample) -> None:
    """Seen red: ``{"ready": true, "services": {}}`` with the database and the log away."""

    async def away() -> None:
        raise LogUnavailable

    context = ApiContext(
        database=notes.database, settings=notes.settings, verifier=notes.api.context.verifier, checks={"log": away}
    )
    site = create_site([], workers={"matching": context})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site), base_url="http://localhost") as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["services"]["matching"]["checks"] == {"database": "ok", "log": "LogUnavailable"}
