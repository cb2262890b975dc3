"""8311 to 8314: what ends an insurance, and the heir's claim, over the line."""

import pytest

from simulators.authority.applications.bank import open_account
from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, SHENZHEN, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of

DEATH = {"certno": JIA.id_number, "name": JIA.name, "event": "deceased", "happened_on": "2026-05-19"}
ACCOUNT = "6228800000000009999"
HEIR = "11010519491231002X"
CLAIM = {
    "deceased_certno": JIA.id_number, "heir_certno": HEIR, "heir_name": "测试承",
    "document_read": True, "account": ACCOUNT,
}  # fmt: skip


@pytest.mark.req("S1-14")
async def test_after_a_death_the_rest_goes_to_the_heir_by_two_reviewers_of_the_home_region(
    line: Line, kiosk: Kiosk
) -> None:
    teller = await line.staff("t1", StaffRole.TELLER)
    first, second = [await line.staff(name, StaffRole.REVIEWER) for name in ("r1", "r2")]
    away = await line.staff("r3", StaffRole.REVIEWER, SHENZHEN)
    with line.rooms.database.transaction() as connection:
        open_account(connection, line.rooms.hsm, ACCOUNT, "测试承", HEIR)

    assert keys_of(await teller.ask("8312", CLAIM)) == ["inheritance.not_deceased"]
    assert keys_of(await away.ask("8311", DEATH)) == ["actor.only_home_region"]
    assert (await teller.ask("8311", DEATH))["output"] == {"account": "deceased", "later_draws": 0}
    assert kiosk.cash(10_000).code == "57"

    claim = {"claim": (await teller.ask("8312", CLAIM))["output"]["claim"]}
    (waiting,) = (await first.ask("8314"))["output"]["claims"]
    assert (waiting["claim"], waiting["state"], waiting["balance_fen"]) == (claim["claim"], "filed", 1_000_000)
    assert (await away.ask("8314"))["output"]["claims"] == []
    assert keys_of(await teller.ask("8313", claim)) == ["not_permitted"]
    assert keys_of(await away.ask("8313", claim)) == ["actor.only_home_region"]
    once = await first.ask("8313", claim)
    assert once["output"]["state"] == "approved_once"
    assert await line.send("8313", first.last) == once
    assert keys_of(await first.ask("8313", claim)) == ["inheritance.same_reviewer"]
    assert (await second.ask("8313", claim))["output"] == {**claim, "state": "paid", "paid_fen": 1_000_000}
    assert (await first.ask("8314"))["output"]["claims"] == []


@pytest.mark.req("S1-14")
async def test_who_was_taken_for_dead_is_paid_and_no_heir(line: Line, kiosk: Kiosk) -> None:
    teller = await line.staff("t1", StaffRole.TELLER)
    first, second = [await line.staff(name, StaffRole.REVIEWER) for name in ("r1", "r2")]
    with line.rooms.database.transaction() as connection:
        open_account(connection, line.rooms.hsm, ACCOUNT, "测试承", HEIR)
    await teller.ask("8311", DEATH)
    claim = {"claim": (await teller.ask("8312", CLAIM))["output"]["claim"]}
    await first.ask("8313", claim)

    corrected = await second.ask("8322", {"psn_no": "1", "state": "active", "reason": "同名误登"})
    assert corrected["output"] == {"before": "deceased", "account": "active"}
    assert keys_of(await second.ask("8313", claim)) == ["inheritance.not_deceased"]
    assert kiosk.cash(10_000).code == "00"


@pytest.mark.req("S1-14")
async def test_a_move_needs_another_region_and_a_past_day(line: Line, kiosk: Kiosk) -> None:
    teller = await line.staff("t1", StaffRole.TELLER)
    moved = {**DEATH, "event": "moved_out", "moved_to": "371002", "happened_on": "2026-05-21"}

    assert keys_of(await teller.ask("8311", moved)) == ["event.in_the_future", "event.same_region"]
    assert (await teller.ask("8311", {**moved, "moved_to": SHENZHEN, "happened_on": "2026-05-20"}))["infcode"] == 0
    assert kiosk.cash(10_000).code == "57"
