import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from protocol.money_line import CashReply
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.supervision.cases import all_cases
from tests import postgresql
from tests.simulators.authority.kiosk import (
    ISSUER_KEY,
    JIA,
    NO_RISK,
    YI,
    Clock,
    Kiosk,
    chip_data,
    make_authority,
    with_pin,
)


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def kiosk(clock: Clock, database: Database) -> Kiosk:
    """A kiosk of an authority that checks cryptograms."""
    kiosk = Kiosk(make_authority(clock, JIA, YI, database=database, issuer_key=ISSUER_KEY))
    kiosk.sign_on()
    return kiosk


def quote(kiosk: Kiosk, counter: int, sequence: str = "001", pin: str = JIA.pin) -> str:
    data = chip_data(JIA, 0, counter=counter, sequence=sequence[-2:])
    return kiosk.quote(with_pin(JIA, pin), chip_data=data, pan_sequence=sequence).code


def incidents(kiosk: Kiosk) -> list[tuple[str, str]]:
    return [(incident.kind, incident.text) for incident in kiosk.authority.incidents()]


def test_each_request_of_a_visit_has_a_cryptogram_of_its_own(kiosk: Kiosk) -> None:
    """A wrong PIN uses one up too, and a visit that ended early leaves numbers out."""
    assert [quote(kiosk, 1, pin="999999"), quote(kiosk, 2)] == ["55", "00"]
    assert kiosk.cash(10_000, chip_data=chip_data(JIA, 10_000, counter=3), pan_sequence="001").code == "00"
    assert quote(kiosk, 9) == "00"
    assert quote(kiosk, 0xFFFF) == "00"
    assert incidents(kiosk) == []


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"\x9f",
        chip_data(YI, 10_000),
        chip_data(JIA, 20_000),
        chip_data(JIA, 10_000, bytes(16)),
        bytes.fromhex("9F0206000000010000") + chip_data(JIA, 20_000),
        chip_data(JIA, 10_000).replace(bytes.fromhex("9F36020001"), bytes.fromhex("9F3603FF0001")),
    ],
    ids=["none", "empty", "no TLV", "another card", "another amount", "a forged key", "two amounts", "a long counter"],
)
def test_a_chip_that_is_not_genuine_gets_nothing_and_is_told_to_supervision(kiosk: Kiosk, data: bytes | None) -> None:
    assert kiosk.cash(10_000, chip_data=data, pan_sequence="001").code == "05"
    assert incidents(kiosk) == [("wrong cryptogram", "card 621700*********0012")]
    assert kiosk.authority.draws() == ()
    assert quote(kiosk, 0) == "00", "what was not genuine counted nothing"


def test_a_cryptogram_of_an_earlier_request_gets_nothing_and_is_told_to_supervision(
    kiosk: Kiosk, database: Database
) -> None:
    """Nor does an older one that no request has brought yet; the PIN is not even looked at."""
    asked = chip_data(JIA, 10_000, counter=5)
    codes = [kiosk.cash(10_000, chip_data=asked, pan_sequence="001").code for _ in range(2)]
    assert codes == ["00", "05"]
    assert quote(kiosk, 4, pin="999999") == "05"

    again = "cryptogram used again"
    assert incidents(kiosk) == [
        (again, "card 621700*********0012: transaction 5 after 5"),
        (again, "card 621700*********0012: transaction 4 after 5"),
    ]
    assert [draw.amount_fen for draw in kiosk.authority.draws()] == [10_000]
    assert quote(kiosk, 5) == "05"
    with database.transaction() as connection:
        assert [case.text for case in all_cases(connection)] == ["copied_chip, 3 times"]
    assert quote(kiosk, 6) == "00", "the card itself goes on"


def test_the_same_request_again_gets_the_same_answer(kiosk: Kiosk) -> None:
    request = kiosk.cash_request(10_000, chip_data=chip_data(JIA, 10_000), pan_sequence="001")

    assert kiosk.tell(request, CashReply) == kiosk.tell(request, CashReply)
    assert incidents(kiosk) == []


def test_cards_of_one_number_count_for_themselves_by_two_digits(kiosk: Kiosk) -> None:
    assert [quote(kiosk, 7, "001"), quote(kiosk, 1, "002")] == ["00", "00"]
    assert quote(kiosk, 7, "101") == "05", "the card's key knows the last two digits only"


def test_where_it_is_not_asked_for_a_chip_may_say_nothing(clock: Clock) -> None:
    kiosk = Kiosk(make_authority(clock, JIA))
    kiosk.sign_on()

    assert [kiosk.cash(10_000).code, quote(kiosk, 3), quote(kiosk, 3)] == ["00", "00", "00"]


def test_of_copies_that_come_at_once_to_several_processes_one_counts(postgresql_server: postgresql.Server) -> None:
    url, clock = postgresql_server.create(), Clock()
    database = Database(url)
    first = Kiosk(make_authority(clock, JIA, database=database, issuer_key=ISSUER_KEY))
    kiosks, databases = [first], [database]
    for number in (2, 3):
        databases.append(Database(url))
        hsm = SoftHsm(b"M" * 32, random.Random(number).randbytes)
        beside = Authority(databases[-1], hsm, clock.now, issuer_key=ISSUER_KEY, risk=NO_RISK)
        kiosks.append(Kiosk(beside, name=f"K000000{number}"))
    for kiosk in kiosks:
        kiosk.sign_on()

    for counter in (1, 2):
        with ThreadPoolExecutor(len(kiosks)) as processes:
            codes = sorted(processes.map(lambda kiosk, counter=counter: quote(kiosk, counter), kiosks))
        assert codes == ["00", "05", "05"]
    for each in databases:
        each.close()
