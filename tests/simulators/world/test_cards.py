import pytest

from protocol.chip_card import PSE, UNIONPAY_AID_PREFIX, select_by_name
from protocol.social_card import AID
from simulators.world.cards import VirtualCard, issue
from simulators.world.people import Plastic, person

JIA = person("jia")


def selects(card: VirtualCard, name: bytes) -> bool:
    assert card.chip is not None
    card.chip.reset()
    answer = card.chip.exchange(select_by_name(name).encode())
    return answer is not None and answer[0] == 0x61


@pytest.mark.parametrize(
    ("plastic", "social", "bank", "stripe"),
    [
        (Plastic.ORDINARY, True, True, True),
        (Plastic.SILENT, True, True, True),
        (Plastic.BANK_ONLY, False, True, True),
        (Plastic.SOCIAL_ONLY, True, False, False),
        (Plastic.MUTE_CHIP, False, False, True),
    ],
)
def test_each_kind_of_plastic_holds_what_its_name_says(
    plastic: Plastic, social: bool, bank: bool, stripe: bool
) -> None:
    card = issue(JIA, plastic=plastic)
    assert selects(card, AID) is social
    assert selects(card, PSE) is bank
    assert selects(card, UNIONPAY_AID_PREFIX) is bank
    assert card.has_stripe is stripe


def test_a_stripe_card_has_no_chip_and_says_so_in_its_service_code() -> None:
    card = issue(JIA, plastic=Plastic.TRACK_ONLY)
    assert card.chip is None
    assert card.tracks[2].startswith(f"{JIA.pan}={JIA.expiry}120")


def test_track_2_fits_the_stripe() -> None:
    assert len(issue(JIA).tracks[2]) == 37


def test_the_person_decides_what_plastic_it_is() -> None:
    assert issue(person("wu")).chip is not None
    assert not selects(issue(person("wu")), AID)
    assert issue(person("ren")).chip is None


def test_two_cards_of_one_person_are_two_things() -> None:
    assert issue(JIA) != issue(JIA)
    assert JIA.pan not in repr(issue(JIA))
