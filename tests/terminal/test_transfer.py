"""Money to the own bank account instead of notes, in front of the real authority."""

import asyncio
from pathlib import Path

import pytest

from protocol.money_line import ResponseCode, TransferRequest
from protocol.service_line.information import VERIFY_RECEIPT, ReceiptInput, ReceiptOutput
from simulators.authority.hsm import SoftHsm
from simulators.bench.bench import Bench
from simulators.bench.customer import Customer, Plan
from simulators.bench.file import load_bench
from simulators.bench.scenarios import APPLY
from simulators.world.cards import issue
from simulators.world.people import person
from terminal.journal import Entry
from terminal.pages.offers import TRANSFER
from terminal.texts import render
from terminal.view import Screen, View

JIA = person("jia")
PAY = Plan(path=(TRANSFER, "type", "#500", "pay", "print", "return_card"), amount=0)
APPLIES = Plan(path=APPLY, amount=0)


class Desk:
    """A bench with JIA in front of it."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(load_bench(), folder=folder, seed=1)
        self.views: list[View] = []
        self.bench.session.subscribe(self.views.append)
        self.customer = Customer(JIA, issue(JIA), self.bench.surroundings(), self.bench.world.chance("customer"))

    async def visits(self, *plans: Plan) -> None:
        running = asyncio.ensure_future(self.bench.run())
        try:
            for plan in plans:
                async with asyncio.timeout(600):
                    await self.customer.visit(plan)
            await asyncio.sleep(30)
            self.receipt = await self._verified()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _verified(self) -> object:
        """What anybody is told of reference and check code on the screen."""
        told = {line.key: line.values for view in self.views for line in view.lines if view.screen is Screen.TRANSFER}
        if "transfer.check_code" not in told:
            return None
        reference, code = told["common.reference"]["reference"], told["transfer.check_code"]["code"]
        line = self.bench.equipment.service
        assert line is not None
        return await line.ask(VERIFY_RECEIPT, ReceiptInput(reference=str(reference), check_code=str(code)))

    @property
    def ending(self) -> str:
        return [record.data["ending"] for record in self.bench.journal.records(Entry.VISIT_ENDED)][-1]  # type: ignore[no-any-return]

    def said(self) -> str:
        return "\n".join(
            render(line, "zh_CN") for view in self.views for line in view.lines if view.screen is Screen.TRANSFER
        )


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.req("S2-67")
async def test_what_is_approved_is_paid_once_and_the_slip_can_be_verified_later(desk: Desk) -> None:
    await desk.visits(APPLIES, PAY)

    assert desk.ending == "transferred"
    assert desk.bench.authority.account_debit_fen(JIA.pan) == 500_00
    assert desk.bench.authority.held_fen(JIA.pan) == 0
    assert "已向本人银行账户转出 500.00 元" in desk.said()
    assert JIA.pan not in desk.said()
    assert any("已向本人银行账户转出" in slip for slip in desk.customer.receipts)
    assert isinstance(desk.receipt, ReceiptOutput)
    assert desk.receipt.amount_fen == 500_00
    assert desk.customer.notes == []
    desk.bench.close()


@pytest.mark.req("S1-42")
async def test_a_transfer_without_an_answer_is_given_back_and_no_cash_follows_in_this_visit(desk: Desk) -> None:
    desk.bench.authority.faults.lose_reply_on[TransferRequest] = 1

    await desk.visits(APPLIES, PAY)

    assert desk.ending == "no_answer"
    assert desk.bench.authority.account_debit_fen(JIA.pan) == 0
    assert desk.bench.authority.held_fen(JIA.pan) == 0
    last = [view for view in desk.views if view.screen is Screen.TRANSFER][-1]
    assert [choice.id for choice in last.choices] == ["return_card"]
    assert desk.bench.equipment.money.open_advices == ()
    desk.bench.close()


async def test_a_card_that_does_not_know_the_answer_as_its_issuers_gets_the_money_back_on_the_account(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SoftHsm, "answer_to_card", lambda *_: bytes(8) + ResponseCode.APPROVED.encode())

    await desk.visits(APPLIES, PAY)

    assert Entry.ISSUER_REFUSED in [record.kind for record in desk.bench.journal.records()]
    assert desk.ending == "no_answer"
    assert desk.bench.authority.account_debit_fen(JIA.pan) == 0
    assert desk.bench.authority.held_fen(JIA.pan) == 0
    assert desk.bench.equipment.money.open_advices == ()
    desk.bench.close()


@pytest.mark.req("S2-69")
async def test_more_than_is_available_is_refused_before_the_host_is_asked(desk: Desk) -> None:
    await desk.visits(Plan(path=(TRANSFER, "type", "#0", "type", "#900000", "menu"), amount=0))

    assert "超出可用余额" in desk.said()
    assert "金额须大于零" in desk.said()
    assert desk.bench.authority.account_debit_fen(JIA.pan) == 0
    desk.bench.close()


async def test_a_transfer_that_a_rule_refuses_names_the_rule_and_something_else_can_be_done(desk: Desk) -> None:
    await desk.visits(Plan(path=(TRANSFER, "type", "#8000", "pay", "menu"), amount=200))

    assert "依据" in desk.said()
    assert desk.ending == "paid"
    assert sum(note.denomination for note in desk.customer.notes) == 200
    desk.bench.close()
