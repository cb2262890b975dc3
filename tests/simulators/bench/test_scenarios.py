import pytest

from simulators.bench.file import load_bench
from simulators.bench.scenarios import SCENARIOS
from simulators.world.people import load_people
from terminal.visit import Ending


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_has_a_story_a_person_and_an_end_that_fit(name: str) -> None:
    scenario = SCENARIOS[name]

    assert scenario.story.endswith(".")
    assert scenario.person in [person.id for person in load_people()]
    if scenario.amount_paid:
        assert scenario.ending in (Ending.PAID, Ending.PARTLY_PAID, Ending.RETRACTED)
    else:
        assert scenario.ending not in (Ending.PAID, Ending.PARTLY_PAID)
    assert scenario.amount_paid <= scenario.plan.amount


@pytest.mark.parametrize("name", SCENARIOS)
def test_setting_up_a_scenario_leaves_the_bench_file_as_it_was(name: str) -> None:
    file = load_bench()

    changed = SCENARIOS[name].set_up(file)

    assert file == load_bench()
    assert changed.card_reader == file.card_reader
