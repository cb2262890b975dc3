from simulators.campaign import catalogue
from simulators.campaign.population import DISPENSERS
from simulators.campaign.possible import possible


def test_whatever_a_kiosk_of_the_campaign_can_suffer_has_words_and_no_excuse() -> None:
    ids = {each.fault for dispenser in DISPENSERS for each in possible(dispenser)}

    assert ids - catalogue.WORDS.keys() == set()
    assert ids & catalogue.CANT_HAPPEN.keys() == set()


def test_no_number_of_a_family_is_left_out() -> None:
    numbers = {
        family: [int(fault[1:]) for fault in catalogue.in_order(catalogue.WORDS) if fault[0] == family]
        for family in catalogue.FAMILIES
    }

    assert {family: (min(found), max(found), len(found)) for family, found in numbers.items()} == {
        "A": (1, 14, 14),
        "B": (1, 23, 23),
        "C": (1, 28, 28),
        "D": (1, 25, 25),
        "E": (1, 12, 12),
        "F": (1, 8, 8),
        "G": (1, 8, 8),
    }


def test_what_has_not_happened_is_told_unless_it_cant() -> None:
    assert "B10" in catalogue.never_fired(["B1"])
    assert "B1" not in catalogue.never_fired(["B1"])
    assert "C25" not in catalogue.never_fired([])
    assert catalogue.in_order(["B10", "A3", "B2"]) == ["A3", "B2", "B10"]
