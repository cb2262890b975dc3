"""8309, 8321 and 8322: a PIN is blocked, a card or account stopped and let go on, over the line."""

import json

import pytest

from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, SHENZHEN, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of, visiting

SHOWN = {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number}
FREEZE = {"psn_no": "1", "act": "freeze", "reason": "核查"}


@pytest.mark.req("S1-57")
async def test_the_authority_freezes_a_card_and_lets_it_go_on(line: Line, kiosk: Kiosk) -> None:
    reviewer = await line.staff("r1", StaffRole.REVIEWER)
    away = await line.staff("r2", StaffRole.REVIEWER, SHENZHEN)
    himself = await line.staff("r3", StaffRole.REVIEWER, person_id=1)
    teller = await line.staff("t1", StaffRole.TELLER)
    assert (await reviewer.ask("1101", SHOWN))["output"]["baseinfo"]["psn_no"] == "1"

    assert keys_of(await teller.ask("8321", FREEZE)) == ["not_permitted"]
    assert keys_of(await away.ask("8321", FREEZE)) == ["actor.only_home_region"]
    assert keys_of(await away.ask("1101", SHOWN)) == ["actor.only_home_region"]
    assert keys_of(await himself.ask("8321", {**FREEZE, "reason": " "})) == [
        "actor.not_about_oneself",
        "reason.missing",
    ]
    assert keys_of(await reviewer.ask("8321", {**FREEZE, "psn_no": "99"})) == ["person.unknown"]
    done = await reviewer.ask("8321", FREEZE)
    assert done["output"]["state"] == "frozen"
    assert await line.send("8321", reviewer.last) == done
    assert kiosk.cash(10_000).code == "62"

    assert keys_of(await reviewer.ask("8321", FREEZE)) == ["card.frozen"]
    released = {**FREEZE, "act": "release"}
    assert (await reviewer.ask("8321", released))["output"]["state"] == "active"
    assert keys_of(await reviewer.ask("8321", released)) == ["card.not_frozen"]
    assert kiosk.cash(10_000).code == "00"


@pytest.mark.req("S2-47")
async def test_an_account_is_frozen_and_released_with_a_reason_and_the_person_is_told(line: Line, kiosk: Kiosk) -> None:
    supervisor, auditor = [
        await line.staff(name, role) for name, role in (("s1", StaffRole.SUPERVISOR), ("a1", StaffRole.AUDITOR))
    ]
    frozen = {"psn_no": "1", "state": "frozen", "reason": "信息待核实"}
    assert (await supervisor.ask("8322", frozen))["output"] == {"before": "active", "account": "frozen"}
    assert kiosk.cash(10_000).code == "62"
    assert keys_of(await supervisor.ask("8322", frozen)) == ["account.state"]
    released = {"psn_no": "1", "state": "active", "reason": "已核实"}
    assert (await supervisor.ask("8322", released))["output"] == {"before": "frozen", "account": "active"}
    assert kiosk.cash(10_000).code == "00"
    closed = {"psn_no": "1", "state": "closed", "reason": "出国定居"}
    assert (await supervisor.ask("8322", closed))["infcode"] == 0
    assert keys_of(await supervisor.ask("8322", released)) == ["account.state"], "only reviewers open it again"

    told = (await auditor.ask("8631", {"subject": "person:1"}))["output"]["links"]
    why = [json.loads(each["detail"])["why"] for each in told if each["event"] == "account state"]
    assert why == ["信息待核实", "已核实", "出国定居"]


@pytest.mark.req("S1-67")
async def test_a_pin_is_blocked_by_its_holder_or_by_order_until_a_counter_unblocks_it(line: Line, kiosk: Kiosk) -> None:
    terminal, whose = await visiting(line, kiosk)
    teller = await line.staff("t1", StaffRole.TELLER)
    supervisor = await line.staff("s1", StaffRole.SUPERVISOR)
    shown = {**SHOWN, "name": JIA.name, "document_read": True}

    assert (await terminal.ask("8309", whose))["output"]["state"] == "active"
    assert kiosk.quote(JIA).code == "38"
    assert (await teller.ask("8308", shown))["infcode"] == 0
    assert kiosk.quote(JIA).code == "00"
    assert (await supervisor.ask("8321", {**FREEZE, "act": "block_pin"}))["infcode"] == 0
    assert kiosk.quote(JIA).code == "38"
    assert (await teller.ask("8308", shown))["infcode"] == 0

    whose["mdtrt_cert_no"] = kiosk.quote(JIA).reference or ""
    told = (await terminal.ask("8414", whose))["output"]["notices"]
    assert {each["kind"] for each in told} == {"pin_blocked"}
    assert told[0]["text_en"].startswith("The PIN of your card is blocked.")
    assert keys_of(await teller.ask("8309", {**SHOWN, "name": "别人"})) == ["name.differs"]
