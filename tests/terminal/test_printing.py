"""Which visit gets which paper."""

from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import Refused, Unknown
from protocol.money_line import CashRequest
from terminal.journal import Entry
from terminal.printing import KINDS, print_receipt
from terminal.receipts import ReceiptKind
from terminal.view import Cancel, Screen
from terminal.visit import Ending, Visit
from tests.terminal.fakes import BROKEN, FakeKiosk


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path)


async def test_a_receipt_tells_amounts_reference_and_check_code_and_hides_the_card_number(kiosk: FakeKiosk) -> None:
    await kiosk.visit()

    (receipt,) = kiosk.printer.printed
    for told in ("500.00", "000000000002", "621700*********0012", "2,700.00"):
        assert told in receipt
    check_codes = [call for call in kiosk.called("generate_authentication") if call.journal > 20]
    assert len(check_codes) == 1


async def test_a_visit_in_which_nothing_happened_gets_no_paper(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.AMOUNT] = Cancel()

    await kiosk.visit()

    assert kiosk.printer.printed == []
    assert [kind for kind in kiosk.kinds() if kind.startswith("receipt")] == []


async def test_a_request_without_an_answer_is_told_on_paper(kiosk: FakeKiosk) -> None:
    kiosk.host.silent_on[CashRequest] = 1

    await kiosk.visit()

    assert len(kiosk.printer.printed) == 1
    assert "500.00" in kiosk.printer.printed[0]


@pytest.mark.parametrize("outcome", [Refused(BROKEN), Unknown("no answer")])
async def test_paper_that_did_not_come_is_on_record_and_not_tried_again(kiosk: FakeKiosk, outcome: Any) -> None:
    kiosk.printer.script["print_form"] = [outcome]

    await kiosk.visit()

    assert len(kiosk.called("print_form")) == 1
    assert Entry.RECEIPT_FAILED in kiosk.kinds()
    assert Entry.RECEIPT_PRINTED not in kiosk.kinds()
    assert kiosk.ending == "paid"


async def test_a_pad_that_makes_no_check_code_does_not_keep_the_receipt_back(kiosk: FakeKiosk) -> None:
    macs = len(FakeKiosk(kiosk.folder, "count.db").calls)
    whole = FakeKiosk(kiosk.folder, "whole.db")
    await whole.visit()
    numbers = [at for at, call in enumerate([c for c in whole.calls if c.device == "pad"], 1) if call.journal > 20]
    kiosk.pad.break_call = (numbers[0], BROKEN)

    await kiosk.visit()

    assert macs == 0
    assert len(kiosk.printer.printed) == 1


async def test_nothing_is_printed_for_nobody(kiosk: FakeKiosk) -> None:
    assert not await print_receipt(kiosk.equipment, Visit(ending=Ending.PAID), "en")
    assert kiosk.calls == []


def test_every_end_with_money_in_it_has_its_receipt() -> None:
    assert KINDS[Ending.PARTLY_PAID] is ReceiptKind.PARTLY_PAID
    assert KINDS[Ending.SUSPENSE] is ReceiptKind.SUSPENSE
    assert KINDS[Ending.NOT_PAID] is KINDS[Ending.NO_ANSWER] is ReceiptKind.NOT_PAID
