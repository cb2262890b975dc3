"""8201 to 8203: invoices and settlement over the line."""

from typing import Any

import pytest

from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of, visiting

BILL: dict[str, Any] = {
    "issued_on": "2026-05-20", "amount_fen": 70_000, "reimbursed_fen": 20_000, "detail": "DRUGS",
    "payer_name": JIA.name, "institution": "威海测试医院", "third_party": False,
}  # fmt: skip


@pytest.mark.req("S1-32", "S1-33")
async def test_a_payout_is_settled_with_the_invoices_handed_in_at_a_kiosk(line: Line, kiosk: Kiosk) -> None:
    paid = kiosk.cash(60_000)
    kiosk.confirm(paid, 60_000)
    terminal, person = await visiting(line, kiosk)

    (case,) = (await terminal.ask("8203", person))["output"]["cases"]
    assert (case["due"], case["paid_out_fen"], case["state"]) == ("2026-07-19", 60_000, "open")
    handed = await terminal.ask("8201", {**person, "case": case["case"], "invoice": "A1", **BILL})
    assert handed["output"]["case"]["proven_fen"] == 50_000

    reviewer = await line.staff("r1", StaffRole.REVIEWER)
    done = (await reviewer.ask("8202", {"case": case["case"]}))["output"]
    assert (done["result"], done["difference_fen"], done["reimbursable_fen"]) == ("recover", 10_000, 20_000)
    assert done["text"] == "预支款超出自付费用100.00元,请退回"
    assert done["case"]["to_recover_fen"] == 10_000


@pytest.mark.req("S1-32")
async def test_every_reason_against_an_invoice_is_told_with_its_text(line: Line, kiosk: Kiosk, clock: Clock) -> None:
    kiosk.confirm(kiosk.cash(60_000), 60_000)
    terminal, person = await visiting(line, kiosk)
    (case,) = (await terminal.ask("8203", person))["output"]["cases"]
    wrong = {**BILL, "payer_name": "测试乙", "region": "440300", "third_party_fen": 5}

    refused = await terminal.ask("8201", {**person, "case": case["case"], "invoice": "A1", **wrong})
    assert refused["infcode"] == -1
    assert keys_of(refused) == ["invoice.other_name", "invoice.other_place", "invoice.third_party_amount"]
    assert "请提交本人的发票" in refused["output"]["reasons"][0]["text"]


async def test_nobody_hands_in_for_another_persons_case(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)

    unknown = await terminal.ask("8201", {**person, "case": "S0", "invoice": "A1", **BILL})
    assert keys_of(unknown) == ["case.unknown"]
    assert (await terminal.ask("8203", person))["output"]["cases"] == []
