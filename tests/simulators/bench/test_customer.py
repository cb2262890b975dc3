"""What a person at a kiosk does, and leaves undone."""

import asyncio

import pytest

from simulators.bench.bench import Bench
from simulators.bench.customer import Plan
from simulators.bench.file import Fault, load_bench
from simulators.bench.play import Result, play
from simulators.bench.scenarios import SCENARIOS, Scenario
from terminal.view import Screen
from terminal.visit import Ending


def deeds(scenario: Scenario, seed: int = 1) -> tuple[Result, list[str]]:
    done: list[str] = []
    return play(
        "story", load_bench(), scenario=scenario, seed=seed, follow=lambda bench: bench.deeds.append(done.append)
    ), done


def test_a_person_does_what_the_screens_ask_for_in_that_order() -> None:
    _, done = deeds(SCENARIOS["withdraw"])

    assert done == [
        "inserts the card",
        "reads the notice and agrees",
        "types a PIN and presses ENTER",
        "chooses cash",
        "chooses 500 yuan",
        "confirms",
        "takes the card",
        "takes 5 notes",
        "takes the receipt",
    ]


def test_an_amount_that_is_not_offered_is_typed() -> None:
    result, done = deeds(Scenario("", Ending.PAID, 700, plan=Plan(amount=700)))

    assert done[4:6] == ["wants another amount", "types 700 and presses ENTER"]
    assert result.notes_taken == {100: 7}


def test_wrong_pins_are_typed_in_their_order() -> None:
    _, done = deeds(SCENARIOS["wrong-pin-then-right"])

    assert done.count("types a PIN and presses ENTER") == 2


def test_who_walks_away_may_come_back_for_the_card_or_not() -> None:
    away = Plan(walks_away_at=Screen.AMOUNT)
    back, did = deeds(Scenario("", Ending.TIMED_OUT, plan=away))
    gone, did_not = deeds(
        Scenario("", Ending.TIMED_OUT, plan=Plan(walks_away_at=Screen.AMOUNT, comes_back=False), card_returned=False)
    )

    assert back.ok
    assert gone.ok
    assert did[-1] == "takes the card"
    assert did_not[-1] == "has walked away"


def test_hesitation_is_chance_of_the_seed() -> None:
    seconds = [play("cancel-at-pin", load_bench(), seed=seed).seconds for seed in (1, 1, 2)]

    assert seconds[0] == seconds[1] != seconds[2]


def test_a_bench_tells_its_deeds_to_whoever_listens() -> None:
    heard: list[tuple[str, str]] = []

    def follow(bench: Bench) -> None:
        bench.deeds.append(lambda deed: heard.append(("one", deed)))
        bench.deeds.append(lambda deed: heard.append(("two", deed)))

    play("cancel-at-pin", load_bench(), follow=follow)

    assert heard[:2] == [("one", "inserts the card"), ("two", "inserts the card")]


@pytest.mark.parametrize(
    ("fault", "ending", "notes"),
    [
        ("G1", Ending.CANCELLED, 0),
        ("G2", Ending.TIMED_OUT, 0),
        ("G6", Ending.PAID, 5),
        ("G7", Ending.TIMED_OUT, 0),
        ("G8", Ending.PAID, 4),
    ],
)
def test_a_fault_of_the_bench_file_makes_the_person_do_otherwise(fault: str, ending: Ending, notes: int) -> None:
    file = load_bench().model_copy(update={"faults": (Fault(id=fault, at=7.0),)})

    result = play("withdraw", file)

    assert (result.outcome, sum(result.notes_taken.values())) == (ending, notes)


@pytest.mark.parametrize(("left", "taken"), [(0, 5), (2, 3), (9, 1)])
def test_when_the_power_goes_the_notes_in_the_hand_are_taken_and_the_others_where_they_are(
    left: int, taken: int
) -> None:
    file = load_bench().model_copy(update={"faults": (Fault(id="G6", options={"left": left, "seconds": 30.0}),)})
    at_the_cut: list[tuple[int, int, set[str]]] = []

    def follow(bench: Bench) -> None:
        def look(deed: str) -> None:
            if deed == "stands in the dark":
                custody, devices = bench.custody, bench.simulated.values()
                at_the_cut.append((custody.number("customer"), len(bench.dispenser.notes_at_exit), set()))
                asyncio.get_running_loop().call_later(
                    20.0,
                    lambda: at_the_cut[0][2].update(
                        device.snapshot().get("power", device.snapshot().get("state", "")) for device in devices
                    ),
                )

        bench.deeds.append(look)

    play("withdraw", file, follow=follow)

    assert at_the_cut == [(taken, 5 - taken, {"off", "no power"})]
