"""A kiosk put together from its configuration."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.link import Link, Parity
from drivers.puloon_lcdm_2000 import PuloonLcdm2000
from drivers.puloon_lcdm_4000 import PuloonLcdm4000
from drivers.trace import TraceRecord
from simulators.world.line import memory_line
from terminal.assembly import ROLES, assemble, check_devices, settings_of
from terminal.config import ConfigError, KioskConfig, LineConfig
from terminal.equipment import Equipment
from terminal.journal import Entry, Journal
from terminal.recovery import fold
from terminal.vault import Vault


def config(folder: Path, **changes: Any) -> KioskConfig:
    devices = {
        "card_reader": {"model": "sankyo-ict3q8", "port": "/dev/reader"},
        "pin_pad": {"model": "szzt-zt598", "port": "/dev/pad"},
        "cash_dispenser": {"model": "puloon-lcdm-4000", "port": "/dev/dispenser"},
        "receipt_printer": {"model": "escpos", "port": "/dev/printer"},
    }
    for role, change in changes.items():
        devices[role] |= change
    return KioskConfig.model_validate(
        {
            "host": {"url": "socket://127.0.0.1:1", "terminal": "44030001", "merchant": "440300000000001"},
            "devices": devices,
            "cassettes": [
                {"unit": "unit1", "denomination": 100, "count": 200},
                {"unit": "unit2", "denomination": 50, "count": 100},
            ],
            "journal": folder / "journal.db",
            "hotline": "0755-12393",
        }
    )


def built(wanted: KioskConfig, heard: list[TraceRecord] | None = None) -> Equipment:
    async def nobody() -> Link:
        raise ConnectionRefusedError

    return assemble(
        wanted,
        {role: memory_line()[0] for role in ROLES},
        nobody,
        journal=Journal(wanted.journal, lambda: datetime(2026, 1, 5, tzinfo=UTC)),
        vault=Vault(bytes(32), bytes),
        now=lambda: datetime(2026, 1, 5, tzinfo=UTC),
        entropy=bytes,
        trace=(heard if heard is not None else []).append,
    )


async def test_each_role_gets_the_driver_of_its_model_and_the_operators_words(tmp_path: Path) -> None:
    equipment = built(config(tmp_path))

    assert isinstance(equipment.dispenser, PuloonLcdm4000)
    assert (equipment.notices.terminal_id, equipment.notices.hotline) == ("44030001", "0755-12393")
    other = config(tmp_path, cash_dispenser={"model": "puloon-lcdm-2000"})
    assert isinstance(built(other.model_copy(update={"journal": tmp_path / "other.db"})).dispenser, PuloonLcdm2000)


async def test_cassettes_are_loaded_from_the_configuration_once(tmp_path: Path) -> None:
    equipment = built(config(tmp_path))
    assert fold(equipment.journal.records()).cash.units["unit2"].remaining == 100
    equipment.journal.close()

    again = built(config(tmp_path))

    assert len(list(again.journal.records(Entry.COUNTS_SET))) == 2


async def test_every_line_is_traced_under_the_name_of_its_role(tmp_path: Path) -> None:
    heard: list[TraceRecord] = []
    equipment = built(config(tmp_path), heard)

    tries = (
        equipment.reader.status(),
        equipment.pad.status(),
        equipment.dispenser.status(),
        equipment.printer.status(),
    )
    await asyncio.gather(*tries, return_exceptions=True)

    assert {record.port for record in heard} == set(ROLES)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"card_reader": {"model": "sankyo"}}, "devices.card_reader"),
        ({"card_reader": {"model": "escpos"}}, "devices.card_reader"),
        ({"pin_pad": {"options": {"colour": "red"}}}, "devices.pin_pad"),
    ],
)
async def test_a_configuration_that_fits_no_driver_says_which_device(
    tmp_path: Path, change: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        built(config(tmp_path, **change))


@pytest.mark.parametrize(
    ("role", "change", "complaint"),
    [
        ("receipt_printer", {"options": {"columns": -3}}, "option columns: -3 is no number for it; leave it out"),
        ("receipt_printer", {"options": {"columns": 3}}, "columns: 3; paper of 58 mm has 32, of 80 mm 42 or 48"),
        ("receipt_printer", {"options": {"print_limit": float("inf")}}, "option print_limit: inf is no number"),
        ("receipt_printer", {"options": {"attempts": 0}}, "attempts must be 1 or more"),
        ("card_reader", {"options": {"poll": 0}}, "poll, .* must be more than 0 seconds"),
        ("pin_pad", {"options": {"pin_slot": 999}}, "a key slot is 0 to 255"),
        ("cash_dispenser", {"options": {"cassettes": 9}}, "cassettes: an LCDM-4000 has 1 to 4, not 9"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_before_anything_runs(
    tmp_path: Path, role: str, change: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=rf"devices\.{role}\.options: .*{complaint}"):
        check_devices(config(tmp_path, **{role: change}))


@pytest.mark.parametrize(
    ("dispenser", "unit", "complaint"),
    [
        ({}, "unit9", "unit9 is none of this puloon-lcdm-4000; it has unit1, unit2, unit3, unit4"),
        ({"options": {"cassettes": 2}}, "unit3", "unit3 is none of this puloon-lcdm-4000; it has unit1, unit2"),
        ({"model": "puloon-lcdm-2000"}, "unit3", "unit3 is none of this puloon-lcdm-2000; it has unit1, unit2"),
        ({"model": "fujitsu-f56"}, "unit5", "unit5 is none of this fujitsu-f56; it has unit1, unit2, unit3, unit4"),
    ],
)
def test_a_cassette_that_the_dispenser_does_not_have_is_refused(
    tmp_path: Path, dispenser: dict[str, Any], unit: str, complaint: str
) -> None:
    good = config(tmp_path, cash_dispenser=dispenser)
    check_devices(good)
    cassettes = (good.cassettes[0], good.cassettes[1].model_copy(update={"unit": unit}))

    with pytest.raises(ConfigError, match=rf"^cassettes\.1\.unit: {complaint}$"):
        check_devices(good.model_copy(update={"cassettes": cassettes}))


def test_the_line_is_set_as_the_driver_wants_it_unless_the_configuration_says_otherwise(tmp_path: Path) -> None:
    device = config(tmp_path).devices.cash_dispenser
    manual = settings_of("cash_dispenser", device)
    changed = settings_of(
        "cash_dispenser", device.model_copy(update={"line": LineConfig(baud=19200, parity=Parity.EVEN)})
    )

    assert (changed.baud, changed.parity) == (19200, Parity.EVEN)
    assert (changed.bytesize, changed.stopbits) == (manual.bytesize, manual.stopbits)
    with pytest.raises(ConfigError, match=r"devices\.pin_pad\.model"):
        settings_of("pin_pad", device)


def test_a_pad_with_keys_of_another_algorithm_than_the_hosts_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"devices.pin_pad.options.algorithm: sm4, but host.keys is tdes"):
        check_devices(config(tmp_path, pin_pad={"options": {"algorithm": "sm4"}}))
