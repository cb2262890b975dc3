"""8201 to 8206: invoices and settlement over the line."""

from typing import Any

import pytest

from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, YI, Clock, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of, visiting

BILL: dict[str, Any] = {
    "issued_on": "2026-05-20", "amount_fen": 70_000, "reimbursed_fen": 20_000, "detail": "DRUGS",
    "payer_name": JIA.name, "institution": "威海测试医院", "third_party": False,
}  # fmt: skip


@pytest.mark.req("S1-91")
async def test_a_recovery_is_appealed_against_and_looked_at_by_another_reviewer(line: Line, kiosk: Kiosk) -> None:
    kiosk.confirm(kiosk.cash(60_000), 60_000)
    terminal, person = await visiting(line, kiosk)
    (case,) = (await terminal.ask("8203", person))["output"]["cases"]
    objection = {**person, "subject": f"settlement:{case['case']}", "grounds": "发票未全部计入"}
    assert keys_of(await terminal.ask("8105", objection)) == ["number_unknown"], "nothing is asked back yet"

    first, second = [await line.staff(name, StaffRole.REVIEWER) for name in ("r1", "r2")]
    await first.ask("8202", {"case": case["case"]})
    appeal = (await terminal.ask("8105", objection))["output"]["number"]
    (waiting,) = (await second.ask("8505"))["output"]["appeals"]
    assert (waiting["number"], waiting["subject"]) == (appeal, objection["subject"])
    dismissed = {"number": appeal, "action": "DISMISS", "outcome": "rule_holds"}
    assert keys_of(await first.ask("8506", dismissed)) == ["decided_before"]
    assert (await second.ask("8506", dismissed))["output"]["state"] == "dismissed"

    told = (await terminal.ask("8414", person))["output"]["notices"]
    assert [each["kind"] for each in told] == ["appeal_dismissed", "appeal_filed", "settled"]
    assert told[0]["text_en"] == f"Your appeal {appeal} is dismissed: the decision stands."
    assert told[2]["text_en"].endswith("please pay back what you drew too much; you can appeal.")


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

    teller = await line.staff("t1", StaffRole.TELLER, SHENZHEN)
    back = {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number, "case": case["case"], "fen": 4_000}
    assert keys_of(await teller.ask("8205", {**back, "mdtrt_cert_no": YI.id_number})) == ["actor.not_for_you"]
    first = await teller.ask("8205", back)
    assert first["output"]["case"]["to_recover_fen"] == 6_000
    assert await line.send("8205", teller.last) == first
    assert keys_of(await teller.ask("8205", {**back, "fen": 6_001})) == ["repayment.too_much"]
    ended = (await teller.ask("8205", {**back, "fen": 6_000}))["output"]["case"]
    assert (ended["state"], ended["to_recover_fen"]) == ("settled", 0)


@pytest.mark.req("S1-32", "S2-57")
async def test_reviewers_of_the_home_region_put_the_day_off_and_take_back_red_invoices(
    line: Line, kiosk: Kiosk
) -> None:
    kiosk.confirm(kiosk.cash(50_000), 50_000)
    terminal, person = await visiting(line, kiosk)
    (case,) = (await terminal.ask("8203", person))["output"]["cases"]
    await terminal.ask("8201", {**person, "case": case["case"], "invoice": "A1", **BILL})
    reviewer, away = [await line.staff(f"r{place}", StaffRole.REVIEWER, place) for place in (WEIHAI, SHENZHEN)]
    sick, red = {"case": case["case"], "reason": "仍在住院"}, {"invoice": "A1", "reason": "红字发票"}

    for infno, body in (("8204", sick), ("8206", red), ("8202", {"case": case["case"]})):
        assert keys_of(await away.ask(infno, body)) == ["actor.only_home_region"]
        assert keys_of(await terminal.ask(infno, body)) == ["not_permitted"]
    assert (await reviewer.ask("8204", sick))["output"]["case"]["due"] > case["due"]
    assert (await reviewer.ask("8202", {"case": case["case"]}))["output"]["result"] == "nothing"
    (reopened,) = (await reviewer.ask("8206", red))["output"]["cases"]
    assert (reopened["state"], reopened["proven_fen"]) == ("reopened", 0)
    assert keys_of(await reviewer.ask("8206", red)) == ["invoice.cancelled"]


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
