"""1101, 8411 and 8412: who may see an account, and what is seen of it."""

import pytest
from sqlalchemy import select

from simulators.authority.authority import Authority
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from simulators.authority.tables.supervision import audit_events
from tests.simulators.authority.kiosk import JIA, YI, Kiosk, with_pin
from tests.simulators.authority.service_line.line import KEY, Caller, Line, keys_of, visiting


@pytest.mark.req("S1-08", "S1-35")
async def test_the_balance_is_told_to_whoever_typed_the_right_pin(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)
    kiosk.cash(20_000)

    told = (await terminal.ask("8411", person))["output"]
    assert (told["person"], told["home"]) == ("测**", JIA.region)
    assert (told["balance_fen"], told["held_fen"]) == (JIA.opening_balance_fen, 20_000)
    assert 0 < told["available_fen"] <= JIA.opening_balance_fen - 20_000


@pytest.mark.req("S1-08")
async def test_the_national_form_has_the_person_masked_and_the_balance_in_yuan(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)

    told = (await terminal.ask("1101", person))["output"]
    assert told["baseinfo"]["certno"] == "3101**********0018"
    assert (told["baseinfo"]["psn_name"], told["baseinfo"]["gend"], told["baseinfo"]["age"]) == ("测**", "1", 46)
    assert (told["insuinfo"][0]["balc"], told["insuinfo"][0]["insutype"]) == ("10000.00", "310")
    assert not any(secret in str(told) for secret in (JIA.id_number, JIA.name, JIA.pan, JIA.card_number))


@pytest.mark.req("S1-10", "S2-44")
async def test_the_history_has_credits_apart_from_draws_with_place_amount_and_balance(
    line: Line, kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority
) -> None:
    terminal, person = await visiting(line, kiosk)
    authority.credit(JIA.pan, 30_000, "contribution 2026-05")
    far_kiosk.confirm(far_kiosk.cash(50_000), 50_000)

    told = (await terminal.ask("8412", person))["output"]
    lines = [(each["kind"], each["amount_fen"], each["balance_fen"], each.get("place")) for each in told["lines"]]
    assert lines[0] == ("withdrawal", -50_000, 980_000, "440300")
    assert lines[1][1:3] == (30_000, 1_030_000)
    assert lines[2][1:3] == (1_000_000, 1_000_000)
    assert (told["credits_fen"], told["draws_fen"], told["more"]) == (1_030_000, 50_000, False)
    newest = (await terminal.ask("8412", {**person, "limit": 1}))["output"]
    assert ([each["amount_fen"] for each in newest["lines"]], newest["more"]) == ([-50_000], True)
    none = (await terminal.ask("8412", {**person, "since": "2030-01-01"}))["output"]
    assert (none["lines"], none["credits_fen"]) == ([], 0)


async def test_a_visit_counts_at_its_terminal_for_a_while_only(line: Line, kiosk: Kiosk, far_kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)
    line.register(far_kiosk.id, ChannelKind.TERMINAL, KEY)
    other = Caller(line, far_kiosk.id, "2", KEY)
    await other.sign_on()

    assert keys_of(await other.ask("8411", person)) == ["visit_over"]
    assert keys_of(await terminal.ask("8411", {**person, "mdtrt_cert_no": "0" * 12})) == ["visit_over"]
    line.clock.pass_(minutes=16)
    assert keys_of(await terminal.ask("8411", person)) == ["visit_over"]


async def test_a_wrong_pin_opens_nothing(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)
    reply = kiosk.quote(with_pin(JIA, "000000"))

    assert (reply.code, len(reply.reference or "")) == ("55", 12)
    assert keys_of(await terminal.ask("8411", {**person, "mdtrt_cert_no": reply.reference})) == ["visit_over"]


async def test_a_terminal_can_not_ask_by_the_number_of_a_document(line: Line, kiosk: Kiosk) -> None:
    terminal, _ = await visiting(line, kiosk)

    asked = {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number}
    assert keys_of(await terminal.ask("8411", asked)) == ["certificate_not_accepted"]
    assert keys_of(await terminal.ask("8411")) == ["who_is_meant"]


@pytest.mark.req("S1-61")
async def test_a_teller_sees_masked_data_and_leaves_a_trace(line: Line, authority: Authority) -> None:
    assert authority.ledger_balanced()
    teller = await line.staff("teller1", StaffRole.TELLER)

    told = await teller.ask("8411", {"mdtrt_cert_type": "02", "mdtrt_cert_no": YI.id_number})
    assert told["output"]["balance_fen"] == YI.opening_balance_fen
    assert not any(secret in str(told) for secret in (YI.id_number, YI.name, YI.pan))
    with line.rooms.database.transaction() as connection:
        seen = connection.execute(select(audit_events).order_by(audit_events.c.id.desc())).mappings().first()
    assert seen is not None
    assert (seen["actor"], seen["role"], seen["event"]) == ("teller1", "teller", "looked at the account")
    unknown = await teller.ask("8411", {"mdtrt_cert_type": "02", "mdtrt_cert_no": "11010519491231002X"})
    assert keys_of(unknown) == ["person_unknown"]


async def test_reviewers_and_strangers_see_no_account(line: Line, authority: Authority) -> None:
    assert authority.ledger_balanced()
    reviewer = await line.staff("reviewer1", StaffRole.REVIEWER)
    asked = {"mdtrt_cert_type": "02", "mdtrt_cert_no": YI.id_number}

    assert keys_of(await reviewer.ask("8411", asked)) == ["not_permitted"]
    assert keys_of(await line.anybody().ask("8411", asked)) == ["not_signed_on"]
