"""8605 to 8607, 8621 to 8624, 8631 and 8632: what those who oversee the service read, and two-person suspensions."""

import pytest
from sqlalchemy import text

from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, SHENZHEN, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of

MAY = {"first": "2026-05-01", "last": "2026-05-31"}


@pytest.mark.req("S1-45", "S2-12", "S2-36", "S1-55")
async def test_figures_are_those_of_the_own_region_and_small_groups_have_none(
    line: Line, kiosk: Kiosk, far_kiosk: Kiosk
) -> None:
    here, far, head = [
        await line.staff(f"s{number}", StaffRole.SUPERVISOR, place)
        for number, place in enumerate(("371000", SHENZHEN, None))
    ]
    auditor = await line.staff("a1", StaffRole.AUDITOR, None)
    for each in (kiosk, far_kiosk):
        each.confirm(each.cash(10_000), 10_000)

    async def ids(caller: object, per: str) -> list[str]:
        answer = await caller.ask("8621", {**MAY, "per": per})  # type: ignore[attr-defined]
        return sorted(each["id"] for each in answer["output"]["ranked"])

    assert await ids(here, "terminal") == [kiosk.id]
    assert await ids(far, "provider") == [far_kiosk.merchant]
    assert await ids(auditor, "terminal") == sorted([kiosk.id, far_kiosk.id])
    ranked = (await here.ask("8621", {**MAY, "per": "terminal"}))["output"]["ranked"]
    assert (ranked[0]["requests"], ranked[0]["paid"], ranked[0]["success_percent"]) == (1, 1, "100.00")
    assert {each["matter"] for each in (await here.ask("8622", {"day": "2026-05-20"}))["output"]["indicators"]} == {
        "compliance", "information_security", "legal", "service",
    }  # fmt: skip

    told = (await head.ask("8623", MAY))["output"]
    assert told == {"least": 10, "groups": [{"name": "371000"}], "total": {"name": "total"}}
    report = (await here.ask("8624", MAY))["output"]
    assert (report["persons"], report["draws"], report["paid_fen"], report["proven_percent"]) == (1, 2, 20_000, 0)
    assert {each["region"] for each in report["ceilings"]} == {"371000"}
    assert keys_of(await far.ask("8624", {**MAY, "region": "371000"})) == ["number_unknown"]
    assert keys_of(await here.ask("8624", {"first": "2026-05-31", "last": "2026-05-01"})) == ["period_wrong"]

    (drawn,) = (await far.ask("8601", {"terminal": far_kiosk.id}))["output"]["withdrawals"]
    assert (await far.ask("8601", {"terminal": kiosk.id}))["output"]["withdrawals"] == []
    parties = [each["party"] for each in (await far.ask("8605", {"trace": drawn["trace"]}))["output"]["hops"]]
    assert parties[:3] == ["terminal", "bank", "authority"]
    assert keys_of(await far.ask("8605", {"trace": "nothing"})) == ["number_unknown"]


@pytest.mark.req("S2-08")
async def test_an_auditor_reads_and_verifies_the_chain_and_a_changed_act_shows(line: Line, kiosk: Kiosk) -> None:
    auditor, one = await line.staff("a1", StaffRole.AUDITOR, None), await line.staff("s1", StaffRole.SUPERVISOR)
    assert kiosk.batch

    assert keys_of(await one.ask("8631")) == ["supervision.only_in_the_own_region"]
    read = (await auditor.ask("8631", {"event": "staff added", "limit": 1}))["output"]
    assert ([each["subject"] for each in read["links"]], read["more"]) == (["staff:a1"], True)
    after = (await auditor.ask("8631", {"event": "staff added", "after": read["links"][0]["id"]}))["output"]
    assert [each["subject"] for each in after["links"]] == ["staff:s1"]
    state = (await auditor.ask("8632"))["output"]
    assert (state["whole"], state["links"] > 2) == (True, True)
    assert not (await auditor.ask("8632", {"head": "0" * 64}))["output"]["whole"]
    assert (await auditor.ask("8632", {"head": state["head"]}))["output"]["whole"]

    engine = line.rooms.database.engine
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.execute(text("DROP TRIGGER audit_events_no_update"))
            connection.execute(text("UPDATE audit_events SET actor = 'nobody' WHERE id = 2"))
        assert (await auditor.ask("8632"))["output"]["broken"] == 2


@pytest.mark.req("S2-57")
async def test_settlement_is_suspended_after_a_reviewer_has_entered_something(line: Line, kiosk: Kiosk) -> None:
    reviewer, away = await line.staff("r1", StaffRole.REVIEWER), await line.staff("r2", StaffRole.REVIEWER, SHENZHEN)
    supervisor = await line.staff("s1", StaffRole.SUPERVISOR)
    kiosk.cash(10_000)
    person = (await supervisor.ask("8601"))["output"]["withdrawals"][0]["psn_no"]
    asked = {"psn_no": person, "months": 3, "reason": "虚假发票"}
    entry = {"psn_no": person, "event": "false_invoice", "reason": "虚假发票"}

    assert keys_of(await supervisor.ask("8607", asked)) == ["sanction.no_review"]
    assert keys_of(await away.ask("8606", entry)) == ["actor.only_home_region"]
    assert (await reviewer.ask("8606", entry))["infcode"] == 0
    assert keys_of(await supervisor.ask("8607", {**asked, "months": 13})) == ["suspension.months"]
    made = await supervisor.ask("8607", asked)
    assert await line.send("8607", supervisor.last) == made
    assert kiosk.cash(10_000).code == "62"
    assert len((await supervisor.ask("8604"))["output"]["orders"]) == 1
    assert JIA.name not in str(made)
