"""What the bank says about payee accounts."""

import pytest
from sqlalchemy import Connection

from simulators.authority.applications.bank import (
    account_by_id,
    account_of_card,
    close_account,
    find_account,
    open_account,
)
from simulators.authority.hsm import SoftHsm
from tests.simulators.authority.kiosk import JIA, YI

OTHER = "6228480000000000013"


def test_every_card_brings_an_account_of_its_holder(connection: Connection, hsm: SoftHsm) -> None:
    by_number = find_account(connection, hsm, JIA.pan)
    by_person = account_of_card(connection, hsm, 1)

    assert by_number is not None
    assert by_number == by_person == find_account(connection, hsm, JIA.pan)
    assert by_number.is_of(hsm.index(JIA.id_number), JIA.name)
    assert not by_number.is_of(hsm.index(YI.id_number), YI.name)
    assert JIA.name not in repr(by_number)
    assert JIA.pan not in repr(by_number)


@pytest.mark.req("S1-38")
def test_an_account_is_of_a_person_by_id_number_and_by_name(connection: Connection, hsm: SoftHsm) -> None:
    account = account_by_id(connection, hsm, open_account(connection, hsm, OTHER, "买买提•测试", JIA.id_number))

    assert account.is_of(hsm.index(JIA.id_number), "买买提·测试")
    assert not account.is_of(hsm.index(JIA.id_number), JIA.name)
    assert not account.is_of(hsm.index(YI.id_number), "买买提·测试")


def test_a_closed_account_says_so(connection: Connection, hsm: SoftHsm) -> None:
    account = open_account(connection, hsm, OTHER, JIA.name, JIA.id_number)
    close_account(connection, account)
    found = find_account(connection, hsm, OTHER)

    assert found is not None
    assert (found.id, found.is_open) == (account, False)


def test_a_number_that_no_bank_knows(connection: Connection, hsm: SoftHsm) -> None:
    assert find_account(connection, hsm, OTHER) is None
    with pytest.raises(LookupError, match="no payee account 7"):
        account_by_id(connection, hsm, 7)
