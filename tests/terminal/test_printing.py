"""Which visit gets which paper."""

from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import DeviceState, Done, PaperSupply, PrinterStatus, Refused, Unknown
from protocol.money_line import CashRequest, Confirm, QuoteRequest
from terminal import views
from terminal.effects import MOST_COPIES
from terminal.journal import Entry
from terminal.printing import KINDS, print_receipt
from terminal.receipts import ReceiptKind
from terminal.states import State
from terminal.texts import code_words, render
from terminal.view import Cancel, Choose, Screen, Words
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


@pytest.mark.req("S1-75", "S2-67")
@pytest.mark.parametrize(
    ("request_", "code", "found_by"),
    [
        (CashRequest, "59", "参考号:000000000002"),
        (CashRequest, None, "流水号:000003,终端编号:33100001"),
        (QuoteRequest, "62", "参考号:000000000001"),
        (QuoteRequest, None, "流水号:000002,终端编号:33100001"),
    ],
    ids=["refused", "no answer", "quote refused", "no answer to the quote"],
)
async def test_a_withdrawal_that_failed_is_told_with_reason_number_and_hotline(
    kiosk: FakeKiosk, request_: type[CashRequest | QuoteRequest], code: str | None, found_by: str
) -> None:
    if code is None:
        kiosk.host.silent_on[request_] = 1
    else:
        kiosk.host.codes[request_] = [code]
        kiosk.host.amounts_with_refusals = False

    await kiosk.visit()

    last = next(view for view in reversed(kiosk.views) if view.screen is Screen.SORRY)
    said = "\n".join(render(line, "zh_CN") for line in last.lines)
    reason = render(code_words(code) if code else Words("sorry.host_unreachable"), "zh_CN")
    for told in (reason, found_by, "12393", "柜台"):
        assert told in said
    if request_ is CashRequest or code is None:
        (receipt,) = kiosk.printer.printed
        flat = receipt.replace("\n", "")
        number = found_by.partition(":")[2].partition(",")[0]
        for told in (reason[:12], number, "12393", "未出钞", *(["500.00"] if request_ is CashRequest else [])):
            assert told in flat
    else:
        assert kiosk.printer.printed == [], "no money was asked for"


@pytest.mark.req("S2-67")
async def test_the_receipt_can_be_had_again_marked_as_a_copy_and_pays_nothing_again(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.FINISHED] = Choose(views.REPRINT)

    await kiosk.visit()

    first, *copies = kiosk.printer.printed
    assert len(copies) == MOST_COPIES
    for copy in copies:
        assert "副本(重印),不是另一笔付款" in copy
        assert [line for line in copy.splitlines() if "副本" not in line] == first.splitlines()
    assert len(kiosk.called("dispense")) == 1
    assert len(kiosk.host.of(CashRequest)) == len(kiosk.host.of(Confirm)) == 1
    assert kiosk.kinds().count(Entry.RECEIPT_PRINTED) == 1
    assert kiosk.kinds().count(Entry.RECEIPT_COPIED) == MOST_COPIES
    last = next(view for view in reversed(kiosk.views) if view.screen is Screen.FINISHED)
    assert views.REPRINT not in [choice.id for choice in last.choices]
    assert Words("finished.copy_printed") in last.lines


@pytest.mark.parametrize("outcome", [Refused(BROKEN), BROKEN, Unknown("no answer")])
async def test_a_copy_that_can_not_be_printed_is_told_and_closes_nothing(kiosk: FakeKiosk, outcome: Any) -> None:
    kiosk.answers[Screen.FINISHED] = Choose(views.REPRINT)
    kiosk.printer.script["print_form"] = [Done(None), outcome, outcome]

    assert await kiosk.visit() is State.IDLE

    last = next(view for view in reversed(kiosk.views) if view.screen is Screen.FINISHED)
    assert Words("finished.copy_failed") in last.lines
    assert kiosk.ending == "paid"


async def test_who_got_nothing_is_offered_no_copy(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.AMOUNT] = Cancel()

    await kiosk.visit()

    assert [view.choices for view in kiosk.views if view.screen is Screen.SORRY] == [()]


@pytest.mark.req("S2-67")
@pytest.mark.parametrize(
    ("paper", "known"), [(PaperSupply.LOW, "paper_low"), (PaperSupply.OUT, "no_receipt")], ids=["low", "out"]
)
async def test_who_may_get_no_receipt_knows_it_before_the_pin_and_goes_on_knowingly(
    kiosk: FakeKiosk, paper: PaperSupply, known: str
) -> None:
    kiosk.printer.script["status"] = [PrinterStatus(DeviceState.ONLINE, paper)]

    await kiosk.visit()

    before_the_pin = kiosk.views[: [view.screen for view in kiosk.views].index(Screen.PIN)]
    idle = next(view for view in before_the_pin if view.screen is Screen.IDLE)
    notice = next(view for view in before_the_pin if view.screen is Screen.NOTICE)
    assert Words(f"idle.{known}") in idle.lines
    assert Words(f"notice.{known}") in notice.lines
    assert [choice.words for choice in notice.choices] == [Words("choice.agree_without")]
    assert any(Words(f"confirm.{known}") in view.lines for view in kiosk.views if view.screen is Screen.CONFIRM)
    assert kiosk.ending == "paid"


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
