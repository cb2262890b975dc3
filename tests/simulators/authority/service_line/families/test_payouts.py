"""8111 and 8112: transfers online and cash at a counter, on the same books as a terminal's."""

from datetime import datetime
from typing import Any

import pytest

from simulators.authority.authority import Authority
from simulators.authority.business_time import SHANGHAI
from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, WEIHAI, Kiosk
from tests.simulators.authority.service_line.line import PASSWORD, Caller, Line, keys_of

WHO = {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number}


@pytest.fixture
def line(line: Line, kiosk: Kiosk) -> Line:
    """With a provider that is authorised."""
    assert kiosk.batch
    return line


async def held(line: Line, **body: Any) -> tuple[Caller, dict[str, Any]]:
    teller = await line.staff("teller1", StaffRole.TELLER)
    answer = await teller.ask("8111", {**WHO, "mode": "CASH", "amount_fen": 50_000, **body})
    return teller, answer


@pytest.mark.req("S1-62", "S2-51")
async def test_cash_at_a_counter_is_held_then_paid_from_the_same_account(line: Line, authority: Authority) -> None:
    teller, answer = await held(line)
    assert answer["infcode"] == 0, answer
    assert authority.held_fen(JIA.pan) == 50_000
    omsgid = answer["output"]["omsgid"]

    paid = await teller.ask("8112", {"omsgid": omsgid, "ending": "PAID", "paid_fen": 50_000})
    assert paid["infcode"] == 0, paid
    assert (authority.held_fen(JIA.pan), authority.account_debit_fen(JIA.pan)) == (0, 50_000)
    assert authority.ledger_balanced()
    again = await line.send("8112", teller.last)
    assert again == paid
    assert authority.account_debit_fen(JIA.pan) == 50_000

    printed = {name: paid["output"][name] for name in ("reference", "check_code")}
    told = (await line.anybody().ask("8404", printed))["output"]
    assert (told["outcome"], told["amount_fen"], told["place"]) == ("confirmed", 50_000, WEIHAI)
    other = str(int(printed["reference"]) + 1)
    assert keys_of(await line.anybody().ask("8404", {**printed, "reference": other})) == ["receipt_unknown"]


async def test_what_was_not_paid_is_given_back(line: Line, authority: Authority) -> None:
    teller, answer = await held(line)
    omsgid = answer["output"]["omsgid"]

    assert (await teller.ask("8112", {"omsgid": omsgid, "ending": "CANCELLED"}))["infcode"] == 0
    assert (authority.held_fen(JIA.pan), authority.account_debit_fen(JIA.pan)) == (0, 0)
    late = await teller.ask("8112", {"omsgid": omsgid, "ending": "PAID", "paid_fen": 50_000})
    assert late["infcode"] == -1
    assert authority.account_debit_fen(JIA.pan) in (0, 50_000)  # what is told as paid stands in the books
    assert authority.ledger_balanced()


@pytest.mark.req("S2-26", "S1-10")
async def test_cash_asked_for_before_midnight_and_paid_after_it_counts_on_the_day_of_the_authorisation(
    line: Line, authority: Authority
) -> None:
    line.clock.time = datetime(2026, 5, 20, 16, 50, tzinfo=SHANGHAI)
    teller = await line.staff("teller1", StaffRole.TELLER)
    before = (await teller.ask("8411", WHO))["output"]
    omsgid = (await teller.ask("8111", {**WHO, "mode": "CASH", "amount_fen": 50_000}))["output"]["omsgid"]
    line.clock.pass_(hours=15, minutes=30)
    await teller.sign_on(password=PASSWORD)
    other = await line.staff("t2", StaffRole.TELLER, provider="440300000000001")
    end = {"omsgid": omsgid, "ending": "PAID", "paid_fen": 50_000}

    assert keys_of(await other.ask("8112", end)) == ["number_unknown"]
    paid = await teller.ask("8112", end)
    assert paid["infcode"] == 0, paid
    assert (authority.held_fen(JIA.pan), authority.account_debit_fen(JIA.pan)) == (0, 50_000)
    (drawn, _) = (await teller.ask("8412", WHO))["output"]["lines"]
    assert (drawn["business_date"], drawn["at"][:10]) == ("2026-05-20", "2026-05-21")
    assert (drawn["kind"], drawn["mode"], drawn["channel"], drawn["omsgid"]) == (
        "withdrawal", "CASH", "COUNTER", omsgid,
    )  # fmt: skip
    assert (await teller.ask("8411", WHO))["output"]["rest_of_day_fen"] == before["rest_of_day_fen"]
    assert authority.account_debit_fen(JIA.pan) == 50_000
    assert authority.ledger_balanced()


@pytest.mark.req("S1-69")
async def test_a_refusal_names_its_rules_and_holds_nothing(line: Line, authority: Authority) -> None:
    _, answer = await held(line, amount_fen=50_000_000)

    assert answer["infcode"] == -1
    assert all(reason["text"] for reason in answer["output"]["reasons"])
    assert authority.held_fen(JIA.pan) == 0


async def test_nothing_is_known_of_a_payout_that_was_not_authorised(line: Line) -> None:
    teller = await line.staff("teller1", StaffRole.TELLER)
    asked = {"omsgid": "H37100000001202605201000009999", "ending": "PAID", "paid_fen": 1}

    assert keys_of(await teller.ask("8112", asked)) == ["number_unknown"]
