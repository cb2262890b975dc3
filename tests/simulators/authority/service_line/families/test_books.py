"""8641 to 8643: exceptions of the books are settled by two people."""

from dataclasses import replace

import pytest

from simulators.authority.ledger.exceptions import collect_exceptions
from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import SHENZHEN, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of


@pytest.mark.req("S1-05")
async def test_one_supervisor_takes_an_exception_and_another_closes_it(line: Line, kiosk: Kiosk) -> None:
    kiosk.confirm(replace(kiosk.cash(20_000), stan=999), 10_000)
    with line.rooms.database.transaction() as connection:
        assert collect_exceptions(connection, line.at) == 1
    first, second = [await line.staff(name, StaffRole.SUPERVISOR) for name in ("s1", "s2")]
    away = await line.staff("s3", StaffRole.SUPERVISOR, SHENZHEN)
    auditor = await line.staff("a1", StaffRole.AUDITOR)

    (found,) = (await auditor.ask("8641"))["output"]["exceptions"]
    assert (found["kind"], found["payer"], found["amount_fen"], found["owner"], found["by_itself"]) == (
        "suspense", kiosk.id, 10_000, "supervision", False,
    )  # fmt: skip
    assert (await away.ask("8641"))["output"]["exceptions"] == []
    taken = {"exception": found["exception"]}
    closing = {**taken, "ending": "清点时在废钞箱找到"}
    assert keys_of(await away.ask("8642", taken)) == ["number_unknown"]
    assert keys_of(await auditor.ask("8642", taken)) == ["not_permitted"]
    assert keys_of(await second.ask("8643", closing)) == ["supervision.exception.not_taken"]
    assert (await first.ask("8642", taken))["output"]["owner"] == "s1"
    assert keys_of(await first.ask("8643", {**closing, "ending": " "})) == [
        "supervision.exception.closed_by_another", "supervision.exception.ending_missing",
    ]  # fmt: skip
    closed = await second.ask("8643", closing)
    assert (closed["output"]["state"], closed["output"]["ending"]) == ("closed", closing["ending"])
    assert await line.send("8643", second.last) == closed
    assert keys_of(await second.ask("8643", closing)) == ["supervision.exception.not_open"]

    assert (await auditor.ask("8641"))["output"]["exceptions"] == []
    assert (await auditor.ask("8641", {"open_only": False}))["output"]["exceptions"][0]["state"] == "closed"
