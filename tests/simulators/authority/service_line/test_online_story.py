"""The story of Mr Wang: all of it online, from the account to the money on his own bank card, without a counter."""

import random

import pytest
from sqlalchemy import update

from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.codes import received
from simulators.authority.tables.people import persons
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from tests.simulators.authority.applications.forms import FORM
from tests.simulators.authority.applications.policies import book
from tests.simulators.authority.kiosk import JIA, WEIHAI, Clock, Kiosk, make_authority
from tests.simulators.authority.service_line.line import Caller, Line, keys_of

FORM_WRITTEN = FORM.model_dump(mode="json", exclude_none=True, exclude={"name", "certno", "card_number"})
PASSWORD = "correct horse"


@pytest.fixture
def authority(clock: Clock, database: Database) -> Authority:
    return make_authority(clock, JIA, policies=book(), database=database)


@pytest.fixture
def line(clock: Clock, database: Database, kiosk: Kiosk) -> Line:
    made = Line(clock, database, SoftHsm(b"M" * 32, random.Random(2).randbytes), book())
    made.register("BANK-APP", ChannelKind.APP, provider=kiosk.merchant)
    with database.transaction() as connection:
        connection.execute(update(persons).values(phone_sealed=made.rooms.hsm.seal("13800005678")))
    return made


def code(line: Line) -> str:
    """What came to the phone last."""
    with line.rooms.database.transaction() as connection:
        return [each for each in received(connection, line.rooms.hsm, 1) if each.kind == "code"][-1].gaps["code"]


async def signed_on(line: Line) -> Caller:
    wang = Caller(line, "wang", "3", device="BANK-APP")
    identity = {"certno": JIA.id_number, "name": JIA.name}
    await wang.ask("8305", identity)
    await wang.ask("8305", {**identity, "code": code(line), "login": "wang", "password": PASSWORD})
    assert keys_of(await wang.sign_on(password=PASSWORD)) == ["code_needed"]
    await wang.sign_on(password=PASSWORD, second_factor=code(line))
    return wang


@pytest.mark.req("S1-34", "S2-50", "S2-72", "S2-74", "S2-75", "S2-77", "S2-78")
async def test_from_the_online_account_to_the_money_on_the_own_bank_card(line: Line, authority: Authority) -> None:
    wang = await signed_on(line)
    transfer = {"mode": "TRANSFER", "amount_fen": 60_000}
    assert (await wang.ask("8111", transfer))["infcode"] == -1  # nothing without an approved application

    made = (await wang.ask("8101", {"form": {**FORM_WRITTEN, "place": WEIHAI, "amount_fen": 100_000}}))["output"]
    reviewer = await line.staff("reviewer1", StaffRole.REVIEWER)
    await reviewer.ask("8502", {"number": made["number"]})
    decided = await reviewer.ask("8503", {"number": made["number"], "decision": "APPROVE"})
    assert decided["output"]["state"] == "approved"

    before = (await wang.ask("8411"))["output"]["balance_fen"]
    assert keys_of(await wang.ask("8111", {**transfer, "number": "99"})) == ["number_unknown"]
    held = await wang.ask("8111", {**transfer, "number": made["number"]})
    assert held["infcode"] == 0, held
    omsgid = held["output"]["omsgid"]
    paid = await wang.ask("8112", {"omsgid": omsgid, "ending": "PAID", "paid_fen": 60_000})
    assert paid["output"]["transfer"] == "credited"

    assert (await wang.ask("8411"))["output"]["balance_fen"] == before - 60_000
    shown = (await wang.ask("8104", {"number": made["number"]}))["output"]["applications"][0]
    assert shown["remaining_fen"] == 40_000
    newest = (await wang.ask("8412", {"limit": 1}))["output"]["lines"][0]
    assert (newest["kind"], newest["amount_fen"]) == ("transfer", -60_000)
    assert authority.ledger_balanced()
    assert keys_of(await wang.ask("8111", {"mode": "CASH", "amount_fen": 10_000})) == ["cash_at_counters_only"]
