"""What tests of the ledger begin with, and the fewest words for what happens in it."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from simulators.authority.applications.bank import account_of_card
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.draws import Approval, Draw, ExchangeKey, Key, confirm, find_draw, hold
from simulators.authority.money_line.terminals import register_terminal
from simulators.authority.people.register import load_people
from simulators.authority.policy.decision import decide
from simulators.authority.policy.decision_store import store_decision
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.question import Ask, Facts
from tests.simulators.authority.kiosk import JIA, SHENZHEN, TMK, WEIHAI, YI, Clock

AT = Clock().now()
TODAY = date(2026, 5, 20)
TERMINAL = "K0000001"


def open_books(connection: Connection, *, balances: tuple[int, int] = (1_000_000, 500_000)) -> None:
    """JIA and YI with their balances, the terminal, and decision 1."""
    hsm = SoftHsm(b"M" * 32, bytes)
    people = [replace(who, opening_balance_fen=fen) for who, fen in zip((JIA, YI), balances, strict=True)]
    load_people(connection, hsm, people, AT)
    register_terminal(connection, hsm, TERMINAL, "371000000000001", SHENZHEN, TMK)
    policy = PolicyBook.load().in_force(WEIHAI, TODAY)
    assert policy is not None
    store_decision(connection, decide(policy, policy, Facts(1_000_000), Ask(AT, 100)), 1, TERMINAL)


def key(stan: int, on: date = TODAY, terminal: str = TERMINAL, batch: int = 1) -> ExchangeKey:
    """An exchange of the terminal."""
    return ExchangeKey(terminal, batch, stan, on)


def approve(connection: Connection, named: Key, fen: int, at: datetime = AT, **changes: Any) -> Draw:
    """A hold of person 1 in Shenzhen, or as `changes` say."""
    approval = replace(Approval(1, fen, WEIHAI, SHENZHEN, "TREATMENT_AWAY", 1), **changes)
    hold(connection, named, approval, at)
    return found(connection, named)


def pay(connection: Connection, named: Key, fen: int, at: datetime = AT, **changes: Any) -> Draw:
    """A hold that is paid out whole."""
    draw = approve(connection, named, fen, at, **changes)
    confirm(connection, named, fen, draw.place, at)
    return found(connection, named)


def application(connection: Connection, fen: int) -> int:
    """An approved application of person 1; its id."""
    return grant(connection, 1, Granted(SHENZHEN, fen), AT).id


def own_account(connection: Connection) -> int:
    """The bank account of person 1's card; its id."""
    account = account_of_card(connection, SoftHsm(b"M" * 32, bytes), 1)
    assert account is not None
    return account.id


def found(connection: Connection, named: Key) -> Draw:
    """The draw, which has to be there."""
    draw = find_draw(connection, named)
    assert draw is not None
    return draw
