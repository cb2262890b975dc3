"""Two channels at once: the sum never exceeds what one of them may pay."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from simulators.authority.database import Database
from simulators.authority.ledger.draws import Approval, confirm, hold, unheld_fen
from simulators.authority.ledger.fund_parts import wrong_parts
from simulators.authority.ledger.ledger import ledger_balanced, wrong_balances
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.ledger.usage import application_used
from tests import postgresql
from tests.simulators.authority.kiosk import SHENZHEN, WEIHAI
from tests.simulators.authority.ledger.books import AT, application, key, open_books

CHANNELS, EACH, APPROVED = 8, 30_000, 100_000


@pytest.mark.real_time
@pytest.mark.req("S1-62", "S2-69")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_channels_at_once_never_pay_more_than_the_application_has_left(tmp_path: Path, kind: str) -> None:
    if kind == "sqlite":
        _race(str(tmp_path / "authority.db"))
        return
    if postgresql.programs() is None:
        pytest.skip(postgresql.MISSING)
    with postgresql.server() as server:
        _race(server.create())


def _race(url: str) -> None:
    """Each channel checks the remainder, holds if it suffices, and confirms: 3 of 8 can."""
    database = Database(url, connections=CHANNELS)
    with database.transaction() as connection:
        open_books(connection)
        shared = application(connection, APPROVED)
    begin = Barrier(CHANNELS)

    def channel(number: int) -> bool:
        begin.wait()
        with database.transaction() as connection:
            lock_person(connection, 1)
            used, _ = application_used(connection, shared)
            if min(APPROVED - used, unheld_fen(connection, 1)) < EACH:
                return False
            approval = Approval(1, EACH, WEIHAI, SHENZHEN, "TREATMENT_AWAY", 1, application_id=shared)
            hold(connection, key(number), approval, AT)
        with database.transaction() as connection:
            confirm(connection, key(number), EACH, SHENZHEN, AT)
        return True

    with ThreadPoolExecutor(CHANNELS) as channels:
        paid = list(channels.map(channel, range(1, CHANNELS + 1)))
    with database.transaction() as connection:
        assert sum(paid) == APPROVED // EACH
        assert application_used(connection, shared) == (90_000, 3)
        assert unheld_fen(connection, 1) == 910_000
        assert (ledger_balanced(connection), wrong_balances(connection), wrong_parts(connection)) == (True, [], [])
    database.close()
