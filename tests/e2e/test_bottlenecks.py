"""A bottleneck is reported, is somebody's next step until it is answered, and its reporter gets both letters."""

from __future__ import annotations

from typing import Final

from common.caller import CallerRole
from demo.stage import Stage, expected
from tests.e2e.own_routes import OwnRoutes
from tests.e2e.system import System, at_the_beginning, see


async def report(on: Stage) -> str:
    """The company reports a bottleneck; its id."""
    words = {"policyCode": "vat.V5", "item": "K2.2", "summary": "Door de btw is uitlenen te duur."}
    company = {"organisationId": str(on.cast.company)}
    return str((await on.company.post("/registry/v1/bottleneck-reports", {**words, **company}))["id"])


ROUTES: Final = OwnRoutes(
    service="registry",
    under="/bottleneck",
    for_everybody=frozenset({CallerRole.PROGRAMME}),
    not_of_a_school={"report_id": report},
)


async def test_a_reported_bottleneck_is_the_programmes_next_step_until_its_reporter_has_an_answer(
    everything: System,
) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    report_id = await report(on)
    reported = await on.company.get(f"/registry/v1/bottleneck-reports/{report_id}")
    await see(on, expected(report_id, "bottleneck.reported", ministry="FIN"))
    case = f"/operations/v1/cases/{report_id}"
    shown = await on.programme.get(case)
    assert shown["kind"] == "bottleneck"
    of_its_kind = on.programme.all("/operations/v1/cases", kind="bottleneck")
    assert report_id in [one["id"] async for one in of_its_kind]
    step = shown["nextStep"]
    assert (step["what"], step["owners"]) == ("answer_bottleneck", ["programme"])
    assert step["dueAt"][:10] >= reported["answerBefore"]
    answer = {"outcome": "explained", "answer": "Het mag al: zie de uitleg bij de regel."}
    await on.programme.post(f"/registry/v1/bottleneck-reports/{report_id}/_answer", answer)
    await see(on, expected(report_id, "bottleneck.answered", outcome="explained"))
    assert (await on.company.get(case))["nextStep"] is None

    async def has_both_letters() -> bool:
        letters = on.programme.all("/notifications/v1/messages", recipientId=str(on.cast.company), status="sent")
        sent = {letter["template"] async for letter in letters if letter["template"].startswith("bottleneck")}
        return sent == {"bottleneck-reported", "bottleneck-answered"}

    await on.until("the company has both letters", has_both_letters)
