from datetime import UTC, datetime

import pytest

from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.supervision.links import link_contacts, persons_sharing
from simulators.authority.tables.supervision import LinkKind
from tests.simulators.authority.kiosk import JIA, YI, Clock, make_authority

AT = datetime(2026, 3, 2, tzinfo=UTC)
HSM = SoftHsm(b"M" * 32, bytes)


@pytest.mark.req("S1-39")
def test_persons_with_one_phone_or_account_are_counted(clock: Clock) -> None:
    database = Database()
    make_authority(clock, JIA, YI, database=database)
    with database.transaction() as connection:
        link_contacts(connection, HSM, 1, AT, "13800000000", 7)
        link_contacts(connection, HSM, 1, AT, "13800000000", 8)
        link_contacts(connection, HSM, 2, AT, "13900000000", 8)
        assert persons_sharing(connection, 1) == {LinkKind.PHONE: 1, LinkKind.PAYEE: 2}
        link_contacts(connection, HSM, 2, AT, "13800000000", None)
        assert persons_sharing(connection, 2) == {LinkKind.PHONE: 2, LinkKind.PAYEE: 2}
        stored = connection.exec_driver_sql("SELECT * FROM links").all()
    assert "13800000000" not in str(stored)
