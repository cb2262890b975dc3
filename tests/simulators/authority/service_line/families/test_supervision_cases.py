"""8611 to 8615: cases over the line."""

from typing import Any

import pytest

from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, SHENZHEN, Kiosk
from tests.simulators.authority.service_line.line import Caller, Line, keys_of

PROMOTION = {"region": "371000", "statement": "药店收购医保卡套现", "promotion": True, "contact": "13800005678"}


async def reported(line: Line) -> tuple[Caller, int]:
    stranger = line.anybody()
    answer = await stranger.ask("8614", PROMOTION)
    assert await line.send("8614", stranger.last) == answer
    return await line.staff("s1", StaffRole.SUPERVISOR), answer["output"]["case"]


@pytest.mark.req("S2-05", "S2-32")
async def test_an_offer_of_cash_for_cards_is_reported_by_anybody_and_has_an_owner_a_deadline_and_an_outcome(
    line: Line,
) -> None:
    first, case = await reported(line)
    second, away = await line.staff("s2", StaffRole.SUPERVISOR), await line.staff("s3", StaffRole.SUPERVISOR, SHENZHEN)
    auditor = await line.staff("a1", StaffRole.AUDITOR)

    (listed,) = (await first.ask("8611"))["output"]["cases"]
    assert (listed["kind"], listed["owner"], listed["due"][:10]) == ("promotion", "supervisors of 371000", "2026-05-27")
    assert (await away.ask("8611"))["output"]["cases"] == []
    assert keys_of(await away.ask("8612", {"case": case})) == ["number_unknown"]
    assert keys_of(await away.ask("8613", {"case": case, "action": "TAKE"})) == ["supervision.only_in_the_own_region"]
    told = (await first.ask("8612", {"case": case, "statement": True}))["output"]
    assert (told["statement"], [each["event"] for each in told["events"]]) == (PROMOTION["statement"], ["opened"])
    assert keys_of(await auditor.ask("8612", {"case": case, "statement": True})) == ["supervision.only_supervisors"]

    async def acted(caller: Caller, action: str, **more: Any) -> Any:
        answer = await caller.ask("8613", {"case": case, "action": action, **more})
        return answer["output"]["case"]["owner"] if answer["infcode"] == 0 else keys_of(answer)

    assert await acted(first, "TAKE") == "s1"
    assert await acted(first, "ASSIGN", to="s3") == ["supervision.case.nobody_to_assign_to"]
    assert await acted(first, "ASSIGN", to="s2") == "s2"
    assert await acted(first, "CLOSE", text="x") == ["supervision.case.not_the_owner"]
    assert await acted(second, "ESCALATE") == ["supervision.reason.missing"]
    assert await acted(second, "ESCALATE", text="牵涉多家机构") == "head of 371000"
    assert await acted(second, "ESCALATE", text="再次") == ["supervision.case.escalated"]
    assert await acted(first, "TAKE") == "s1"
    assert await acted(first, "NOTE", text="已走访") == "s1"
    assert await acted(first, "CLOSE", text="移送公安") == "s1"
    assert (await first.ask("8611", {"still_open": False, "mine": True}))["output"]["cases"][0]["outcome"] == "移送公安"
    for infno, body in (("8613", {"case": case, "action": "TAKE"}), ("8602", {})):
        assert (await auditor.ask(infno, body))["infcode"] in (-1, -2)


@pytest.mark.req("S2-38")
async def test_a_violation_is_dealt_with_step_by_step_and_penalised_by_another(line: Line, kiosk: Kiosk) -> None:
    first, second = [await line.staff(name, StaffRole.SUPERVISOR) for name in ("s1", "s2")]
    (drawn,) = [each for each in [kiosk.cash(10_000)] if each.code == "00"]
    assert drawn.reference is not None
    person = (await first.ask("8601"))["output"]["withdrawals"][0]["psn_no"]

    opened = (await first.ask("8615", {"step": "open", "psn_no": person, "text": "出借社保卡"}))["output"]
    case = {"case": opened["case"], "text": "出借社保卡"}
    assert keys_of(await first.ask("8615", {**case, "step": "penalty"})) == ["supervision.violation.not_the_next_step"]
    frozen = (await first.ask("8615", {**case, "step": "freeze"}))["output"]
    assert kiosk.cash(10_000).code == "62"
    (order,) = (await second.ask("8604", {"target": "person"}))["output"]["orders"]
    assert (order["order"], order["measure"], order["id"]) == (frozen["order"], "legal_hold", person)
    assert (await first.ask("8615", {**case, "step": "notice"}))["infcode"] == 0
    assert (await first.ask("8615", {**case, "step": "recovery", "fen": 10_000}))["infcode"] == 0
    fine = {**case, "step": "penalty", "fen": 20_000}
    assert keys_of(await first.ask("8615", fine)) == ["supervision.violation.penalty_by_another"]
    assert (await second.ask("8615", fine))["infcode"] == 0
    assert (await first.ask("8615", {**case, "step": "report"}))["infcode"] == 0
    assert JIA.name not in str((await first.ask("8612", {"case": opened["case"]}))["output"])
