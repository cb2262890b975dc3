"""An authority in memory with two insured people, and a kiosk in each of two regions.

Tests run on both databases: what a test asks for in memory is put on PostgreSQL the second time.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine

from simulators.authority import database
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from tests import postgresql
from tests.simulators.authority.kiosk import JIA, SHENZHEN, YI, Clock, Kiosk, make_authority

DATABASES = ("sqlite", "postgresql")

_OWN = frozenset(("tmp_path", "postgresql_server"))
"""Who asks for these says where its database is."""

_TOUCH = frozenset(("authority", "kiosk", "far_kiosk", "database", "connection"))


def uses_database(metafunc: pytest.Metafunc) -> bool:
    """Does a test ask for an authority or a database in memory? A property with many examples keeps to SQLite."""
    if hasattr(metafunc.function, "hypothesis") or not _OWN.isdisjoint(metafunc.fixturenames):
        return False
    names = vars(metafunc.module)
    return "Database" in names or "make_authority" in names or not _TOUCH.isdisjoint(metafunc.fixturenames)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """A server whose template has the authority's tables."""
    if postgresql.programs() is None:
        pytest.skip(postgresql.MISSING)
    with postgresql.server() as server:
        url = server.create()
        Database(url).close()
        server.say("ALTER DATABASE test_0 RENAME TO made")
        server.template = "made"
        yield server


@pytest.fixture(autouse=True)
def in_memory(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What databases in memory are made of."""
    if getattr(request, "param", DATABASES[0]) == DATABASES[0]:
        yield
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    real = database.open_engine
    with ExitStack() as made:

        def instead(at: Path | str | None, connections: int = 1) -> Engine:
            if at is not None:
                return real(at, connections)
            url = server.lend()
            engine = real(url, connections)
            made.callback(server.give_back, url)
            made.callback(engine.dispose)
            return engine

        monkeypatch.setattr(database, "open_engine", instead)
        monkeypatch.setattr(database, "create_tables", lambda _: None)  # what is lent has them
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that uses a database runs on both."""
    if uses_database(metafunc):
        metafunc.parametrize("in_memory", DATABASES, indirect=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authority(clock: Clock) -> Authority:
    return make_authority(clock, JIA, YI)


@pytest.fixture
def kiosk(authority: Authority) -> Kiosk:
    """A kiosk in JIA's own region, signed on."""
    kiosk = Kiosk(authority)
    kiosk.sign_on()
    return kiosk


@pytest.fixture
def far_kiosk(authority: Authority) -> Kiosk:
    """A kiosk in another region, signed on."""
    kiosk = Kiosk(authority, name="K4403001", merchant="440300000000001", region=SHENZHEN)
    kiosk.sign_on()
    return kiosk
