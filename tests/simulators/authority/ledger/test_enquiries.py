"""A hold whose advice never came: asked about, never released by time alone."""

from dataclasses import dataclass

import pytest

from protocol.money_line import CashReply, CashRequest, ResponseCode
from simulators.authority.authority import Authority
from simulators.authority.ledger.draws import Ending
from simulators.authority.ledger.ledger import LedgerError
from simulators.authority.tables.ledger import DrawState, EnquiryState
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk

BY = ("li", "wang")


def states(authority: Authority) -> list[EnquiryState]:
    return [enquiry.state for enquiry in authority.enquiries()]


def kinds(authority: Authority) -> list[str]:
    return [incident.kind for incident in authority.incidents()]


@dataclass(frozen=True)
class Held:
    """A hold of 500 yuan that has outlived its lifetime."""

    request: CashRequest
    reply: CashReply


@pytest.fixture
def held(kiosk: Kiosk, authority: Authority, clock: Clock) -> Held:
    request = kiosk.cash_request(500_00)
    reply = kiosk.tell(request, CashReply)
    assert reply.code == ResponseCode.APPROVED
    assert authority.expire_holds() == 0
    clock.pass_(hours=24)
    assert authority.expire_holds() == 1
    return Held(request, reply)


@pytest.mark.req("S2-42")
def test_an_expired_hold_is_an_open_enquiry_and_the_money_stays_on_hold(authority: Authority, held: Held) -> None:
    (enquiry,) = authority.enquiries(undecided=True)

    assert (enquiry.state, enquiry.amount_fen, enquiry.payer) == (EnquiryState.OPEN, 500_00, "K0000001")
    assert enquiry.opened_at[:10] == "2026-05-21"
    assert enquiry.deadline[:10] == "2026-05-26"
    assert [draw.state for draw in authority.draws()] == [DrawState.HELD]
    assert (authority.held_fen(JIA.pan), authority.account_debit_fen(JIA.pan)) == (500_00, 0)
    assert kinds(authority) == ["hold expired"]


def test_a_hold_is_asked_about_once(authority: Authority, held: Held, clock: Clock) -> None:
    clock.pass_(hours=1)
    assert authority.expire_holds() == 0
    assert states(authority) == [EnquiryState.OPEN]


@pytest.mark.req("S2-42")
def test_a_deadline_that_passes_is_told_to_supervision_and_releases_nothing(
    authority: Authority, held: Held, clock: Clock
) -> None:
    clock.pass_(days=30)
    authority.expire_holds()
    authority.expire_holds()

    assert states(authority) == [EnquiryState.OVERDUE]
    assert kinds(authority) == ["hold expired", "enquiry overdue"]
    assert authority.held_fen(JIA.pan) == 500_00


@pytest.mark.req("S2-42", "S1-05")
@pytest.mark.parametrize("days", [0, 30], ids=["before the deadline", "after it"])
@pytest.mark.parametrize(("paid", "debited"), [(500_00, 500_00), (300_00, 300_00), (None, 0)])
def test_a_late_advice_settles_it_by_what_it_says(
    kiosk: Kiosk, authority: Authority, held: Held, clock: Clock, days: int, paid: int | None, debited: int
) -> None:
    clock.pass_(days=days)
    authority.expire_holds()
    kiosk.sign_on()

    reply = kiosk.reverse(held.request) if paid is None else kiosk.confirm(held.reply, paid)

    assert reply.code == ResponseCode.APPROVED
    assert states(authority) == [EnquiryState.SETTLED]
    assert (authority.held_fen(JIA.pan), authority.account_debit_fen(JIA.pan)) == (0, debited)
    assert authority.ledger_balanced()


@pytest.mark.req("S2-42")
def test_every_sign_on_looks_for_holds_that_are_due(kiosk: Kiosk, authority: Authority, clock: Clock) -> None:
    kiosk.cash(500_00)
    clock.pass_(hours=25)
    kiosk.sign_on()

    assert states(authority) == [EnquiryState.OPEN]


def test_an_advice_in_time_leaves_nothing_to_ask(kiosk: Kiosk, authority: Authority, clock: Clock) -> None:
    kiosk.confirm(kiosk.cash(500_00), 500_00)
    clock.pass_(days=9)

    assert authority.expire_holds() == 0
    assert authority.enquiries() == ()


@pytest.mark.req("S1-05")
@pytest.mark.parametrize("paid", [500_00, 200_00, 0])
def test_two_people_decide_after_a_count_and_the_same_advice_may_still_come(
    kiosk: Kiosk, authority: Authority, held: Held, paid: int
) -> None:
    (enquiry,) = authority.enquiries(undecided=True)

    assert authority.decide_enquiry(enquiry.id, paid, BY) is Ending.DONE

    assert states(authority) == [EnquiryState.DECIDED]
    assert (authority.held_fen(JIA.pan), authority.account_debit_fen(JIA.pan)) == (0, paid)
    kiosk.sign_on()
    late = kiosk.confirm(held.reply, paid)
    assert late.code == ResponseCode.APPROVED
    assert authority.account_debit_fen(JIA.pan) == paid
    assert states(authority) == [EnquiryState.DECIDED]


@pytest.mark.req("S1-05")
def test_an_advice_that_contradicts_a_decision_is_told_to_supervision_and_debits_nobody_twice(
    kiosk: Kiosk, authority: Authority, held: Held
) -> None:
    (enquiry,) = authority.enquiries(undecided=True)
    authority.decide_enquiry(enquiry.id, 0, BY)
    kiosk.sign_on()

    assert kiosk.confirm(held.reply, 500_00).code == ResponseCode.DUPLICATE

    assert authority.account_debit_fen(JIA.pan) == 0
    assert authority.suspense_fen("K0000001") == 500_00
    assert kinds(authority)[-1] == "books differ"
    assert authority.ledger_balanced()


@pytest.mark.parametrize("by", [("li", "li"), ("li", "LI "), ("li", "")])
def test_one_person_decides_nothing(authority: Authority, held: Held, by: tuple[str, str]) -> None:
    (enquiry,) = authority.enquiries(undecided=True)

    with pytest.raises(LedgerError, match="two people"):
        authority.decide_enquiry(enquiry.id, 500_00, by)

    assert authority.held_fen(JIA.pan) == 500_00


def test_what_was_not_held_can_not_be_decided(authority: Authority, held: Held) -> None:
    (enquiry,) = authority.enquiries(undecided=True)

    assert authority.decide_enquiry(enquiry.id, 500_01, BY) is Ending.TOO_MUCH
    assert states(authority) == [EnquiryState.OPEN]
    with pytest.raises(LedgerError, match="less than nothing"):
        authority.decide_enquiry(enquiry.id, -1, BY)
    with pytest.raises(LedgerError, match="does not wait"):
        authority.decide_enquiry(enquiry.id + 1, 0, BY)
