from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers import registry as drivers
from simulators.bench import registry
from simulators.bench.file import BenchError, Cassette, Device, Dispenser, load_bench
from simulators.devices.note_path import Pace
from simulators.devices.puloon_lcdm import PuloonLcdm2000, PuloonLcdm4000, ResetReply
from simulators.world.custody import Custody, Note
from simulators.world.scene import Scene
from terminal.assembly import ROLES

CASSETTES = (Cassette(denomination=100, notes=5, physical=3), Cassette(denomination=50, notes=2))


@pytest.fixture
def shared() -> registry.Shared:
    custody: Custody[Note] = Custody()
    return registry.Shared(Scene(), custody, bytes, bytes(16))


@pytest.mark.parametrize(
    ("model", "kind"), [("puloon-lcdm-4000", PuloonLcdm4000), ("puloon-lcdm-2000", PuloonLcdm2000)]
)
def test_a_dispenser_is_filled_with_what_is_really_there(shared: registry.Shared, model: str, kind: type) -> None:
    dispenser = registry.cash_dispenser(Dispenser(model=model, cassettes=CASSETTES), shared)

    assert isinstance(dispenser, kind)
    places = [shared.custody.at(dispenser.cassette_place(position)) for position in (1, 2)]
    assert [[note.denomination for note in notes] for notes in places] == [[100] * 3, [50] * 2]


@pytest.mark.parametrize("model", drivers.MODELS)
def test_every_driver_can_be_put_in_front_of_a_simulated_device(shared: registry.Shared, model: str) -> None:
    role = next(role for role, kind in ROLES.items() if kind is drivers.MODELS[model].kind)

    assert MAKERS[role](model, shared).snapshot()


@pytest.mark.parametrize("role", ["card_reader", "pin_pad", "cash_dispenser", "receipt_printer"])
def test_a_model_that_nobody_simulates_is_told_with_those_there_are(shared: registry.Shared, role: str) -> None:
    with pytest.raises(BenchError, match="no simulated teapot here; there is "):
        MAKERS[role]("teapot", shared)


def test_an_option_that_a_device_does_not_have_is_told(shared: registry.Shared) -> None:
    with pytest.raises(BenchError, match=r"options of sankyo-ict3q8: no colour; known here: "):
        registry.card_reader(Device(model="sankyo-ict3q8", options={"colour": "red"}), shared)


LCDM_4000 = """
[card_reader]
model = "sankyo-ict3q8"
[pin_pad]
model = "szzt-zt598"
[receipt_printer]
model = "escpos"
[cash_dispenser]
model = "puloon-lcdm-4000"
cassettes = [{ denomination = 100, notes = 20 }]
options = { reset_reply = "double", order = "4321", pace = { pick = 0.05, transport = 0.1 } }
"""


def test_every_option_of_a_dispenser_can_be_written_in_a_bench_file(shared: registry.Shared, tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text(LCDM_4000, encoding="utf-8")
    dispenser = registry.cash_dispenser(load_bench(tmp_path / "bench.toml").cash_dispenser, shared)

    assert isinstance(dispenser, PuloonLcdm4000)
    assert dispenser._options.reset_reply is ResetReply.DOUBLE
    assert dispenser._options.order == "4321"
    assert dispenser._options.pace == Pace(pick=0.05, transport=0.1)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"pace": {"pik": 1.0}}, r"options of puloon-lcdm-4000: pace: no pik; known here: pick, transport, "),
        ({"pace": {"pick": "slow"}}, r"options of puloon-lcdm-4000: pace\.pick: Input should be a valid number"),
        ({"pace": 3}, r"options of puloon-lcdm-4000: pace: Input should be a dictionary"),
        ({"near_end": {"notes": 3}}, r"options of puloon-lcdm-4000: near_end: Input should be a valid integer"),
        ({"reset_reply": "never"}, r"reset_reply: Input should be 'silent' or 'double'"),
        ({"order": "1123"}, r"options of puloon-lcdm-4000: .*each of 1, 2, 3, 4 once, not '1123'"),
    ],
)
def test_a_wrong_option_is_told_by_its_name(shared: registry.Shared, options: dict[str, Any], complaint: str) -> None:
    device = Dispenser(model="puloon-lcdm-4000", cassettes=CASSETTES, options=options)

    with pytest.raises(BenchError, match=complaint):
        registry.cash_dispenser(device, shared)


def test_an_lcdm_2000_has_no_third_cassette(shared: registry.Shared) -> None:
    three = Dispenser(model="puloon-lcdm-2000", cassettes=(*CASSETTES, CASSETTES[0]))

    with pytest.raises(BenchError, match="upper and a lower"):
        registry.cash_dispenser(three, shared)


MAKERS: dict[str, Callable[[str, registry.Shared], Any]] = {
    "card_reader": lambda model, shared: registry.card_reader(Device(model=model), shared),
    "pin_pad": lambda model, shared: registry.pin_pad(Device(model=model), shared),
    "cash_dispenser": lambda model, shared: registry.cash_dispenser(
        Dispenser(model=model, cassettes=CASSETTES), shared
    ),
    "receipt_printer": lambda model, shared: registry.receipt_printer(Device(model=model), shared),
}


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        ("escpos", {"columns": 32, "near_end": 5}, {"columns": 32}),
        ("sankyo-ict3q8", {"dialect": "ICT3K5", "strict": True}, {"dialect": "ICT3K5"}),
        ("szzt-zt598", {"lengths": "binary", "silence": 8.0, "key_hold": 1.5}, {"lengths": "binary", "silence": 8.0}),
    ],
)
def test_a_driver_is_told_what_it_has_to_know_of_its_device(
    model: str, options: dict[str, Any], told: dict[str, object]
) -> None:
    found = registry.driver_options(Device(model=model, options=options))

    assert found == told
    assert drivers.MODELS[model].configured(found)


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        ("puloon-lcdm-4000", {"max_notes": 40}, {"cassettes": 2}),
        ("puloon-lcdm-2000", {"grouped": True}, {"grouped": True}),
        ("fujitsu-f56", {"model": "F53", "keeps_owed": True}, {"model": "F53", "cassettes": 2}),
    ],
)
def test_a_dispensers_driver_counts_cassettes_where_it_can(
    model: str, options: dict[str, Any], told: dict[str, object]
) -> None:
    found = registry.driver_options(Dispenser(model=model, cassettes=CASSETTES, options=options))

    assert found == told
    assert drivers.MODELS[model].configured(found)
