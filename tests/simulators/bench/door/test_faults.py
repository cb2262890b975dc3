"""Faults over the control door, and what a driver makes of them."""

from pathlib import Path

import pytest

from drivers.interfaces import DeviceState, Done, PaperSupply
from tests.simulators.bench.door.standing import standing

pytestmark = pytest.mark.real_time


async def test_the_catalogue_says_who_can_suffer_what_with_which_options(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        faults = {fault["id"]: fault for fault in (await bench.send("GET", "/faults"))["faults"]}

    assert faults["C1"]["words"] == "pick failure"
    assert faults["C1"]["devices"]["cash_dispenser"]["cassette"] == {
        "default": 1,
        "required": False,
        "allowed": "one of 1, 2",
    }
    assert set(faults["B20"]["devices"]) == {"card_reader", "pin_pad", "cash_dispenser", "receipt_printer"}


async def test_a_fault_strikes_at_once_and_is_mended_when_it_is_disarmed(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        printer = await bench.driver("receipt_printer")
        armed = await bench.send("POST", "/faults", fault="C21")
        assert (armed["device"], len(armed["fired"]), armed["active"]) == ("receipt_printer", 1, False)
        assert (await printer.status()).paper is PaperSupply.OUT
        assert (await bench.event("fault.fired"))["data"] == {"number": 1, "fault": "C21"}

        await bench.send("DELETE", "/faults/armed/1")
        assert (await printer.status()).paper is PaperSupply.FULL


async def test_a_fault_waits_for_its_command(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        dispenser = await bench.driver("cash_dispenser")
        armed = await bench.send("POST", "/faults", fault="C1", trigger={"command": 1}, options={"cassette": 1})
        assert (armed["fired"], armed["active"]) == ([], True)

        outcome = await dispenser.dispense({"unit1": 2})
        assert not isinstance(outcome, Done) or outcome.result.error is not None
        (after,) = (await bench.send("GET", "/faults/armed"))["armed"]
        assert len(after["fired"]) == 1
        assert (await bench.send("GET", "/custody"))["conserved"]


async def test_an_unplugged_adapter_comes_back(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        await bench.send("POST", "/faults", fault="B20", device="pin_pad", options={"seconds": 0.2})
        gone = await bench.event("line")
        back = await bench.event("line", since=gone["number"])
        assert (gone["data"], back["data"]) == ({"plugged": False}, {"plugged": True})
        pad = await bench.driver("pin_pad")
        assert (await pad.status()).device is DeviceState.ONLINE


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (404, {"fault": "Z9"}, "no fault 'Z9'"),
        (422, {"fault": "B1"}, "name the device"),
        (422, {"fault": "C1", "device": "pin_pad"}, "can't suffer"),
        (422, {"fault": "C1", "options": {"colour": "red"}}, "no option colour"),
        (422, {"fault": "C1", "trigger": {"at": 1, "command": 2}}, "give one of"),
        (422, {"fault": "G5"}, "contactless"),
    ],
)
async def test_a_fault_that_can_t_be_armed_says_what_would_do(
    tmp_path: Path, status: int, body: dict[str, object], told: str
) -> None:
    async with standing(tmp_path) as bench:
        assert told in await bench.refused(status, "POST", "/faults", **body)
        assert (await bench.send("GET", "/faults/armed"))["armed"] == []
        assert "no armed fault" in await bench.refused(404, "DELETE", "/faults/armed/1")
