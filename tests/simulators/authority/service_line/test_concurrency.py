"""The same message at many doors at once: it is done once, and everybody hears the same answer."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.tables.service_line import ratings
from tests.simulators.authority.kiosk import Clock
from tests.simulators.authority.service_line.line import Line

DOORS = 6


@pytest.mark.real_time
@pytest.mark.req("S2-69")
def test_a_message_that_comes_by_many_doors_at_once_is_done_once(
    tmp_path_factory: pytest.TempPathFactory, clock: Clock
) -> None:
    made = Database()
    url = made.engine.url.render_as_string(hide_password=False)
    at = tmp_path_factory.mktemp("authority") / "authority.db" if made.engine.dialect.name == "sqlite" else url
    databases = [Database(at) for _ in range(DOORS)]
    lines = [Line(clock, database, SoftHsm(b"M" * 32, os.urandom)) for database in databases]
    terminal = asyncio.run(lines[0].terminal())
    asked = [terminal.envelope("8405", {"stars": stars}) for stars in (1, 2, 3)]
    together = Barrier(DOORS)

    def door(line: Line) -> list[str]:
        heard = []
        for envelope in asked:
            together.wait()
            heard.append(str(asyncio.run(line.send("8405", envelope))))
        return heard

    with ThreadPoolExecutor(DOORS) as doors:
        heard = list(doors.map(door, lines))
    with databases[0].transaction() as connection:
        kept = connection.scalar(select(func.count()).select_from(ratings))
    for database in (made, *databases):
        database.close()

    assert kept == len(asked)
    assert all(each == heard[0] for each in heard)
    assert all("'infcode': 0" in answer for answer in heard[0])
