"""Checks of the journey beside its events: reasons, blindness, documents, mails, webhooks, the case, the figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from demo.stage import Failed, Held, Outcome, Stage, check

MESSAGES: Final = "/notifications/v1/messages"
_ALL: Final = ("proposal-asked", "proposal-accepted", "contract-offered", "contract-signed", "contract-activated")
LETTERS: Final = {
    "trainer": ("application-received", "qualification-verified", "available", *_ALL, "hours-approved"),
    "school": ("vacancy-posted", *_ALL, "vacancy-filled", "hours-submitted"),
    "company": _ALL,
}
"""The letters that each party must have got; a question that was answered before it went out is obsolete instead."""
EIGHT_HOURS: Final = {
    "overrides": [{"code": "qualification.ground.guest", "value": {"maxMinutesPerSchoolYear": 40 * 8 * 60}}],
    "simulate": True,
}
"""A scenario: guests teach eight hours a week in the mean of forty weeks, where it is six now."""


async def ranking_is_explained(on: Stage) -> Outcome:
    """The desk sees a verdict with reasons for every candidate; the school only who fits, in bands."""
    path = f"/matching/v1/vacancies/{on.cast.vacancy}/ranking"
    candidates = [one async for one in on.desk.all(path, limit=500)]
    rejected = [one for one in candidates if one["standing"] == "rejected"]
    check(len(candidates) > len(rejected), "nobody fits")
    check(all(one["explanation"]["reasons"] for one in candidates), "somebody was ranked without a reason")
    shown = [one async for one in on.school.all(path, limit=500)]
    check(all(one["explanation"] is None for one in shown), "the school can read why somebody fits, to the kilometre")
    ids = {one["candidateId"] for one in candidates}
    check(not ids & {one["candidateId"] for one in shown}, "school and desk can compare their candidates")
    proposal = await on.school.get(f"/matching/v1/proposals/{on.found.proposal}")
    again = await on.school.post(f"/matching/v1/rankings/{proposal['rankingId']}/_repeat")
    check(again["identical"], "the ranking, made again from what was kept, is another one")
    fit = len(candidates) - len(rejected)
    return Held(f"{fit} fit, {len(rejected)} do not, each with reasons; made again it is the same to the byte")


async def proposal_is_blind(on: Stage) -> Outcome:
    """No answer to school or company has anything personal in it."""
    for party in ("school", "company"):
        shown = json.dumps(await on.party(party).get(f"/matching/v1/proposals/{on.found.proposal}"))
        leaked = [text for text in on.cast.personal if text in shown]
        check(not leaked, f"the {party} can read who is proposed")
    return Held("a profile without a name")


async def contract_is_readable(on: Stage) -> Outcome:
    """The document names the parties, has a hash, and exists in both languages."""
    contracts = [one async for one in on.school.all("/contracts/v1/contracts", vacancyId=on.cast.vacancy)]
    check(len(contracts) == 1, f"there are {len(contracts)} contracts")
    contract = on.found.contract = await on.school.get(f"/contracts/v1/contracts/{contracts[0]['id']}")
    for language in ("nl", "en"):
        document = await on.trainer.get(f"/contracts/v1/contracts/{contract['id']}/document", lang=language)
        check(on.cast.personal[0] in json.dumps(document, ensure_ascii=False), f"no name in the document ({language})")
    signing, costs = contract["signing"], contract["decision"]["costs"]
    return Held(f"version {signing['documentVersion']}, {signing['documentHash'][:12]}…, costs of {len(costs)} forms")


async def assignment_is_found(on: Stage) -> Outcome:
    """The trainer sees the assignment."""
    found = [one async for one in on.trainer.all("/contracts/v1/assignments")]
    check(len(found) == 1, f"there are {len(found)} assignments")
    on.found.assignment = found[0]["id"]
    return Held(f"since {found[0]['startedOn']}", case=str(on.cast.vacancy), event="assignment.started")


async def mails_were_sent(on: Stage) -> Outcome:
    """Each party has been sent every letter that concerns it, once; nothing is still to go out."""
    found: dict[str, list[Any]] = {}

    async def all_ended() -> bool:
        for party in LETTERS:
            found[party] = [one async for one in on.party(party).all(MESSAGES, limit=500)]
        return not any(_open_letters(party, mails) for party, mails in found.items())

    await on.quiet()  # a letter that is not planned yet is one that nothing else can tell is still to come
    try:
        await on.until("every letter has gone out", all_ended)
    except Failed as failed:
        left = [f"{party}: {', '.join(_open_letters(party, mails))}" for party, mails in found.items()]
        raise Failed(f"{failed}; {'; '.join(one for one in left if not one.endswith(': '))}") from None
    for party, mails in found.items():
        check(all(one["status"] != "bounced" for one in mails), f"a letter to the {party} bounced")
        owed = Counter((one["recipientId"], one["becauseOf"], one["template"]) for one in mails)
        check(max(owed.values()) == 1, f"the {party} got a letter twice")
    sent = {party: sum(one["status"] == "sent" for one in mails) for party, mails in found.items()}
    return Held(", ".join(f"{count} to the {party}" for party, count in sent.items()))


def _open_letters(party: str, mails: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the letters that are planned but not gone, and those that a party must have been sent and was not."""
    ended = {one["template"] for one in mails if one["status"] in {"sent", "obsolete"}}
    planned = [f"{one['template']} is planned" for one in mails if one["status"] == "planned"]
    known = {one["template"] for one in mails}
    return [*planned, *(f"{name} never came" for name in LETTERS[party] if name not in ended | known)]


async def webhooks_came(on: Stage) -> Outcome:
    """All that the school may know of its case was delivered: genuine, in order per subject, and without a name."""
    case, secret = str(on.cast.vacancy), on.found.endpoint["secret"]
    await on.quiet()
    feed = [one["event"] async for one in on.partner.all("/notifications/v1/events", limit=500)]
    owed = {event["id"] for event in feed if event.get("correlationid") == case}
    check(owed, "the pull feed shows nothing of the case")

    async def all_came() -> Any:
        came = on.receiver.genuine(secret)
        return came if owed <= {one.id for one in came} else None

    try:
        came = await on.until(f"{len(owed)} webhooks come", all_came)
    except Failed as failed:
        came = {one.id for one in on.receiver.genuine(secret)}
        missing = sorted({event["type"] for event in feed if event["id"] in owed - came})
        deliveries = [one async for one in on.partner.all("/notifications/v1/deliveries", limit=500)]
        states = Counter((one["status"], one["answer"], one["reason"]) for one in deliveries)
        raise Failed(f"{failed}: {', '.join(missing)}; deliveries by status: {dict(states)}") from None
    forged = len({one.id for one in on.receiver.deliveries}) - len(came)
    check(not forged, f"{forged} webhooks were not signed rightly")
    # Two services count what they say of one subject, each for itself.
    sequences: dict[tuple[str, str], list[int]] = {}
    for delivery in came:
        event = delivery.event
        check(delivery.id == event["id"], "a webhook has another id than its event")
        check(not any(text.encode() in delivery.body for text in on.cast.personal), "a webhook names the trainer")
        if "sequence" in event:
            sequences.setdefault((event["source"], event["subject"]), []).append(int(event["sequence"]))
    check(all(each == sorted(each) for each in sequences.values()), "webhooks of one subject came out of order")
    return Held(f"{len(came)} webhooks about {len(sequences)} subjects, each signature checked")


async def case_is_complete(on: Stage) -> Outcome:
    """The case has what the journey saw, in that order; nothing is parked."""
    case = str(on.cast.vacancy)
    shown = await on.steps(case)
    ids = [step["eventId"] for step in shown]
    expected = [step["eventId"] for step in on.seen if step["eventId"] in set(ids)]
    check(sorted(expected, key=ids.index) == expected, "operations shows the steps in another order")
    services = {step["service"] for step in shown}
    check({"registry", "matching", "contracts"} <= services, f"only {services} are in the case")
    parked = [one async for one in on.operator.all("/operations/v1/parked-events", state="parked")]
    mine = [one for one in parked if one["caseId"] in {case, str(on.cast.trainer)}]
    check(not mine, f"events of the case are parked: {[one['eventType'] for one in mine]}")
    found: dict[str, Any] = await on.operator.get(f"/operations/v1/cases/{case}")
    check(found["nextStep"], "the case has no next step")
    return Held(f"{len(shown)} steps of {len(services)} services; next: {found['nextStep']['textEn'].lower()}")


async def figures_count(on: Stage) -> Outcome:
    """K1, K2 and K3 are shown, and a journey of one person cannot be read from them."""
    before = on.found.figures_before

    async def shown() -> Any:
        now = await on.programme.get("/operations/v1/figures/programme")
        return now if on.cast.region in now["byRegion"] else None

    now = await on.until("the figures know the region", shown)
    step = now["extraTrainers"] - before["extraTrainers"]
    check(step != 1, "the figures point at one person")
    return Held(
        f"K1 {now['extraTrainers']} extra trainers of {now['target']}, K2 {now['activeTrainers']} active, "
        f"K3 {now['approvedHours']} hours; rounded, so that nobody is found in them"
    )


async def plan_is_there(on: Stage) -> Outcome:
    """A plan was computed, and no other could be worth more than its bound."""
    result = (await _computed(on, "plans", on.found.plan))["result"]
    check(result["value"] <= result["bound"], "the plan is worth more than it could be")
    better = result["gapPerMillion"] / 10_000
    return Held(
        f"{result['chosen']} of {result['openings']} vacancies planned, {result['people']} of {result['available']} "
        f"trainers fit one; proven: no plan is more than {better:.2f} % better"
    )


async def scenario_is_there(on: Stage) -> Outcome:
    """Both plans and both simulations were computed; of a handful of people no number is shown."""
    found = await _computed(on, "scenarios", on.found.scenario)
    now, then = found["result"]["now"], found["result"]["points"][0]["plan"]
    check(now["simulated"] and then["simulated"], "no year was simulated")
    matches = [_number(each["total"]["matches"]) for each in (now, then)]
    filled = [_number(each["simulated"]["measured"]["filled"]["mean"]) for each in (now, then)]
    return Held(
        f"matches {' → '.join(matches)}; places filled in {then['simulated']['runs']} simulated years "
        f"{' → '.join(filled)}; small numbers are not shown"
    )


async def _computed(on: Stage, kind: str, id_: str) -> dict[str, Any]:
    async def ended() -> dict[str, Any] | None:
        shown: dict[str, Any] = await on.programme.get(f"/matching/v1/{kind}/{id_}")
        return None if shown["status"] in {"requested", "running"} else shown

    found: dict[str, Any] = await on.until(f"{kind} {id_} is computed", ended)
    check(found["status"] == "computed", f"it {found['status']}: {found['reason']}")
    return found


def _number(shown: int | None) -> str:
    return "few" if shown is None else str(shown)
