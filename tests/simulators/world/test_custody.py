import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.world.custody import Custody, CustodyBroken, Note, new_notes


def world(number: int = 3) -> Custody[Note]:
    custody: Custody[Note] = Custody()
    custody.put("dispenser/cassette1", new_notes(100, number, "A"))
    return custody


def test_a_moved_note_is_in_its_new_place_only() -> None:
    custody = world()
    note = custody.at("dispenser/cassette1")[0]
    custody.move(note, "customer")
    assert custody.where(note) == "customer"
    assert custody.at("customer") == (note,)
    assert note not in custody.at("dispenser/cassette1")
    custody.check()


def test_notes_are_counted_by_denomination() -> None:
    custody = world(3)
    custody.put("dispenser/cassette1", new_notes(50, 2, "A"))
    assert custody.count("dispenser/cassette1") == {100: 3, 50: 2}
    assert custody.count("nowhere") == {}


def test_a_note_is_made_once() -> None:
    custody = world()
    with pytest.raises(CustodyBroken):
        custody.put("customer", custody.at("dispenser/cassette1")[:1])


def test_a_note_that_was_never_made_can_not_be_moved_or_found() -> None:
    forged = Note(100, "X")
    for attempt in (lambda: world().move(forged, "customer"), lambda: world().where(forged)):
        with pytest.raises(CustodyBroken):
            attempt()


def test_things_keep_the_order_in_which_they_came() -> None:
    custody: Custody[str] = Custody()
    custody.put("reader/inside", ["first", "second"])
    custody.move("first", "reader/inside")
    assert custody.at("reader/inside") == ("second", "first")
    assert custody.first("reader/inside") == "second"
    assert custody.first("reader/bin") is None
    assert list(custody.places()) == ["reader/inside"]


@pytest.mark.parametrize("broken", ["lost", "doubled", "forged"])
def test_check_finds_what_is_lost_doubled_or_forged(broken: str) -> None:
    custody = world()
    note = custody.at("dispenser/cassette1")[0]
    places = custody._places
    if broken == "lost":
        del places["dispenser/cassette1"][note]
    elif broken == "doubled":
        places["customer"] = {note: None}
    else:
        places["customer"] = {Note(100, "X"): None}
    with pytest.raises(CustodyBroken):
        custody.check()


@settings(deadline=None)
@given(moves=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["a", "b", "c"]))))
def test_no_sequence_of_moves_changes_how_many_there_are(moves: list[tuple[int, str]]) -> None:
    custody = world(10)
    notes = custody.at("dispenser/cassette1")
    for index, place in moves:
        custody.move(notes[index], place)
    custody.check()
    assert sum(map(custody.number, ["dispenser/cassette1", "a", "b", "c"])) == 10
