"""8301 to 8304 and 8306 to 8308: loss, replacement, activation, PIN and own rules over the line."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from protocol.keys import Cipher, encrypt
from protocol.pin_block import encode as pin_block
from protocol.pin_block import pan12
from simulators.authority.authority import Authority
from simulators.authority.people.codes import received
from simulators.authority.people.register import find_person
from simulators.authority.supervision.cases import all_cases
from simulators.authority.tables.people import CardState, persons
from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, SHENZHEN, YI, Kiosk, Somebody, with_pin
from tests.simulators.authority.service_line.line import Line, keys_of, visiting

SHOWN = {
    "mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number, "name": JIA.name, "document_read": True,
    "document_valid_to": "2030-01-01",
}  # fmt: skip
BY_ID = {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number, "name": JIA.name}


def block(kiosk: Kiosk, pin: str, person: Somebody = JIA) -> str:
    return encrypt(Cipher.TDES, kiosk.pik, pin_block(pin, pan12(person.pan))).hex().upper()


@pytest.mark.req("S1-73")
async def test_a_lost_card_is_reported_at_a_kiosk_without_it_and_refused_at_once(line: Line, kiosk: Kiosk) -> None:
    terminal, _ = await visiting(line, kiosk, YI)

    told = (await terminal.ask("8301", BY_ID))["output"]
    assert (told["card"], told["kind"], told["lapses"]) == ("621700*********0012", "TEMPORARY", "2026-05-27 10:00:00")
    assert kiosk.cash(10_000).code == "41"


async def test_a_report_needs_the_name_of_the_register(line: Line, kiosk: Kiosk) -> None:
    terminal, _ = await visiting(line, kiosk, YI)

    assert keys_of(await terminal.ask("8301", {**BY_ID, "name": YI.name})) == ["name.differs"]
    assert keys_of(await terminal.ask("8301", {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number})) == [
        "name_needed"
    ]
    assert kiosk.quote(JIA).code == "00"


async def test_a_formal_report_is_made_at_a_counter_with_the_document(line: Line, kiosk: Kiosk) -> None:
    terminal, _ = await visiting(line, kiosk, YI)
    teller = await line.staff("teller1", StaffRole.TELLER)
    formal = {**BY_ID, "kind": "FORMAL"}

    assert "actor.only_at_the_counter" in keys_of(await terminal.ask("8301", formal))
    assert "document.missing" in keys_of(await teller.ask("8301", formal))
    read = {**formal, "document_read": True, "document_valid_to": "2030-01-01"}
    assert "lapses" not in (await teller.ask("8301", read))["output"]


async def test_own_rules_stay_until_they_are_changed(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)

    told = (await terminal.ask("8304", {**person, "locked": True, "single_fen": 30_000}))["output"]
    assert told == {"locked": True, "alerts": False, "single_fen": 30_000}
    assert (await terminal.ask("8304", {**person, "alerts": True}))["output"]["single_fen"] == 30_000


async def test_a_pin_is_changed_with_two_blocks_of_the_pin_pad(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)
    asked = {**person, "pan": JIA.pan, "new_pin_block": block(kiosk, "905172")}

    assert keys_of(await terminal.ask("8303", {**asked, "old_pin_block": block(kiosk, "000000")})) == ["pin.wrong"]
    changed = await terminal.ask("8303", {**asked, "old_pin_block": block(kiosk, JIA.pin)})
    assert changed["output"] == {"card": "621700*********0012"}
    assert kiosk.quote(JIA).code == "55"
    assert kiosk.quote(with_pin(JIA, "905172")).code == "00"


@pytest.mark.req("S1-17")
async def test_another_persons_card_gets_no_new_pin_and_attempts_become_a_case(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)
    blocks = {"old_pin_block": block(kiosk, YI.pin, YI), "new_pin_block": block(kiosk, "905172", YI)}

    for _ in range(3):
        refused = await terminal.ask("8303", {**person, "pan": YI.pan, **blocks})
        assert keys_of(refused) == ["card.of_another_person"]
    with line.rooms.database.transaction() as connection:
        (case,) = all_cases(connection)
    assert case.text == "other_person, 3 times"


@pytest.mark.req("S1-74", "S2-51")
async def test_a_lost_card_is_replaced_at_a_counter_of_the_home_region_and_the_new_pin_is_typed(
    line: Line, kiosk: Kiosk
) -> None:
    teller, away = await line.staff("teller1", StaffRole.TELLER), await line.staff("t2", StaffRole.TELLER, SHENZHEN)
    new = replace(JIA, pan="6299991234567890122", expiry="3612", pin="908172")
    card = {"card_number": "S00000039", "pan": new.pan, "expiry": new.expiry}
    asked = {**SHOWN, **card, "pin_terminal": kiosk.id, "pin_block": block(kiosk, new.pin, new)}

    assert keys_of(await teller.ask("8307", asked)) == ["card.not_reported_formally"]
    assert (await teller.ask("8301", {**SHOWN, "kind": "FORMAL"}))["infcode"] == 0
    assert keys_of(await away.ask("8307", asked)) == ["actor.only_home_region"]
    assert keys_of(await teller.ask("8307", {**asked, "pin_terminal": "K9999999"})) == ["pin_pad_unknown"]
    easy = {**asked, "pin_block": block(kiosk, "111111", new)}
    assert keys_of(await teller.ask("8307", easy)) == ["pin.too_easy"]

    made = await teller.ask("8307", asked)
    assert made["output"] == {"card": "629999*********0122", "state": "not_activated"}
    assert await line.send("8307", teller.last) == made
    assert (kiosk.quote(JIA).code, kiosk.quote(new).code) == ("04", "56")
    assert keys_of(await teller.ask("8306", {**SHOWN, "pan": JIA.pan})) == ["card.replaced"]


async def test_a_found_card_works_again_and_a_card_of_another_is_kept(line: Line, kiosk: Kiosk) -> None:
    teller = await line.staff("teller1", StaffRole.TELLER)
    await teller.ask("8301", SHOWN)
    assert kiosk.quote(JIA).code == "41"

    assert keys_of(await teller.ask("8306", {**SHOWN, "document_read": False})) == ["document.missing"]
    assert keys_of(await teller.ask("8306", {**SHOWN, "pan": YI.pan})) == ["card.of_another_person"]
    assert (await teller.ask("8306", {**SHOWN, "pan": JIA.pan}))["output"]["state"] == "active"
    assert kiosk.quote(JIA).code == "00"


@pytest.mark.req("S1-64")
async def test_a_blocked_pin_is_unblocked_with_the_document_only(line: Line, kiosk: Kiosk) -> None:
    teller = await line.staff("teller1", StaffRole.TELLER)
    assert keys_of(await teller.ask("8308", SHOWN)) == ["pin.not_blocked"]
    for _ in range(3):
        kiosk.quote(with_pin(JIA, "000000"))
    assert kiosk.quote(JIA).code == "38"

    assert keys_of(await teller.ask("8308", {**SHOWN, "document_read": False})) == ["document.missing"]
    assert (await teller.ask("8308", SHOWN))["infcode"] == 0
    assert kiosk.quote(JIA).code == "00"


async def test_a_wrong_code_stays_counted_though_the_activation_is_refused(
    line: Line, kiosk: Kiosk, authority: Authority
) -> None:
    authority.set_card_state(JIA.pan, CardState.NOT_ACTIVATED)
    assert kiosk.quote(JIA).code == "56"
    teller = await line.staff("teller1", StaffRole.TELLER)
    with line.rooms.database.transaction() as connection:
        person_id = find_person(connection, line.rooms.hsm, JIA.id_number)
        assert person_id is not None
        phone = line.rooms.hsm.seal("13800005678")
        connection.execute(update(persons).where(persons.c.id == person_id).values(phone_sealed=phone))
    assert (await teller.ask("8302", BY_ID))["output"]["code_sent"]
    assert keys_of(await teller.ask("8302", {**BY_ID, "code": "000000"})) == ["code.wrong"]
    with line.rooms.database.transaction() as connection:
        code = received(connection, line.rooms.hsm, person_id)[-1].gaps["code"]
    assert (await teller.ask("8302", {**BY_ID, "code": code}))["output"]["card"] == "active"
    assert kiosk.quote(JIA).code == "00"
