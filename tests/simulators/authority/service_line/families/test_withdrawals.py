"""8113 and 8114: a counter sees books and device of a failed withdrawal, by the number on the receipt."""

import pytest

from protocol.money_line import CashReply, ReversalReply, UnitResult
from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of, visiting

DOUBT = {"cause": "notes were not taken", "asked": 5, "phase": "retracted", "notes": 5, "counted": 5}


@pytest.mark.req("S1-75")
async def test_a_counter_sees_what_is_held_and_what_the_terminal_said_until_it_is_counted(
    line: Line, kiosk: Kiosk
) -> None:
    terminal, _ = await visiting(line, kiosk)
    request = kiosk.cash_request(50_000)
    held = kiosk.tell(request, CashReply)
    teller = await line.staff("t1", StaffRole.TELLER)
    asked = {"reference": held.reference}

    told = (await teller.ask("8113", asked))["output"]
    assert (told["outcome"], told["held_fen"], told["paid_fen"], told["awaits_count"]) == ("held", 50_000, 0, False)
    assert (await terminal.ask("8114", {**asked, **DOUBT}))["infcode"] == 0
    told = (await teller.ask("8113", asked))["output"]
    assert told["awaits_count"]
    words = told["told"][-1]["text"]
    assert words == "notes were not taken; 5 notes asked for, phase retracted, 5 in the bundle, 5 counted by the device"
    assert "*" in told["person"]
    assert "*" in told["card"]

    kiosk.tell(kiosk.reversal_of(request, units=(UnitResult(10_000, 5, 0, 5, 0),)), ReversalReply)
    told = (await teller.ask("8113", asked))["output"]
    assert (told["outcome"], told["held_fen"], told["awaits_count"]) == ("reversed", 0, False)
    assert told["told"][-1]["text"] == "0 yuan paid; 100 yuan: presented 5, taken 0, retracted 5, rejected 0"


async def test_a_refused_request_is_found_too_and_a_number_of_nobody_is_not(line: Line, kiosk: Kiosk) -> None:
    terminal, _ = await visiting(line, kiosk)
    refused = kiosk.cash(90_000_000)
    teller = await line.staff("t1", StaffRole.TELLER)

    told = (await teller.ask("8113", {"reference": refused.reference}))["output"]
    assert (told["outcome"], told["code"], told["paid_fen"]) == ("nothing_moved", str(refused.code), 0)
    assert told["code_text"]
    assert keys_of(await teller.ask("8113", {"reference": "000000000000"})) == ["number_unknown"]
    assert keys_of(await terminal.ask("8114", {**DOUBT, "reference": refused.reference})) == ["number_unknown"]
