"""The operator's slip: where it may, printed when something waits, every day and at every start, never twice."""

import asyncio
from pathlib import Path

import pytest

from drivers.interfaces import Refused, UnitCounts, Unknown
from protocol.money_line import Confirm
from simulators.world.people import person
from terminal import suspense
from terminal.journal import Entry
from terminal.operator_slip import print_slip_when_due, slip, waiting
from terminal.receipts import width
from terminal.suspense import open_items
from tests.terminal import fakes
from tests.terminal.fakes import BROKEN, FakeKiosk

DAY = 86_400


async def suspended(folder: Path) -> FakeKiosk:
    kiosk = FakeKiosk(folder, unattended_slips=True)
    kiosk.dispenser.script["dispense"] = [Unknown("no answer")]
    await kiosk.visit()
    return kiosk


def slips(kiosk: FakeKiosk) -> list[str]:
    return [paper for paper in kiosk.printer.printed if "管理员凭条" in paper]


async def test_the_slip_tells_what_waits_and_what_the_kiosk_believes(tmp_path: Path) -> None:
    kiosk = await suspended(tmp_path)

    (paper,) = slips(kiosk)

    for told in ("visit-000001", "500.00", "unit1: 5", "unit2  100 x 50  accurateSet", "33100001"):
        assert told in paper
    assert person("jia").pan not in paper
    assert [record.data["items"] for record in kiosk.records(Entry.OPERATOR_SLIP_PRINTED)] == [["visit-000001"]]


async def test_a_kiosk_where_nothing_waits_prints_none(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path, unattended_slips=True)
    await kiosk.visit()
    assert slips(kiosk) == []


@pytest.mark.req("S1-81")
async def test_the_slip_comes_once_a_day_and_at_every_start_until_the_item_is_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes, "LIMITS", fakes.LIMITS.model_copy(update={"retry": 20_000.0, "retry_longest": 20_000.0}))
    kiosk = await suspended(tmp_path)
    kiosk.run()
    await asyncio.sleep(2.5 * DAY)
    await kiosk.stop()
    assert len(slips(kiosk)) == 3

    kiosk = kiosk.restarted()
    await kiosk.visit(first=False)
    assert len(slips(kiosk)) == 1

    (item,) = open_items(kiosk.records())
    suspense.resolve(kiosk.journal, item, {"unit1": UnitCounts(5)}, kiosk.cash, ("li", "wang"))
    kiosk = kiosk.restarted()
    await kiosk.visit(first=False)
    assert slips(kiosk) == []


async def test_paper_that_did_not_come_is_tried_again_and_paper_that_may_have_come_is_not(tmp_path: Path) -> None:
    kiosk = await suspended(tmp_path)
    for answer, again in ((Refused(BROKEN), True), (BROKEN, True), (Unknown("no answer"), False)):
        kiosk.equipment.slip = None
        kiosk.printer.script["print_form"] = [answer]
        await print_slip_when_due(kiosk.equipment)
        asked = len(kiosk.called("print_form"))
        await print_slip_when_due(kiosk.equipment)
        assert (len(kiosk.called("print_form")) > asked) is again


async def test_a_message_that_the_host_refuses_is_on_the_slip(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path, unattended_slips=True)
    kiosk.host.codes[Confirm] = ["64"] * 50
    await kiosk.visit()

    (paper,) = slips(kiosk)

    assert "visit-000001" in paper
    assert "64" in paper


@pytest.mark.req("S1-90")
@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("columns", [24, 32, 42])
async def test_every_line_fits_the_paper(tmp_path: Path, language: str, columns: int) -> None:
    kiosk = await suspended(tmp_path)
    found = waiting(kiosk.equipment)

    items = slip(found, kiosk.cash.retracted(3, 5), "33100001", kiosk.world.now(), columns, language)

    assert items
    assert all(width(getattr(item, "text", "")) <= columns for item in items)
