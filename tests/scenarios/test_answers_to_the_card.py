"""The card and its issuer, and SM4 keys, in whole visits."""

import pytest

from protocol.money_line import ResponseCode
from simulators.authority.hsm import SoftHsm
from simulators.bench.file import load_bench
from simulators.bench.play import Result, play
from terminal.journal import Entry

DEFAULT = load_bench()
SM4 = DEFAULT.model_copy(update={"kiosk": DEFAULT.kiosk.model_copy(update={"keys": "sm4"})})


def kinds(result: Result) -> list[str]:
    return [record.kind for record in result.journal]


@pytest.mark.req("S1-42")
def test_a_card_that_refuses_the_hosts_answer_stops_the_payout_before_a_note_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SoftHsm, "answer_to_card", lambda *_: bytes(8) + ResponseCode.APPROVED.encode())

    result = play("withdraw", DEFAULT)

    assert Entry.ISSUER_REFUSED in kinds(result)
    assert Entry.DISPENSE_INTENT not in kinds(result)
    assert Entry.STACK_INTENT not in kinds(result)
    assert result.notes_taken == {}
    assert result.account_debit_fen == 0
    answered = [record.data for record in result.journal if record.kind == Entry.ADVICE_ANSWERED]
    assert [(advice["mti"], advice["code"]) for advice in answered] == [("0400", "00")]


def test_the_card_is_asked_about_every_approval(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    right = SoftHsm.answer_to_card

    def hear(*arguments: object) -> bytes | None:
        answer = right(*arguments)  # type: ignore[arg-type]
        told.append(answer)
        return answer

    monkeypatch.setattr(SoftHsm, "answer_to_card", hear)

    result = play("withdraw", DEFAULT)

    assert result.ok
    assert len(told) == 2, "the quote and the request for cash"
    assert all(answer is not None and answer[8:] == b"00" for answer in told)


@pytest.mark.req("S1-43", "S1-67")
def test_a_whole_visit_under_sm4_keys() -> None:
    result = play("withdraw", SM4)

    assert [check.name for check in result.checks if not check.held] == []
    assert result.account_debit_fen == 500_00
