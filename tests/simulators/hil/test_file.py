from pathlib import Path

import pytest

from simulators.bench.file import BenchError, BenchFile
from simulators.bench.lines import LinkKind
from simulators.hil.file import HardwareFile, load
from simulators.hil.place import HardwarePlace, SimulatedPlace, find

READER = '[devices.card_reader]\nmodel = "sankyo-ict3q8"\nport = "/dev/ttyS0"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "bench.toml"
    path.write_text(text)
    return path


def test_a_file_with_devices_is_a_bench_of_real_ones(tmp_path: Path) -> None:
    key = '[loaded]\nmaster_key_file = "key.hex"\n[devices.pin_pad]\nmodel = "szzt-zt598"\nport = "simulated"\n'
    file = load(written(tmp_path, READER + key))

    assert isinstance(file, HardwareFile)
    assert (list(file.real), list(file.simulated)) == (["card_reader"], ["pin_pad"])
    assert file.loaded.master_key_file == tmp_path / "key.hex"


def test_any_other_bench_file_is_a_simulated_one(tmp_path: Path) -> None:
    text = (
        '[card_reader]\nmodel = "sankyo-ict3q8"\n[pin_pad]\nmodel = "szzt-zt598"\n[receipt_printer]\nmodel = "escpos"\n'
    )
    dispenser = '[cash_dispenser]\nmodel = "puloon-lcdm-2000"\ncassettes = [{ denomination = 100, notes = 5 }]\n'
    path = written(tmp_path, text + dispenser)

    assert isinstance(load(path), BenchFile)
    for said, link in ((str(path), LinkKind.MEMORY), (f"pty:{path}", LinkKind.PTY), (f"tcp:{path}", LinkKind.TCP)):
        place = find(said)
        assert isinstance(place, SimulatedPlace)
        assert (place.link, place.file.cash_dispenser.model) == (link, "puloon-lcdm-2000")


def test_only_memory_is_virtual(tmp_path: Path) -> None:
    assert [find(said).virtual for said in ("sim", "pty", "tcp")] == [True, False, False]
    place = find(str(written(tmp_path, READER)))
    assert isinstance(place, HardwarePlace)
    assert (place.name, place.virtual) == ("bench", False)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (READER + 'colour = "red"', "devices.card_reader.colour is unknown here"),
        ('[devices.coffee]\nmodel = "x"\nport = "y"', "devices.coffee: no such device; there is card_reader"),
        (
            READER + '[devices.pin_pad]\nmodel = "szzt-zt598"\nport = "/dev/ttyS0"',
            "two devices share the port /dev/ttyS0",
        ),
        (READER.replace("/dev/ttyS0", "simulated"), "use --bench=pty instead"),
        (READER + '[[loaded.cards]]\nname = "a"\n[[loaded.cards]]\nname = "a"', "two cards are called a"),
        (READER.replace("sankyo", "nobody"), "devices.card_reader.model: no CardReader driver for 'nobody-ict3q8'"),
        (READER + "options = { colour = 1 }", "devices.card_reader.options: unknown option colour"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(BenchError) as caught:
        find(str(path))

    assert complaint in str(caught.value)
    assert str(path) in str(caught.value)
