from collections.abc import AsyncIterator

import pytest

from drivers.interfaces import DeviceError, Done, Refused, Unknown
from drivers.puloon_lcdm import PuloonLcdm4000
from drivers.puloon_lcdm_4000_service import Measured, PuloonLcdm4000Service, Settings
from protocol.wire import LocalProtocolError
from simulators.devices import puloon_lcdm as devices
from simulators.devices.note_faults import Defect, Upset
from tests.drivers.puloon_bench import Bench, bench, drop
from tests.vectors import vector


@pytest.fixture
async def made() -> AsyncIterator[Bench]:
    async with bench("4000") as b:
        yield b


def service(made: Bench) -> PuloonLcdm4000Service:
    assert isinstance(made.driver, PuloonLcdm4000)
    return PuloonLcdm4000Service(made.driver)


async def test_settings_are_set_with_the_bytes_of_the_field_and_read_back(made: Bench) -> None:
    after = await service(made).set_lengths((198, 0, 0, 0))
    assert vector("puloon_lcdm", "4000: SET LENGTHS, cassette 1 to 156 mm") in made.host.sent
    assert after == Settings((0x20,) * 4, (198, 0x50, 0x50, 0x50), (1, 2, 3, 4))
    assert (await service(made).set_opacities((1, 2, 3, 4))).opacities == (1, 2, 3, 4)
    assert (await service(made).set_order((4, 3, 2, 1))).order == (4, 3, 2, 1)
    assert vector("puloon_lcdm", "4000: SET ORDER 4 3 2 1") in made.host.sent


async def test_what_the_device_does_not_keep_is_an_error_that_says_so(made: Bench) -> None:
    made.device.break_(Defect.EEPROM)
    with pytest.raises(DeviceError, match="not set: eeprom write"):
        await service(made).set_lengths((198, 0, 0, 0))
    with pytest.raises(DeviceError, match="not set: abnormal parameter"):
        await service(made).set_order((1, 1, 2, 3))


async def test_settings_that_were_lost_show_when_they_are_read_back(made: Bench) -> None:
    assert isinstance(made.device, devices.PuloonLcdm4000)
    await service(made).set_lengths((198, 198, 198, 198))
    made.device.spoil_settings()
    made.device.reset_itself()
    assert (await service(made).settings()).lengths == (0x50,) * 4


@pytest.mark.parametrize("values", [(1, 2, 3), (256, 0, 0, 0), (-1, 0, 0, 0)])
async def test_values_that_no_setting_can_have_never_reach_the_line(made: Bench, values: tuple[int, ...]) -> None:
    with pytest.raises(LocalProtocolError, match="4 values from 0 to 255"):
        await service(made).set_lengths(values)
    assert made.host.sent == []


async def test_diagnostics_run_five_notes_into_the_tray_and_measure(made: Bench) -> None:
    assert await service(made).diagnose(1) == Done(Measured(opacity=0x20, length=0x50, divert=2, rejected=5))
    assert made.moved() == {"unit1": (0, 5)}


async def test_diagnostics_of_a_missing_cassette_are_refused_and_a_jam_is_unknown(made: Bench) -> None:
    made.device.remove_cassette(2)
    assert isinstance(await service(made).diagnose(2), Refused)
    made.device.upset(Upset.JAM_IN_PATH, 1, pick=2)
    assert isinstance(await service(made).diagnose(1), Unknown)


async def test_diagnostics_leave_once_even_if_nobody_answers(made: Bench) -> None:
    made.far.disturb = drop(b"\x01\x30\x02\x58")
    assert isinstance(await service(made).diagnose(1), Unknown)
    assert sum(sent.startswith(b"\x04\x30\x02\x58") for sent in made.host.sent) == 1
    assert made.moved() == {"unit1": (0, 5)}


async def test_the_serial_of_the_last_dispense_can_be_read(made: Bench) -> None:
    assert await service(made).serial_number() == 0
