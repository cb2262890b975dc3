"""Every cut of a visit: each is played from its place on, as its tape would be played from the beginning."""

import pytest

from simulators.campaign import exhaustive, run
from simulators.campaign.exhaustive import SCENARIOS, Order
from simulators.campaign.tape import Cut, Tape

PLACES = {
    "step",
    "disk",
    "ledger",
    "request",
    "reply",
    *(
        f"{way} {role}"
        for way in ("to", "from")
        for role in ("card_reader", "pin_pad", "cash_dispenser", "receipt_printer")
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_visit_without_a_cut_breaks_no_rule(name: str) -> None:
    assert run.play(SCENARIOS[name]).violations == ()


def test_a_visit_has_places_of_every_kind() -> None:
    places = exhaustive.places("withdraw", Order(every=100))

    assert set(places.reached) == PLACES
    assert places.wanted > 200


@pytest.mark.real_time
def test_what_goes_on_from_a_place_is_what_its_tape_plays() -> None:
    order = Order(every=2_000, again=100)
    found = list(exhaustive.run("withdraw", 2, order))

    once = [each for each in found if each.tape.cut is not None and each.tape.cut.then is None]
    twice = [each for each in found if each.tape.cut is not None and each.tape.cut.then is not None]
    assert len(once) == exhaustive.places("withdraw", order).wanted
    assert twice
    assert [each.tape for each in found if each.outcome is None or each.outcome.violations] == []
    for each in (*once[:3], *twice[:2]):
        assert run.play(Tape.model_validate_json(each.tape.model_dump_json())) == each.outcome


def test_the_words_of_a_cut_say_where_it_is() -> None:
    cut = Cut(place="disk", number=7, tearing=2, then=Cut(place="step", number=9, power=False))

    assert cut.words() == "disk 7: power (tearing 2), then step 9: program"
