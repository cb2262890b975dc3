"""The end of a batch: totals that agree, totals that differ, uploads, and what comes twice or out of order."""

import pytest
from sqlalchemy import select

from protocol.money_line import NetworkCode, SettlementReply, SettlementResult, Totals
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.money_line.batches import Difference, batch_totals, differences
from simulators.authority.tables.money_line import BatchState, batches
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk, make_authority

NOTHING = Totals()


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def authority(clock: Clock, database: Database) -> Authority:
    return make_authority(clock, JIA, YI, database=database)


def paid(kiosk: Kiosk, fen: int, of_fen: int | None = None) -> None:
    """A payout from request to confirm."""
    kiosk.confirm(kiosk.cash(of_fen or fen), fen)


def kinds(authority: Authority) -> list[str]:
    return [incident.kind for incident in authority.incidents()]


@pytest.mark.req("S1-05")
def test_totals_that_agree_close_the_batch_and_open_the_next(kiosk: Kiosk) -> None:
    paid(kiosk, 50_000)
    paid(kiosk, 20_000, of_fen=30_000)
    kiosk.reverse(kiosk.cash_request(40_000))

    reply = kiosk.settle(Totals(debit_fen=70_000, debit_count=2))

    assert reply.code == "00"
    assert reply.settlement is not None
    assert reply.settlement.balanced
    assert kiosk.sign_on().batch == 2
    assert kiosk.settle(NOTHING).code == "00", "the next batch begins with nothing"


def test_a_settlement_whose_answer_was_lost_is_answered_again_and_closes_nothing_more(kiosk: Kiosk) -> None:
    paid(kiosk, 50_000)
    request = kiosk.settlement_of(Totals(debit_fen=50_000, debit_count=1))

    replies = [kiosk.tell(request, SettlementReply) for _ in range(3)]

    assert [reply.code for reply in replies] == ["00"] * 3
    assert replies[0] == replies[2]
    assert kiosk.sign_on().batch == 2


@pytest.mark.parametrize(
    "totals",
    [
        NOTHING,
        Totals(debit_fen=50_000, debit_count=2),
        Totals(debit_fen=49_999, debit_count=1),
        Totals(debit_fen=50_000, debit_count=1, credit_fen=1, credit_count=1),
    ],
)
def test_totals_that_differ_are_told_and_close_nothing(kiosk: Kiosk, authority: Authority, totals: Totals) -> None:
    paid(kiosk, 50_000)

    reply = kiosk.settle(totals)

    assert reply.code == "79"
    assert reply.settlement is not None
    assert reply.settlement.domestic_result is SettlementResult.NOT_BALANCED
    assert reply.settlement.foreign_result is SettlementResult.BALANCED
    assert kiosk.sign_on().batch == 1
    assert "totals differ" in kinds(authority)


def test_totals_of_foreign_cards_never_balance_because_there_are_none(kiosk: Kiosk) -> None:
    reply = kiosk.tell(kiosk.settlement_of(NOTHING, foreign=Totals(debit_fen=1, debit_count=1)), SettlementReply)

    assert reply.code == "79"
    assert reply.settlement is not None
    assert reply.settlement.foreign_result is SettlementResult.NOT_BALANCED


@pytest.mark.req("S1-05")
def test_an_upload_names_each_payout_that_differs_and_the_next_batch_is_clean(
    kiosk: Kiosk, authority: Authority, database: Database
) -> None:
    first, second, third = (kiosk.cash(fen) for fen in (50_000, 20_000, 30_000))
    kiosk.confirm(first, 50_000)
    kiosk.confirm(second, 20_000)
    before = authority.balance_fen(JIA.pan)

    assert kiosk.settle(Totals(debit_fen=75_000, debit_count=2)).code == "79"
    assert kiosk.upload(first, 50_000).code == "00"
    assert kiosk.upload(third, 25_000).code == "00"
    assert kiosk.end_upload(2).code == "00"

    with database.transaction() as connection:
        row = connection.execute(select(batches)).mappings().one()
        found = differences(connection, row["id"])
    assert row["state"] == BatchState.DIFFERENT
    assert found == (Difference(second.stan, None, 20_000), Difference(third.stan, 25_000, None))
    assert kinds(authority).count("payout differs") == 2
    assert authority.balance_fen(JIA.pan) == before, "an upload posts nothing"
    assert kiosk.sign_on().batch == 2
    assert kiosk.settle(NOTHING).code == "00"


def test_an_upload_that_is_repeated_counts_once(kiosk: Kiosk) -> None:
    approved = kiosk.cash(50_000)
    kiosk.confirm(approved, 50_000)
    kiosk.settle(NOTHING)

    assert [kiosk.upload(approved, fen).code for fen in (50_000, 50_000, 40_000)] == ["00", "00", "94"]
    assert [kiosk.end_upload(1).code for _ in range(2)] == ["00", "00"]
    assert kiosk.upload(approved, 50_000).code == "00"
    assert kiosk.sign_on().batch == 2


def test_an_upload_that_is_not_complete_is_not_closed(kiosk: Kiosk, authority: Authority) -> None:
    approved = kiosk.cash(50_000)
    kiosk.settle(Totals(debit_fen=50_000, debit_count=1))
    kiosk.upload(approved, 50_000)

    assert kiosk.end_upload(2).code == "95"
    assert kiosk.sign_on().batch == 1
    assert "upload incomplete" in kinds(authority)


def test_an_upload_without_a_settlement_is_refused_and_logged(kiosk: Kiosk, authority: Authority) -> None:
    approved = kiosk.cash(50_000)

    assert kiosk.upload(approved, 50_000).code == "12"
    assert kiosk.end_upload(0).code == "12"
    assert kinds(authority) == ["out of order"] * 2


def test_a_closed_batch_takes_no_further_payout_and_no_other_totals(kiosk: Kiosk) -> None:
    approved = kiosk.cash(50_000)
    kiosk.settle(NOTHING)

    assert kiosk.upload(approved, 50_000).code == "12"
    assert kiosk.settle(Totals(debit_fen=50_000, debit_count=1)).code == "94"


def test_a_batch_that_is_not_open_can_not_be_settled(kiosk: Kiosk) -> None:
    kiosk.batch = 5

    reply = kiosk.settle(NOTHING)

    assert (reply.code, reply.settlement) == ("77", None)


def test_an_end_of_another_kind_is_not_supported(kiosk: Kiosk) -> None:
    assert kiosk.end_upload(0, network=NetworkCode.ECHO).code == "40"


def test_a_confirm_that_comes_after_the_settlement_still_counts_on_the_account(
    kiosk: Kiosk, authority: Authority, database: Database
) -> None:
    approved = kiosk.cash(50_000)
    kiosk.settle(NOTHING)

    assert kiosk.confirm(approved, 50_000).code == "00"
    assert authority.account_debit_fen(JIA.pan) == 50_000
    with database.transaction() as connection:
        assert batch_totals(connection, kiosk.id, 1) == Totals(debit_fen=50_000, debit_count=1)


def test_a_terminal_that_is_signed_off_can_not_settle(kiosk: Kiosk) -> None:
    kiosk.sign_off()

    assert kiosk.settle(NOTHING).code == "58"


@pytest.mark.req("S1-15")
def test_a_settlement_with_a_wrong_mac_is_refused(kiosk: Kiosk, authority: Authority) -> None:
    kiosk.mak = bytes(16)
    reply = kiosk.send(kiosk.sealed(kiosk.settlement_of(NOTHING)))

    assert reply is not None
    assert reply.text(39) == "A0"
    assert reply.mac is not None
    assert kinds(authority) == ["wrong MAC"]
