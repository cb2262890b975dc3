from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.money_line.terminals import Terminal, find_terminal, register_terminal, sign_off, sign_on
from tests.simulators.authority.kiosk import TMK, WEIHAI, Clock

HSM = SoftHsm(b"M" * 32, bytes)
AT = Clock().now()


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Database().transaction() as connection:
        register_terminal(connection, HSM, "K0000001", "371000000000001", WEIHAI, TMK)
        yield connection


def terminal_in(connection: Connection) -> Terminal:
    terminal = find_terminal(connection, "K0000001")
    assert terminal is not None
    return terminal


def test_a_new_terminal_has_no_working_keys(connection: Connection) -> None:
    terminal = terminal_in(connection)

    assert (terminal.pik, terminal.mak, terminal.signed_on_at, terminal.batch) == (None, None, None, 1)
    assert find_terminal(connection, "K0000002") is None


def test_a_sign_off_keeps_the_keys_for_advices(connection: Connection) -> None:
    sign_on(connection, HSM, terminal_in(connection), AT)
    assert terminal_in(connection).signed_on_at == AT
    sign_off(connection, terminal_in(connection))

    assert terminal_in(connection).signed_on_at is None
    assert terminal_in(connection).mak is not None


def test_a_terminal_does_not_show_its_keys(connection: Connection) -> None:
    sign_on(connection, HSM, terminal_in(connection), AT)
    terminal = terminal_in(connection)

    for key in (terminal.tmk, terminal.pik, terminal.mak):
        assert repr(key) not in repr(terminal)
