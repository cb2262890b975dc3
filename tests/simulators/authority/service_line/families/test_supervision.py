"""8601 to 8603: the register, and orders that count on the next message."""

import pytest

from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of


@pytest.mark.req("S1-04", "S1-48")
async def test_a_supervisor_sees_every_withdrawal_and_stops_a_terminal_on_its_next_message(
    line: Line, kiosk: Kiosk, far_kiosk: Kiosk
) -> None:
    supervisor = await line.staff("supervisor1", StaffRole.SUPERVISOR)
    far_kiosk.confirm(far_kiosk.cash(50_000), 50_000)

    listed = (await supervisor.ask("8601", {"terminal": far_kiosk.id, "cross_city": True}))["output"]["withdrawals"]
    drawn = [each for each in listed if each["paid_fen"]]
    assert [(each["paid_fen"], each["place"], each["code"]) for each in drawn] == [(50_000, "440300", "00")]
    assert not any(secret in str(listed) for secret in (JIA.name, JIA.id_number, JIA.pan))

    asked = {"target": "terminal", "id": kiosk.id, "measure": "suspension", "reason": "检查"}
    made = (await supervisor.ask("8602", asked))["output"]
    assert kiosk.cash(10_000).code == "58"
    assert (await supervisor.ask("8603", made))["infcode"] == 0
    assert kiosk.cash(10_000).code == "00"
    assert (await supervisor.ask("8603", {"order": 99}))["infcode"] == -1


async def test_nobody_else_sees_the_register(line: Line) -> None:
    reviewer = await line.staff("reviewer1", StaffRole.REVIEWER)

    assert keys_of(await reviewer.ask("8601")) == ["not_permitted"]
