"""Pages in front of the real authority: a person at a bench in virtual time, and what stands on the screen."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from simulators.authority.tables.service_line import ratings
from simulators.bench.bench import Bench
from simulators.bench.customer import Customer, Plan
from simulators.bench.file import load_bench
from simulators.world.cards import issue
from simulators.world.people import person
from terminal.journal import Entry
from terminal.pages.offers import ACCOUNT, APPLICATION, INVOICES, LOSS, POLICY
from terminal.pages.page import MENU
from terminal.texts import complaints, render
from terminal.view import Choose, Fen, Screen, View

SLOW_CHANCE = 3
"""Seed of the benches here."""


@dataclass
class Visited:
    """What a visit left behind."""

    views: list[View] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)
    notes: int = 0
    printed: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def of(self, screen: Screen) -> list[View]:
        return [view for view in self.views if view.screen is screen]

    def said(self, screen: Screen) -> str:
        """All that stood on these screens, in Chinese."""
        texts = []
        for view in self.of(screen):
            cells = [cell for row in view.table.rows for cell in row] if view.table else []
            words = (view.title, *view.lines, *cells, *(choice.words for choice in view.choices))
            assert [complaint for said in words for complaint in complaints(said)] == []
            assert len(view.choices) <= 9
            texts += [render(said, "zh_CN") for said in words]
        return "\n".join(texts)


async def visited(
    folder: Path, *plans: Plan | Callable[[Visited], Plan], who: str = "jia", down: bool = False
) -> Visited:
    """One person comes as often as there are plans; a plan may build on what was seen before."""
    bench = Bench(load_bench(), folder=folder, seed=SLOW_CHANCE)
    bench.service_door.down = down
    left = Visited()
    bench.session.subscribe(left.views.append)
    running = asyncio.ensure_future(bench.run())
    somebody, card = person(who), issue(person(who))
    try:
        for number, plan in enumerate(plans):
            customer = Customer(somebody, card, bench.surroundings(), bench.world.chance(f"customer {number}"))
            await customer.visit(plan if isinstance(plan, Plan) else plan(left))
            left.notes += sum(note.denomination for note in customer.notes)
            left.printed += customer.receipts
        left.endings = [record.data["ending"] for record in bench.journal.records(Entry.VISIT_ENDED)]
        left.kinds = [record.kind for record in bench.journal.records()]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        bench.close()
    return left


def only(*path: str) -> Plan:
    """Somebody who wants no cash."""
    return Plan(path=path, amount=0)


@pytest.mark.req("S1-10", "S2-44")
async def test_the_history_tells_credits_apart_from_draws_and_cash_can_be_had_after_it(tmp_path: Path) -> None:
    left = await visited(tmp_path, Plan(amount=300), only(ACCOUNT, "history", "draws", "back", "credits", "menu"))

    assert left.endings == ["paid", "enquired"]
    summary = next(view for view in left.of(Screen.HISTORY) if view.table is None)
    sums = {line.key: line.values["amount"] for line in summary.lines}
    assert sums["history.draws"] == Fen(300_00)
    assert isinstance(sums["history.credits"], Fen)
    (draws,) = [view.table for view in left.of(Screen.HISTORY) if view.title.key == "history.show_draws"][:1]
    assert draws is not None
    row = [render(cell, "zh_CN") for cell in draws.rows[0]]
    assert row[1:4] == ["支取", "深圳", "-300.00"]


@pytest.mark.req("S2-54")
async def test_whoever_applied_finds_the_notice_of_it_behind_the_pin_and_marks_it_read(tmp_path: Path) -> None:
    left = await visited(
        tmp_path, only(APPLICATION, "apply", *FORM), only(ACCOUNT, "notices", "read", "menu", "return_card")
    )

    pages = [view for view in left.of(Screen.ACCOUNT) if view.title.key == "notices.title"]
    before, after = pages[0], pages[-1]
    assert before.table is not None
    assert after.table is not None
    number = before.lines[0].values["number"]
    assert number == len(before.table.rows)
    assert any("您的申请" in render(cell, "zh_CN") for row in before.table.rows for cell in row)
    assert {render(row[-1], "zh_CN") for row in before.table.rows} == {"未读"}
    assert {render(row[-1], "zh_CN") for row in after.table.rows} == {"已读"}
    assert after.lines[0].values["number"] == 0
    assert [choice.id for choice in after.choices] == [MENU]
    assert "我的消息" in left.said(Screen.ACCOUNT)


@pytest.mark.req("S1-58", "S1-69", "S1-78", "S1-86", "S2-46")
async def test_with_a_card_the_policy_query_shows_both_rules_the_stricter_of_both_contacts_and_a_checklist(
    tmp_path: Path,
) -> None:
    left = await visited(
        tmp_path,
        only(POLICY, "440300", "combined", "up", "home", "up", "contacts", "up", "scope", "up", "checklist", "print"),
    )

    said = left.said(Screen.POLICY)
    assert "参保地:威海" in said
    assert "就医地:深圳" in said
    for title in ("合并规则", "参保地规则", "联系方式", "准备清单", "使用范围和条件"):
        assert title in said
    assert "2026" in said, "every item names the version it comes from"
    assert any("准备清单" in slip for slip in left.printed)
    assert Entry.SLIP_PRINTED in left.kinds


@pytest.mark.req("S1-52", "S1-58")
async def test_without_a_card_the_same_query_is_answered(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    running = asyncio.ensure_future(bench.run())
    try:
        await bench.scene.until(lambda: bench.session.view.screen is Screen.IDLE)
        for title, choice in (
            ("idle.title", "information"),
            ("help.title", "policy"),
            ("policy.home", "371000"),
            ("policy.destination", "440300"),
        ):
            await shown(bench, title)
            await bench.session.intent(Choose(choice))
        await shown(bench, "policy.title")
        text = "\n".join(render(line, "zh_CN") for line in bench.session.view.lines)
        assert "威海" in text
        assert "深圳" in text
        assert bench.session.state == "information"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        bench.close()


async def shown(bench: Bench, title: str) -> None:
    """Until a page with this title is on the screen."""
    async with asyncio.timeout(100):
        await bench.scene.until(lambda: bench.session.view.title.key == title)


FORM = ("440300", "TREATMENT_AWAY", "DRUGS", "type", "#3000", "type", "#13800005678", "submit")


@pytest.mark.req("S2-53")
async def test_an_application_is_made_with_touches_and_digits_and_decided_or_explained_at_once(tmp_path: Path) -> None:
    left = await visited(tmp_path, only(APPLICATION, "apply", *FORM), only(APPLICATION, "status"))

    answered = left.said(Screen.APPLICATION) + left.said(Screen.UNAVAILABLE)
    assert "申请编号" in answered or "没有申请记录" in answered
    assert Entry.SERVICE_REQUEST in left.kinds
    assert left.endings == ["enquired", "enquired"]


@pytest.mark.parametrize(
    "path", [(ACCOUNT, "history"), (APPLICATION, "status"), (POLICY, "440300"), (LOSS, "report"), ("invoices",)]
)
async def test_a_service_line_that_is_down_is_told_and_cash_can_still_be_had(
    tmp_path: Path, path: Sequence[str]
) -> None:
    left = await visited(tmp_path, Plan(path=(*path, "menu"), amount=200), down=True)

    assert "暂时连接不到服务系统" in left.said(Screen.UNAVAILABLE)
    assert left.endings == ["paid"]
    assert left.notes == 200
    bench_ids = [kind for kind in left.kinds if kind == Entry.SERVICE_ANSWER]
    assert bench_ids, "that it was not reached is on record"


async def test_numbers_that_are_typed_wrong_are_asked_for_again(tmp_path: Path) -> None:
    left = await visited(
        tmp_path,
        only(APPLICATION, "apply", "440300", "TREATMENT_AWAY", "DRUGS", "type", "#0", "type", "#100", "type", "#123"),
    )

    said = left.said(Screen.APPLY)
    assert "金额须大于零" in said
    assert "手机号码不正确" in said


@pytest.mark.req("S1-68")
async def test_no_full_number_of_a_person_stands_on_any_page(tmp_path: Path) -> None:
    jia = person("jia")
    left = await visited(
        tmp_path, only(APPLICATION, "apply", *FORM), only(ACCOUNT, "history", "print"), only(LOSS, "report")
    )

    everything = "\n".join(left.said(screen) for screen in Screen) + "\n".join(left.printed)
    for secret in (jia.pan, jia.id_number, jia.pin, jia.name):
        assert secret not in everything


@pytest.mark.req("S2-37")
async def test_a_visit_can_be_rated_at_its_end_and_the_rating_has_no_name(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    running = asyncio.ensure_future(bench.run())
    jia = person("jia")
    try:
        customer = Customer(jia, issue(jia), bench.surroundings(), bench.world.chance("customer"))
        await customer.visit(Plan(amount=200, stars=4))
        with bench.behind.database.transaction() as connection:
            (row,) = connection.execute(ratings.select()).mappings().all()
        (request,) = bench.journal.records(Entry.SERVICE_REQUEST)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        bench.close()

    assert row["stars"] == 4
    assert set(row) <= {"id", "day", "channel", "stars"}
    assert request.transaction is None
    assert "stars" not in request.data


@pytest.mark.req("S1-32")
async def test_an_invoice_is_handed_in_at_the_screen_counts_towards_its_case_and_counts_once(tmp_path: Path) -> None:
    def handing_in(seen: Visited) -> Plan:
        case = next(choice.id for view in seen.of(Screen.INVOICES) for choice in view.choices if choice.id != MENU)
        digits = ("#04400260011223344556", "type", "#20261199", "type", "#20261123", "type", "#12050")
        return only(INVOICES, case, "hand_in", "DRUGS", "type", *digits, "only_me", "print", "menu")

    left = await visited(tmp_path, Plan(amount=300), only(INVOICES, "menu"), handing_in, handing_in)

    said = left.said(Screen.INVOICES)
    assert "日期不正确" in said, "a day that no month has is typed first"
    assert "发票号码:04400260011223344556" in said
    taken = [view for view in left.of(Screen.INVOICES) if view.lines and view.lines[0].key == "invoices.taken"]
    assert {line.values["amount"] for view in taken for line in view.lines if line.key == "invoices.proven"} == {
        Fen(120_50)
    }
    assert any("已由发票证明:120.50" in slip.replace("\n", "") for slip in left.printed)
    refused = left.said(Screen.UNAVAILABLE)
    assert "发票" in refused, "the same number a second time"
