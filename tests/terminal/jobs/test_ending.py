"""How a visit ends: paper, and a kiosk that remembers nobody."""

from pathlib import Path

import pytest

from drivers.interfaces import (
    Refused,
)
from terminal.view import Screen, Words
from tests.terminal.fakes import (
    BROKEN,
    FakeKiosk,
)


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path)


@pytest.mark.req("S2-67")
async def test_a_printer_out_of_order_is_told_before_and_the_withdrawal_stands(kiosk: FakeKiosk) -> None:
    kiosk.printer.script["status"] = [BROKEN]
    kiosk.printer.script["print_form"] = [Refused(BROKEN)]

    await kiosk.visit()

    idle = next(view for view in kiosk.views if view.screen is Screen.IDLE)
    confirm = next(view for view in kiosk.views if view.screen is Screen.CONFIRM)
    goodbye = next(view for view in kiosk.views if view.screen is Screen.FINISHED)
    assert Words("idle.no_receipt") in idle.lines
    assert Words("confirm.no_receipt") in confirm.lines
    assert Words("finished.no_receipt", {"reference": "000000000002"}) in goodbye.lines
    assert kiosk.ending == "paid"


@pytest.mark.req("S1-68")
async def test_nothing_of_a_person_is_left_when_the_kiosk_waits_for_the_next_or_has_closed(tmp_path: Path) -> None:
    served, closed = FakeKiosk(tmp_path, "served.db"), FakeKiosk(tmp_path, "closed.db")
    closed.reader.script["media_removed"] = [BROKEN]

    await served.visit()
    await closed.visit()

    for kiosk in (served, closed):
        visit = kiosk.session._customer.visit
        assert (visit.card, visit.withdrawal, visit.id, visit.reasons) == (None, None, "", ())
