"""The load that a service agrees on, over real sockets: nobody is left without an answer, and the books are right."""

import asyncio
from itertools import cycle
from pathlib import Path

import pytest

from simulators.authority.database import Database
from simulators.authority.policy.policy_book import PolicyBook
from tests.bench.authority import FEN, Terminal
from tests.bench.authority_host import MERCHANT, WITHOUT_LIMITS, people, terminal
from tests.simulators.authority.kiosk import TMK, WEIHAI, Clock, make_authority

TERMINALS, PEOPLE = 200, 50


@pytest.mark.real_time
@pytest.mark.req("S1-92")
async def test_two_hundred_terminals_that_ask_at_once_are_all_paid_and_every_fen_is_booked(tmp_path: Path) -> None:
    persons = list(people(PEOPLE))
    authority = make_authority(
        Clock(), *persons, policies=PolicyBook([WITHOUT_LIMITS]), database=Database(tmp_path / "authority.db")
    )
    for number in range(TERMINALS):
        authority.register_terminal(terminal(number), MERCHANT, WEIHAI, TMK, cash_fen=FEN)
    server = await authority.serve_tcp("127.0.0.1", 0)
    port, who = server.sockets[0].getsockname()[1], cycle(persons)
    terminals = [Terminal(number, who, port) for number in range(TERMINALS)]
    try:
        await asyncio.gather(*(each.connect() for each in terminals))
        await asyncio.gather(*(each.withdraw_once() for each in terminals))
    finally:
        for each in terminals:
            await each.close()
        server.close()

    assert [len(each.answered) for each in terminals] == [2] * TERMINALS  # a request and its confirm
    assert [authority.terminal_cash_fen(each.id) for each in terminals] == [0] * TERMINALS
    assert {authority.account_debit_fen(each.pan) for each in persons} == {FEN * TERMINALS // PEOPLE}
    assert {authority.held_fen(each.pan) for each in persons} == {0}
    assert authority.ledger_balanced()
    assert not authority.incidents()
