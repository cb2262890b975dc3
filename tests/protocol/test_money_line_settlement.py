"""The end of a batch as typed messages."""

import pytest

from protocol.money_line import (
    BatchEnd,
    BatchRecord,
    NetworkCode,
    Original,
    Settlement,
    SettlementReply,
    SettlementRequest,
    SettlementResult,
    Totals,
    decode,
    parse,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError
from tests.vectors import vector


def test_a_settlement_tells_totals_and_is_told_what_the_host_found() -> None:
    request = parse(decode(vector("money_line", "settlement")))
    reply = parse(decode(vector("money_line", "settlement reply, not balanced")))

    totals = Totals(debit_fen=1_050_000, debit_count=3, credit_fen=20_000, credit_count=1)
    assert isinstance(request, SettlementRequest)
    assert request.settlement == Settlement(totals)
    assert isinstance(reply, SettlementReply)
    assert reply.settlement == Settlement(
        totals, SettlementResult.NOT_BALANCED, foreign_result=SettlementResult.BALANCED
    )
    assert not reply.settlement.balanced


@pytest.mark.parametrize("digits", ["", "0" * 61, "0" * 63, "0" * 30 + "4" + "0" * 31])
def test_totals_that_are_none_are_refused(digits: str) -> None:
    with pytest.raises(RemoteProtocolError, match="field 48"):
        Settlement.decode(digits)


def test_totals_that_do_not_fit_are_not_sent() -> None:
    with pytest.raises(LocalProtocolError, match="field 48"):
        Settlement(Totals(debit_count=1000)).encode()


def test_a_batch_upload_has_one_message_for_each_payout_and_one_for_the_end() -> None:
    record = parse(decode(vector("money_line", "batch upload of one payout")))
    end = parse(decode(vector("money_line", "end of the batch upload")))

    assert isinstance(record, BatchRecord)
    assert (record.amount, record.original, record.reference) == (50_000, Original(7, 123, "0105"), "010509302001")
    assert isinstance(end, BatchEnd)
    assert (end.records, end.network) == (3, NetworkCode.UPLOAD_ENDED)
