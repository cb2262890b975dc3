"""Persons online: an account with a code to the registered phone, and a code at every sign-on."""

import random

import pytest
from sqlalchemy import update

from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.codes import received
from simulators.authority.tables.people import persons
from simulators.authority.tables.service_line import ChannelKind
from tests.simulators.authority.kiosk import JIA, YI, Clock, make_authority
from tests.simulators.authority.service_line.line import Caller, Line, keys_of

PASSWORD = "correct horse"
IDENTITY = {"certno": JIA.id_number, "name": JIA.name}


@pytest.fixture
def authority(clock: Clock, database: Database) -> Authority:
    return make_authority(clock, JIA, YI, database=database)


@pytest.fixture
def line(clock: Clock, database: Database, authority: Authority) -> Line:
    assert authority.ledger_balanced()
    made = Line(clock, database, SoftHsm(b"M" * 32, random.Random(2).randbytes))
    made.register("APP1", ChannelKind.APP)
    with database.transaction() as connection:
        connection.execute(update(persons).values(phone_sealed=made.rooms.hsm.seal("13800005678")))
    return made


def code(line: Line, person_id: int = 1) -> str:
    """The last code that came to the phone."""
    with line.rooms.database.transaction() as connection:
        return received(connection, line.rooms.hsm, person_id)[-1].gaps["code"]


async def registered(line: Line) -> Caller:
    caller = Caller(line, "ceshijia", "3", device="APP1")
    assert (await caller.ask("8305", IDENTITY))["output"] == {"code_sent": True, "opened": False}
    account = {**IDENTITY, "code": code(line), "login": "ceshijia", "password": PASSWORD}
    assert (await caller.ask("8305", account))["output"] == {"code_sent": False, "opened": True}
    return caller


async def signed_on(line: Line) -> Caller:
    caller = await registered(line)
    assert keys_of(await caller.sign_on(password=PASSWORD)) == ["code_needed"]
    assert (await caller.sign_on(password=PASSWORD, second_factor=code(line)))["infcode"] == 0
    return caller


@pytest.mark.req("S2-74", "S1-60", "S1-10")
async def test_a_person_signs_on_with_password_and_code_and_sees_balance_and_history(line: Line) -> None:
    caller = await signed_on(line)

    assert (await caller.ask("8411"))["output"]["balance_fen"] == JIA.opening_balance_fen
    assert len((await caller.ask("8412"))["output"]["lines"]) == 1
    other = {"mdtrt_cert_type": "02", "mdtrt_cert_no": YI.id_number}
    assert keys_of(await caller.ask("8411", other)) == ["not_this_person"]


@pytest.mark.req("S2-74")
async def test_an_idle_session_ends_and_so_does_an_old_one(line: Line) -> None:
    caller = await signed_on(line)
    for _ in range(3):
        line.clock.pass_(minutes=9)
        assert (await caller.ask("8411"))["infcode"] == 0
    line.clock.pass_(minutes=3)
    assert keys_of(await caller.ask("8411")) == ["session_over"]
    idle = await caller.sign_on(password=PASSWORD)
    assert keys_of(idle) == ["code_needed"]


@pytest.mark.req("S2-74")
async def test_wrong_codes_lock_the_account_like_wrong_passwords(line: Line) -> None:
    caller = await registered(line)
    await caller.sign_on(password=PASSWORD)
    for _ in range(3):
        assert keys_of(await caller.sign_on(password=PASSWORD, second_factor="000000")) == ["wrong_credentials"]
    for _ in range(2):
        assert keys_of(await caller.sign_on(password="something else")) == ["wrong_credentials"]
    assert keys_of(await caller.sign_on(password=PASSWORD)) == ["locked"]


async def test_an_account_needs_the_right_name_phone_and_code_and_an_official_channel(line: Line) -> None:
    caller = Caller(line, "ceshijia", "3", device="APP1")

    assert keys_of(await caller.ask("8305", {**IDENTITY, "name": YI.name})) == ["name.differs"]
    assert keys_of(await caller.ask("8305", {**IDENTITY, "phone": "13900001111"})) == ["phone.wrong"]
    assert keys_of(await caller.ask("8305", IDENTITY, dev_no="APP2")) == ["unknown_channel"]
    await caller.ask("8305", IDENTITY)
    wrong = {**IDENTITY, "code": "000000", "login": "ceshijia", "password": PASSWORD}
    assert keys_of(await caller.ask("8305", wrong)) == ["code.wrong"]
    assert keys_of(await caller.ask("8305", {**wrong, "password": "short"})) == ["password_short"]
    assert keys_of(await caller.ask("8305", {**IDENTITY, "code": "000000"})) == ["login_missing"]


async def test_a_person_has_one_account(line: Line) -> None:
    caller = await registered(line)
    await caller.ask("8305", IDENTITY)
    again = {**IDENTITY, "code": code(line), "login": "another", "password": PASSWORD}

    assert keys_of(await caller.ask("8305", again)) == ["login_taken"]
