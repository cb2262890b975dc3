"""What the terminal remembers of its exchanges, read back from the journal."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.money_line import Original, ProcessingCode, ResponseCode
from terminal.host_memory import (
    BLOCK,
    HIGHEST_STAN,
    Advice,
    AdviceKind,
    CashRequested,
    HostMemory,
    StanExhausted,
    advice_data,
    cash_request_data,
    exchange_data,
)
from terminal.journal import Entry, Record

EXCHANGE = Original(7, 123, "0105")
REQUESTED = CashRequested(EXCHANGE, 50_000, "051", "001", "visit1", sealed="sealed")
ADVICE = Advice(
    kind=AdviceKind.REVERSAL,
    stan=123,
    exchange=EXCHANGE,
    original=EXCHANGE,
    amount_fen=50_000,
    cause="98",
    reference=None,
    authorisation=None,
    units=(),
    entry_mode="051",
    pan_sequence="001",
    transaction="visit1",
    sealed="sealed",
)


def record(kind: Entry, **data: object) -> Record:
    return Record(1, "", kind, "visit1", dict(data), "", "")


def request(stan: int, date: str = "0105") -> Record:
    return record(Entry.HOST_REQUEST, batch=7, stan=stan, date=date)


CASH = record(Entry.HOST_REQUEST, **exchange_data(EXCHANGE), **cash_request_data(REQUESTED))
APPROVAL = record(
    Entry.HOST_REPLY,
    **exchange_data(EXCHANGE),
    code="00",
    approved=True,
    host_date="0106",
    reference="000000000002",
    authorisation="A12345",
)
DECLINE = record(Entry.HOST_REPLY, **exchange_data(EXCHANGE), code="51")
STORED = record(Entry.ADVICE_STORED, **advice_data(ADVICE, "0105"))
ENDED = record(Entry.ADVICE_ANSWERED, **exchange_data(EXCHANGE), ended=True)
REFUSED = record(Entry.ADVICE_ANSWERED, **exchange_data(EXCHANGE), ended=False)


def test_a_request_is_pending_until_it_is_answered() -> None:
    assert HostMemory([CASH]).pending == {EXCHANGE: REQUESTED}
    assert HostMemory([CASH, DECLINE]).pending == {}


def test_an_approval_is_open_until_an_advice_is_stored() -> None:
    [approved] = HostMemory([CASH, APPROVAL]).approvals.values()

    assert (approved.original, approved.exchange) == (Original(7, 123, "0106"), EXCHANGE)
    assert HostMemory([CASH, APPROVAL, STORED]).approvals == {}


def test_an_answer_without_a_request_approves_nothing() -> None:
    assert HostMemory([APPROVAL]).approvals == {}
    assert HostMemory([CASH, DECLINE, APPROVAL]).approvals == {}


def test_an_advice_is_open_until_an_answer_ended_it() -> None:
    assert HostMemory([CASH, STORED]).advices == {EXCHANGE: ADVICE}
    assert HostMemory([CASH, STORED, REFUSED]).advices == {EXCHANGE: ADVICE}
    assert HostMemory([CASH, STORED, ENDED]).advices == {}


def test_trace_numbers_go_on_from_the_last_record_and_start_again_at_one() -> None:
    memory = HostMemory([request(999_998, "0104")])

    assert [memory.take_stan("0105") for _ in range(3)] == [999_999, 1, 2]


def test_a_trace_number_is_never_given_twice_on_one_day() -> None:
    memory = HostMemory([request(5, "0105"), request(4, "0105")])
    memory = HostMemory([request(5), *(request(stan) for stan in (6, 400_000, 800_000, HIGHEST_STAN, 4))])

    with pytest.raises(StanExhausted, match="0105"):
        memory.take_stan("0105")
    assert memory.take_stan("0106") == 5


@given(st.permutations([11, 12, 13]))
def test_records_may_come_in_another_order_than_their_numbers_were_taken(stans: list[int]) -> None:
    memory = HostMemory([request(10), *map(request, stans)])

    assert memory.take_stan("0105") == 14


def reserved(first: int, last: int, date: str = "0105") -> Record:
    return record(Entry.TRACE_NUMBERS_RESERVED, batch=7, stan=first, date=date, last=last)


def test_a_restart_goes_on_behind_the_numbers_that_echoes_may_have_used() -> None:
    memory = HostMemory([request(7)])
    memory.apply(reserved(8, 207))
    assert memory.take_stan("0105") == 9, "whoever has reserved them uses them"

    again = [request(7), reserved(8, 207), request(12)]
    assert HostMemory(again).take_stan("0105") == 208
    assert HostMemory([*again, request(13, "0106")]).take_stan("0106") == 14


def test_a_block_is_reserved_once_a_day_and_never_beyond_the_last_number_that_is_left() -> None:
    memory = HostMemory([request(7)])
    memory.apply(reserved(8, 7 + BLOCK))
    assert memory.is_reserved(Original(7, 7 + BLOCK, "0105"))
    assert not memory.is_reserved(Original(7, 8 + BLOCK, "0105"))
    assert not memory.is_reserved(Original(7, 9, "0106"))

    day = [request(500_000), request(900_000), request(300_000), request(499_990)]
    assert HostMemory(day).block_from(Original(7, 499_990, "0105")) == 499_999
    with pytest.raises(StanExhausted):
        HostMemory([*day, reserved(499_990, 499_999)]).take_stan("0105")


@pytest.mark.parametrize(
    ("processing", "code", "counts"),
    [
        (ProcessingCode.TRANSFER, ResponseCode.DUPLICATE, True),
        (ProcessingCode.TRANSFER, ResponseCode.APPROVED, False),
        (ProcessingCode.CASH, ResponseCode.DUPLICATE, False),
    ],
)
def test_a_transfer_that_the_host_can_not_have_back_counts_in_the_batch(
    processing: ProcessingCode, code: ResponseCode, *, counts: bool
) -> None:
    stored = record(Entry.ADVICE_STORED, **advice_data(replace(ADVICE, processing=processing), "0105"))
    answer = {**exchange_data(EXCHANGE), "code": str(code), "ended": True}
    answered = Record(2, "2026-01-05T10:00:00+08:00", Entry.ADVICE_ANSWERED, "visit1", answer, "", "")

    memory = HostMemory([stored, answered])

    assert [each.amount_fen for each in memory.paid.values()] == [50_000] * counts
    assert not memory.advices
