"""The host remembers how far a terminal's journal had got."""

import pytest

from protocol.money_line import JournalAnchor, ResponseCode
from simulators.authority.authority import Authority
from tests.simulators.authority.kiosk import Kiosk


def anchor(seq: int, digest: str = "a" * 16) -> JournalAnchor:
    return JournalAnchor(seq, digest)


def test_a_terminal_that_has_told_nothing_is_told_nothing(kiosk: Kiosk) -> None:
    kiosk.cash(100_00)
    assert kiosk.sign_on().anchor is None


@pytest.mark.req("S2-62")
def test_the_highest_anchor_is_told_at_sign_on(kiosk: Kiosk) -> None:
    kiosk.cash(100_00, anchor=anchor(10))
    kiosk.cash(100_00, anchor=anchor(25, "b" * 16))

    assert kiosk.sign_on().anchor == anchor(25, "b" * 16)


@pytest.mark.req("S2-62")
@pytest.mark.parametrize("later", [anchor(9), anchor(10, "c" * 16)], ids=["less", "another of this number"])
def test_a_request_that_knows_less_than_was_known_gets_no_money(
    kiosk: Kiosk, authority: Authority, later: JournalAnchor
) -> None:
    kiosk.cash(100_00, anchor=anchor(10))

    assert kiosk.cash(100_00, anchor=later).code == ResponseCode.NOT_PERMITTED_TERMINAL

    assert [incident.kind for incident in authority.incidents()] == ["journal set back"]
    assert len(authority.draws()) == 1
    assert kiosk.sign_on().anchor == anchor(10)


def test_an_old_advice_that_comes_late_is_taken_and_sets_nothing_back(kiosk: Kiosk, authority: Authority) -> None:
    reply = kiosk.cash(100_00, anchor=anchor(10))
    message = kiosk.confirm_of(reply, 100_00)
    kiosk.cash(100_00, anchor=anchor(20))

    assert kiosk.send(kiosk.sealed(message)) is not None

    assert kiosk.sign_on().anchor == anchor(20)
    assert authority.incidents() == ()


def test_a_message_with_a_wrong_mac_tells_nothing(kiosk: Kiosk) -> None:
    right, kiosk.mak = kiosk.mak, b"X" * 16
    kiosk.send(kiosk.sealed(kiosk.cash_request(100_00, anchor=anchor(99))))
    kiosk.mak = right

    assert kiosk.sign_on().anchor is None


def test_people_can_have_the_authority_believe_another_journal(kiosk: Kiosk, authority: Authority) -> None:
    kiosk.cash(100_00, anchor=anchor(10))
    authority.accept_journal(kiosk.id)

    assert kiosk.cash(100_00, anchor=anchor(3)).code == ResponseCode.APPROVED
