"""1101, 8411 and 8412: who may see an account, and what is seen of it."""

import pytest
from sqlalchemy import select, update

from protocol.money_line import AmountType
from simulators.authority.actors import SYSTEM
from simulators.authority.authority import Authority
from simulators.authority.people.codes import received
from simulators.authority.people.register import find_person
from simulators.authority.supervision.audit import acts
from simulators.authority.supervision.orders import Subject, order
from simulators.authority.tables.people import persons
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from simulators.authority.tables.supervision import Measure, audit_events
from tests.simulators.authority.kiosk import JIA, YI, Kiosk, with_pin
from tests.simulators.authority.service_line.line import KEY, PASSWORD, Caller, Line, keys_of, visiting


@pytest.mark.req("S1-08", "S1-35")
async def test_the_balance_is_told_to_whoever_typed_the_right_pin(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)
    kiosk.cash(20_000)

    told = (await terminal.ask("8411", person))["output"]
    assert (told["person"], told["home"]) == ("测**", JIA.region)
    assert (told["balance_fen"], told["held_fen"]) == (JIA.opening_balance_fen, 20_000)
    assert told["available_fen"] == JIA.opening_balance_fen - 20_000 - 10_000


@pytest.mark.req("S2-11", "S2-55")
async def test_what_is_told_as_drawable_is_paid_to_the_fen_and_no_note_more(
    line: Line, kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority
) -> None:
    terminal, person = await visiting(line, far_kiosk)
    teller = await line.staff("t1", StaffRole.TELLER)
    by_id = {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number}
    for asked in range(6):
        told = (await terminal.ask("8411", person))["output"]
        most = told["drawable_fen"]
        quoted = far_kiosk.quote(JIA).amounts
        assert quoted is not None
        assert (quoted[AmountType.MAXIMUM_DRAW], quoted[AmountType.AVAILABLE]) == (most, told["available_fen"])
        assert quoted[AmountType.REST_OF_DAY] == told["rest_of_day_fen"]
        assert all(reason["text"] and reason["text_en"] for reason in told["limited_by"])
        assert far_kiosk.cash(most + 10_000).code != "00"
        if not most:
            assert told["limited_by"]
            break
        assert far_kiosk.cash(most if asked else 10_000).code == "00"
    else:
        pytest.fail("limits never bind")
    at_home = (await teller.ask("8411", by_id))["output"]
    assert at_home["mode"] == "CASH"
    refused = await teller.ask("8111", {**by_id, "mode": "CASH", "amount_fen": at_home["drawable_fen"] + 10_000})
    assert refused["infcode"] == -1
    with line.rooms.database.transaction() as connection:
        person_id = connection.scalar(select(persons.c.id).where(persons.c.region == JIA.region))
        order(connection, SYSTEM, line.at, Subject.person(int(person_id or 0)), Measure.LEGAL_HOLD, "查")
    held = (await teller.ask("8411", by_id))["output"]
    assert (held["drawable_fen"], [each["key"] for each in held["limited_by"]]) == (0, ["code_62"])
    assert held["available_fen"] == at_home["available_fen"]


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
    paid = far_kiosk.cash(50_000)
    far_kiosk.confirm(paid, 50_000)

    told = (await terminal.ask("8412", person))["output"]
    lines = [(each["kind"], each["amount_fen"], each["balance_fen"], each.get("place")) for each in told["lines"]]
    assert lines == [
        ("withdrawal", -50_000, 980_000, "440300"),
        ("contribution", 30_000, 1_030_000, None),
        ("opening", 1_000_000, 1_000_000, None),
    ]
    drawn = told["lines"][0]
    assert (drawn["mode"], drawn["channel"], drawn["reference"]) == ("CASH", "ATM", paid.reference)
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


@pytest.mark.req("S1-59")
async def test_the_balance_is_told_by_phone_once_identity_passes_and_every_call_is_on_record(
    line: Line, authority: Authority
) -> None:
    await line.staff("agent", StaffRole.TELLER)
    line.register("12333", ChannelKind.PHONE)
    operator = Caller(line, "agent", "1", device="12333")
    assert (await operator.sign_on(password=PASSWORD))["infcode"] == 0
    with line.rooms.database.transaction() as connection:
        person_id = find_person(connection, line.rooms.hsm, JIA.id_number)
        assert person_id is not None
        phone = line.rooms.hsm.seal("13800005678")
        connection.execute(update(persons).where(persons.c.id == person_id).values(phone_sealed=phone))
    caller = {"certno": JIA.id_number, "name": JIA.name}

    assert keys_of(await operator.ask("8413", {**caller, "name": YI.name})) == ["name.differs"]
    assert (await operator.ask("8413", caller))["output"] == {"code_sent": True}
    assert keys_of(await operator.ask("8413", {**caller, "code": "000000"})) == ["code.wrong"]
    with line.rooms.database.transaction() as connection:
        code = received(connection, line.rooms.hsm, person_id)[-1].gaps["code"]
    told = await operator.ask("8413", {**caller, "code": code})
    assert (told["output"]["balance_fen"], told["output"]["person"]) == (JIA.opening_balance_fen, "测**")
    by_id = {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number}
    assert keys_of(await operator.ask("8411", by_id)) == ["nothing_read_by_phone"]
    with line.rooms.database.transaction() as connection:
        calls = [each.event for each in acts(connection, actor="agent") if each.event.startswith("phone")]
    assert calls == ["phone enquiry refused", "phone enquiry refused", "phone enquiry"]
    assert authority.ledger_balanced()
