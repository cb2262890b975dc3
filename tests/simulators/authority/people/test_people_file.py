"""Files of people: those that come with the simulator, those of others, and what is wrong with them."""

import re
from datetime import date
from pathlib import Path

import pytest

from simulators.authority import people
from simulators.authority.people.people_file import PeopleFileError, PersonEntry, read_people
from simulators.authority.tables.people import CardState, PersonState
from simulators.world import people as world

ROOT = Path(__file__).parents[4]
OURS = Path(people.__file__).with_name("people.toml")
BENCH = Path(world.__file__).with_name("people.toml")
TODAY = date(2026, 5, 20)
JIA = """
[[person]]
id = "jia"
name = "测试甲"
id_number = "990000198001010012"
region = "371000"
cards = [{ card_number = "S00000012", pan = "6217000000000000012", expiry = "3401", pin = "135790" }]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(PeopleFileError) as refused:
        read_people(written(folder, text), TODAY)
    return [line.removeprefix(f"{folder / 'mine.toml'}: ") for line in str(refused.value).splitlines()]


def test_our_people_are_many_and_invented_and_all_their_numbers_are_right() -> None:
    ours = read_people(OURS, TODAY)

    assert len(ours) >= 30
    assert all(each.id_number.startswith("990000") or each.id_number[6:8] == "19" for each in ours)
    assert all(each.name.startswith(("测试", "TEST")) for each in ours)


def test_our_people_have_every_state_of_account_and_card() -> None:
    ours = read_people(OURS, TODAY)
    cards = [card for each in ours for card in each.cards]

    assert {each.state for each in ours} == set(PersonState)
    assert {card.state for card in cards} == set(CardState) - {CardState.LOST}
    assert {card.lost for card in cards} == {None, "temporary", "formal"}
    assert len({each.region for each in ours}) >= 8


def test_no_number_of_the_bench_is_used_again() -> None:
    ours, bench = read_people(OURS, TODAY), world.load_people()

    assert {each.id_number for each in ours}.isdisjoint(each.id_number for each in bench)
    assert {card.pan for each in ours for card in each.cards}.isdisjoint(each.pan for each in bench)


def test_an_id_stands_for_one_person(tmp_path: Path) -> None:
    other = JIA.replace("990000198001010012", "990000198001010039").replace(
        "6217000000000000012", "6230660000000000008"
    )

    assert "person jia: id: 2 people have it; give each an id of its own" in problems(tmp_path, JIA + other)


def test_a_file_of_the_bench_is_a_file_of_people() -> None:
    found = {each.id: each for each in read_people(BENCH, TODAY)}
    known = {each.id: each for each in world.load_people() if each.known_to_host}

    assert found.keys() == known.keys()
    assert all(found[name].cards[0].pan == each.pan for name, each in known.items())
    assert found["jia"].opening_balance_fen == known["jia"].opening_balance_fen


@pytest.mark.req("S2-48", "S2-64")
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("6217000000000000012", "6217000000000000013", "person jia: cards.0.pan: it has a wrong check digit"),
        ("S00000012", "S00000013", "person jia: cards.0.card_number: it has a wrong check digit"),
        ("990000198001010012", "990000198001010013", "person jia: id_number: it has a wrong check digit"),
        ("371000", "3710", "person jia: region: write six digits"),
        ('"135790"', "135790", "person jia: cards.0.pin: write six digits in quotes"),
        ('"135790"', '"13579"', "person jia: cards.0.pin: write six digits in quotes"),
        ('expiry = "3401"', 'expiry = "3413"', "person jia: cards.0.expiry: write year and month, YYMM"),
        ('name = "测试甲"', "", "person jia: name: is missing; add it"),
        ('name = "测试甲"', 'name = "甲1"', "person jia: name: this can't be a name"),
        ('id = "jia"', 'id = "jia"\nheight = 180', "person jia: height: there is no such key; docs/people.md"),
        ('id = "jia"', 'id = "jia"\nphone = "12"', "person jia: phone: it has the wrong length"),
        ('id = "jia"', 'id = "jia"\nguardian = "yi"', "person jia: guardian: there is no person 'yi' in this file"),
        ('id = "jia"', 'id = "jia"\nstate = "moved_out"', "person jia: moved_to: say where the insurance went"),
        ('pin = "135790"', 'pin = "135790", state = "lost"', "person jia: cards.0: say lost = "),
        ('id = "jia"\n', "", "person number 1: id: is missing; add it"),
        (
            'id = "jia"',
            'id = "jia"\ncontributions = [{ first = "2024-05", last = "2024-01" }]',
            "person jia: contributions.0: last lies before first",
        ),
        ('id = "jia"', 'id = "jia"\nguardian = "jia"', "person jia: guardian: nobody is his own guardian"),
        (
            'id = "jia"',
            'id = "jia"\nrelatives = [{ person = "jia", is = "spouse" }]',
            "person jia: relatives: there is no other person 'jia' in this file",
        ),
        (
            'id = "jia"',
            'id = "jia"\nrelatives = [{ person = "yi", is = "aunt" }]',
            "person jia: relatives.0.is: input should be",
        ),
        ('id = "jia"', 'id = "jia"\nperson_type = "99"', "person jia: person_type: input should be '11', '12'"),
        (
            'id = "jia"',
            'id = "jia"\ncredits = [{ on = 2099-06-30, fen = 1 }]',
            "person jia: credits.0.on: 2099-06-30 lies",
        ),
        ('id = "jia"', 'id = "jia"\ninsured_since = 2099-01-01', "person jia: insured_since: 2099-01-01 lies after"),
        (
            'id = "jia"',
            'id = "jia"\ngroups = [{ code = "A", valid_from = 2026-01-02, valid_to = 2026-01-01 }]',
            "person jia: groups.0.valid_to: 2026-01-01 lies before 2026-01-02",
        ),
        (
            'id = "jia"',
            'id = "jia"\ndiagnoses = [{ icd10 = "heart", issued_on = 2026-01-02 }]',
            "person jia: diagnoses.0.icd10: write a code of ICD-10, as in C34.9 or I63.900x009",
        ),
    ],
)
def test_what_is_wrong_is_told_with_person_and_key(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in JIA
    (told,) = problems(tmp_path, JIA.replace(old, new))

    assert told.startswith(problem)
    assert "135790" not in told


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    yi = JIA.replace('"jia"', '"yi"').replace("371000", "x")
    told = problems(tmp_path, JIA + JIA.replace('"jia"', '"bing"') + yi + "\n[notes]\n")

    assert told == [
        "unknown table 'notes'; people stand in [[person]]",
        "person yi: region: write six digits of GB/T 2260 in quotes",
        "person bing: id_number: person jia has it already",
        "person bing: cards.pan: person jia has it already",
    ]


@pytest.mark.parametrize("text", ["", "x = 1", "[[person", "person = 3"])
def test_a_file_without_people_says_so(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)[-1].startswith(("there is no [[person]] in it", "no TOML in UTF-8"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PeopleFileError, match=r"nowhere\.toml"):
        read_people(tmp_path / "nowhere.toml", TODAY)


def test_months_go_on_to_the_day_of_loading_and_leave_out_gaps(tmp_path: Path) -> None:
    repaired = '[{ month = "2026-03", on = 2026-05-01 }]'
    line = f'contributions = [{{ first = "2026-01", gaps = ["2026-02", "2026-03"], repaired = {repaired} }}]\n'
    (entry,) = read_people(written(tmp_path, JIA.replace("cards =", line + "cards =")), TODAY)[0].contributions

    assert list(entry.months(TODAY)) == [
        (date(2026, 1, 1), None),
        (date(2026, 3, 1), date(2026, 5, 1)),
        (date(2026, 4, 1), None),
        (date(2026, 5, 1), None),
    ]


def test_every_key_is_documented_and_the_example_can_be_loaded(tmp_path: Path) -> None:
    document = (ROOT / "docs" / "people.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", document, re.DOTALL)
    assert example is not None
    (jia,) = read_people(written(tmp_path, example[1]), TODAY)

    assert jia.id == "jia"
    assert [key for key in PersonEntry.model_fields if f"`{key}`" not in document] == []
