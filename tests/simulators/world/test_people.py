from pathlib import Path

import pytest

from protocol.social_card import is_card_number, is_id_number, is_pan
from simulators.world.people import Person, Plastic, load_people, person


@pytest.mark.parametrize("each", load_people(), ids=lambda each: each.id)
def test_every_person_is_invented_and_has_right_check_digits(each: Person) -> None:
    assert each.name.startswith("测试")
    assert each.id_number.startswith("990000")
    assert is_id_number(each.id_number)
    assert is_card_number(each.card_number)
    assert is_pan(each.pan)
    assert len(each.pin) == 6
    assert each.opening_balance_fen >= 0


def test_nobody_shares_a_number() -> None:
    people = load_people()
    for numbers in zip(*[(each.id, each.id_number, each.card_number, each.pan) for each in people], strict=True):
        assert len(set(numbers)) == len(people)


def test_every_kind_of_trouble_has_its_person() -> None:
    carried = {each.card for each in load_people()}
    assert carried >= {
        Plastic.ORDINARY,
        Plastic.SILENT,
        Plastic.MUTE_CHIP,
        Plastic.TRACK_ONLY,
        Plastic.BANK_ONLY,
    }
    assert any(not each.known_to_host for each in load_people())


def test_pin_and_account_stay_out_of_reprs() -> None:
    jia = person("jia")
    assert jia.pin not in repr(jia)
    assert jia.pan not in repr(jia)


def test_an_unknown_name_tells_which_names_there_are() -> None:
    with pytest.raises(KeyError, match="jia"):
        person("nobody")


def test_people_can_come_from_another_file(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    file.write_text(
        '[[person]]\nid = "x"\nname = "测试"\nid_number = ""\ncard_number = ""\nregion = "371000"\npan = ""\n'
        'pan_sequence = "01"\nexpiry = "3401"\npin = ""\nopening_balance_fen = 1\n',
        encoding="utf-8",
    )
    assert [each.id for each in load_people(file)] == ["x"]
