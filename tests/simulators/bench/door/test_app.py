"""The control door: what a real driver sees of each act, and what the world refuses."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import (
    Align,
    DeviceState,
    Dispensed,
    Done,
    EntryCompletion,
    KeyName,
    KeyPress,
    MoveTarget,
    PaperSupply,
    PrintText,
    UnitCounts,
    UnitStatus,
)
from simulators.bench.file import BenchFile, load_bench
from tests.simulators.bench.door.standing import standing

pytestmark = pytest.mark.real_time


async def test_an_inserted_card_is_read_and_taken_at_the_gate(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        reader = await bench.driver("card_reader")
        assert "slot is closed" in await bench.refused(409, "POST", "/card_reader/insert", card="jia")
        assert isinstance(await reader.reset(), Done)

        reading = asyncio.ensure_future(reader.read_raw_data())
        await bench.hardware.scene.until(lambda: bench.hardware.reader.takes_cards)
        assert await bench.send("POST", "/card_reader/insert", card="jia") == {
            "card": "jia",
            "where": "card_reader/slot",
        }
        card = await reading
        assert card.track2.startswith("6217000000000000012")
        assert card.atr is not None
        assert "is in no hand" in await bench.refused(409, "POST", "/card_reader/insert", card="jia")
        assert await bench.refused(409, "POST", "/card_reader/take") == "no card at the gate"

        assert isinstance(await reader.move(MoveTarget.EXIT), Done)
        assert (await bench.send("GET", "/cards"))["cards"]["jia"] == "card_reader/gate"
        assert await bench.send("POST", "/card_reader/take") == {"card": "jia", "where": "hand"}
        assert await reader.media_removed(5.0)


async def test_a_card_that_is_pulled_out_while_it_moves_in_is_back_in_the_hand(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        reader = await bench.driver("card_reader")
        await reader.reset()
        reading = asyncio.ensure_future(reader.read_raw_data())
        await bench.hardware.scene.until(lambda: bench.hardware.reader.takes_cards)

        await bench.send("POST", "/card_reader/insert", card="jia", wrong_way=True)
        assert await bench.send("POST", "/card_reader/pull") == {"card": "jia", "where": "hand"}
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert "no card is on its way in" in await bench.refused(409, "POST", "/card_reader/pull")


async def test_a_card_given_as_data_is_what_the_driver_reads(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        reader = await bench.driver("card_reader")
        await reader.reset()
        tracks = {"2": "6217000000000002026=33062201234567890"}
        added = await bench.send("POST", "/cards", card="mine", tracks=tracks, atr="3B6500000102030405")
        assert added == {"card": "mine", "where": "hand"}
        reading = asyncio.ensure_future(reader.read_raw_data())
        await bench.hardware.scene.until(lambda: bench.hardware.reader.takes_cards)
        await bench.send("POST", "/card_reader/insert", card="mine")

        card = await reading
        assert (card.track2, card.atr) == (tracks["2"], bytes.fromhex("3B6500000102030405"))
        assert "already" in await bench.refused(409, "POST", "/cards", card="mine")
        assert "no person" in await bench.refused(404, "POST", "/cards", card="x", person="nobody")
        assert (await bench.send("POST", "/cards", card="stripe", person="yi", plastic="track_only"))["where"] == "hand"


async def test_a_captured_card_is_handed_back_by_staff(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        reader = await bench.driver("card_reader")
        await reader.reset()
        reading = asyncio.ensure_future(reader.read_raw_data())
        await bench.hardware.scene.until(lambda: bench.hardware.reader.takes_cards)
        await bench.send("POST", "/card_reader/insert", card="jia")
        await reading
        assert isinstance(await reader.move(MoveTarget.RETAIN), Done)

        assert (await bench.send("GET", "/cards"))["cards"]["jia"] == "card_reader/capture box"
        assert (await bench.event("card.captured"))["data"] == {"card": "jia"}
        assert await bench.send("POST", "/card_reader/empty_capture_box") == {"cards": ["jia"]}
        assert (await bench.send("GET", "/custody"))["conserved"]


async def test_a_typed_pin_is_heard_as_digits_without_values_and_shows_in_no_event(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        pad = await bench.driver("pin_pad")
        await pad.reset()
        await pad.import_key(KeyName.PIN, bytes(range(16)))
        keys: list[KeyPress] = []
        ready = asyncio.Event()
        entering = asyncio.ensure_future(
            pad.pin_entry(
                min_len=4, max_len=6, auto_end=False, timeout=30, on_key=keys.append, on_ready=lambda: ready.set()
            )
        )
        await asyncio.wait((entering, asyncio.ensure_future(ready.wait())), return_when=asyncio.FIRST_COMPLETED)
        pressed = await bench.send("POST", "/pin_pad/keys", pin_of="jia", keys=["enter"], gap=0.05)
        entered = await entering

        assert pressed["pressed"] == 7
        assert (entered.digits, entered.completion) == (6, EntryCompletion.ENTER)
        assert keys == [KeyPress.DIGIT] * 6 + [KeyPress.ENTER]
        log = (await bench.door.get("/events/log")).text
        assert "135790" not in log
        shown = [event["data"]["key"] for event in (await bench.send("GET", "/events/log?kind=key.pressed"))["events"]]
        assert shown == ["digit"] * 6 + ["enter"]


async def test_what_was_typed_is_not_in_the_answer_to_a_bad_request(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        for path, body in (
            ("/pin_pad/keys", {"keys": ["135790"]}),
            ("/cards", {"card": "x", "tracks": {"2": "6217000000000000012=3401é"}}),
        ):
            reply = await bench.door.post(path, json=body)
            assert reply.status_code == 422
            assert "135790" not in reply.text
            assert "6217000000000000012" not in reply.text


async def test_a_pad_that_is_drilled_into_or_taken_out_says_so(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        pad = await bench.driver("pin_pad")
        assert (await pad.status()).device is DeviceState.ONLINE

        await bench.send("PUT", "/pin_pad/mounted", mounted=False)
        await bench.send("PUT", "/pin_pad/mounted", mounted=True)
        await bench.send("PUT", "/pin_pad/battery", state="low")
        assert (await bench.send("POST", "/pin_pad/tamper"))["state"]["state"] == "tampered"
        assert (await pad.status()).device is not DeviceState.ONLINE


async def test_notes_are_taken_put_back_and_every_one_is_accounted_for(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        dispenser = await bench.driver("cash_dispenser")
        assert await bench.refused(409, "POST", "/cash_dispenser/take") == "no notes at the exit"
        assert await dispenser.dispense({"unit1": 3}) == Done(Dispensed({"unit1": UnitCounts(3)}))

        assert (await bench.send("GET", "/cash_dispenser/exit"))["total"] == 300
        assert (await bench.send("POST", "/cash_dispenser/take", number=2))["total"] == 200
        assert not await dispenser.items_taken(0.5)
        assert (await bench.send("POST", "/cash_dispenser/put_back", number=1))["total"] == 100
        assert (await bench.send("POST", "/cash_dispenser/take"))["total"] == 200
        assert await dispenser.items_taken(5.0)

        custody = await bench.send("GET", "/custody")
        assert (custody["conserved"], custody["made"], custody["total"]) == (True, 400, 30_000)
        assert custody["places"]["customer"]["total"] == 300
        moved = (await bench.send("GET", "/events/log?kind=note.moved"))["events"]
        assert {event["data"]["to"] for event in moved} >= {"dispenser/path", "dispenser/exit", "customer"}


async def test_cassettes_are_pulled_out_emptied_and_filled_even_with_wrong_notes(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        dispenser = await bench.driver("cash_dispenser")
        await bench.send("PUT", "/cash_dispenser/cassettes/1", inserted=False)
        assert (await dispenser.status()).units["unit1"].status is UnitStatus.MISSING

        assert (await bench.send("DELETE", "/cash_dispenser/cassettes/1/notes"))["total"] == 20_000
        filled = await bench.send("POST", "/cash_dispenser/cassettes/1/notes", denomination=50, notes=40)
        assert filled == {"position": 1, "notes": {"50": 40}}
        await bench.send("PUT", "/cash_dispenser/cassettes/1", inserted=True)
        assert isinstance(await dispenser.dispense({"unit1": 2}), Done)
        assert (await bench.send("GET", "/cash_dispenser/exit"))["total"] == 100

        assert (await bench.send("GET", "/cash_dispenser/cassettes"))["cassettes"][1]["notes"] == {"50": 200}
        assert "no cassette 3" in await bench.refused(404, "PUT", "/cash_dispenser/cassettes/3", inserted=False)
        custody = await bench.send("GET", "/custody")
        assert (custody["conserved"], custody["made"]) == (True, 440)


async def test_nothing_is_dispensed_while_the_safe_is_open(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        dispenser = await bench.driver("cash_dispenser")
        assert await bench.send("PUT", "/cash_dispenser/safe", open=True) == {"open": True}
        await dispenser.dispense({"unit1": 1})
        assert (await bench.send("GET", "/cash_dispenser/exit"))["notes"] == []
        await bench.send("PUT", "/cash_dispenser/safe", open=False)
        assert isinstance(await dispenser.dispense({"unit1": 1}), Done)


async def test_staff_empty_the_reject_tray_and_clear_the_transport(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        assert (await bench.send("PUT", "/cash_dispenser/reject_tray", inserted=False))["total"] == 0
        assert (await bench.send("PUT", "/cash_dispenser/reject_tray", inserted=True))["notes"] == []
        assert (await bench.send("POST", "/cash_dispenser/clear_jam"))["notes"] == []
        problem = await bench.refused(409, "PUT", "/cash_dispenser/capture_box", inserted=False)
        assert problem == "this puloon-lcdm-4000 has no capture box"
        assert "no pool" in await bench.refused(409, "POST", "/cash_dispenser/empty_pool")


async def test_a_receipt_is_torn_off_and_read(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        printer = await bench.driver("receipt_printer")
        assert await bench.refused(409, "POST", "/receipt_printer/tear_off") == "no receipt hangs from the slot"
        assert isinstance(await printer.print_form([PrintText("500.00 元", Align.CENTER)]), Done)
        await bench.event("receipt.at_slot")

        assert (await bench.send("GET", "/receipt_printer/slot"))["receipt"]
        receipt = await bench.send("POST", "/receipt_printer/tear_off")
        assert "500.00 元" in receipt["text"]
        assert await bench.send("GET", "/receipt_printer/receipts/1") == receipt
        picture = await bench.door.get("/receipt_printer/receipts/1.png")
        # Without a Chinese font on this machine it says what to install.
        assert picture.content.startswith(b"\x89PNG") or "install one" in picture.json()["problem"]
        assert "no receipt 2" in await bench.refused(404, "GET", "/receipt_printer/receipts/2.png")
        assert "no receipt 2" in await bench.refused(404, "GET", "/receipt_printer/receipts/2")


async def test_paper_cover_and_jams_are_what_the_printer_reports(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        printer = await bench.driver("receipt_printer")
        for request, paper, state in (
            (("PUT", "/receipt_printer/paper", {"lines": 100}), PaperSupply.LOW, "100 lines, near end"),
            (("PUT", "/receipt_printer/paper", {"lines": 0}), PaperSupply.OUT, "0 lines, near end"),
            (("PUT", "/receipt_printer/paper", {"lines": 5000}), PaperSupply.FULL, "5000 lines"),
        ):
            method, path, body = request
            assert (await bench.send(method, path, **body))["state"]["paper"] == state
            assert (await printer.status()).paper is paper
        await bench.send("PUT", "/receipt_printer/cover", open=True)
        assert (await printer.status()).device is not DeviceState.ONLINE
        await bench.send("PUT", "/receipt_printer/cover", open=False)
        await bench.send("POST", "/receipt_printer/jam")
        assert (await printer.status()).device is not DeviceState.ONLINE
        await bench.send("POST", "/receipt_printer/clear_jam")
        assert (await printer.status()).device is DeviceState.ONLINE


async def test_power_is_cut_and_returns_at_one_device_and_at_all(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        printer = await bench.driver("receipt_printer")

        assert (await bench.send("PUT", "/devices/receipt_printer/power", on=False))["powered"] is False
        assert (await printer.status()).device is not DeviceState.ONLINE
        assert (await bench.send("PUT", "/devices/receipt_printer/power", on=True))["powered"] is True
        assert (await printer.status()).device is DeviceState.ONLINE
        everything = (await bench.send("PUT", "/power", on=False))["devices"]
        assert {state["powered"] for state in everything.values()} == {False}
        await bench.send("PUT", "/power", on=True)
        assert (await printer.status()).device is DeviceState.ONLINE
        assert "no toaster" in await bench.refused(404, "PUT", "/devices/toaster/power", on=True)


async def test_an_unplugged_line_is_gone_and_comes_back_under_its_name(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        printer = await bench.driver("receipt_printer")
        assert (await bench.send("PUT", "/devices/receipt_printer/line", plugged=False))["plugged"] is False
        assert (await printer.status()).device is DeviceState.NO_DEVICE
        assert not (tmp_path / "receipt_printer").exists()

        await bench.send("PUT", "/devices/receipt_printer/line", plugged=True)
        again = await bench.driver("receipt_printer")
        assert (await again.status()).device is DeviceState.ONLINE


@pytest.mark.parametrize("host", ["evil.example", "", "localhost.evil.example", "127.0.0.1.evil.example"])
async def test_a_name_that_somebody_made_point_here_is_turned_away(tmp_path: Path, host: str) -> None:
    async with standing(tmp_path) as bench:
        reply = await bench.door.get("/devices", headers={"Host": host})

        assert reply.status_code in (400, 421)
        assert "card_reader" not in reply.text


async def test_a_strange_web_page_is_turned_away_and_the_door_s_own_is_not(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        strange = await bench.door.put("/power", json={"on": False}, headers={"Origin": "https://evil.example"})
        own = await bench.door.put("/power", json={"on": True}, headers={"Origin": bench.url})

        assert (strange.status_code, own.status_code) == (403, 200)
        assert bench.hands.powered("pin_pad")


async def test_problems_are_json(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        assert "Not Found" in await bench.refused(404, "GET", "/nothing")
        assert "can't be understood" in await bench.refused(422, "PUT", "/power", on="perhaps")
        big = await bench.door.post("/cards", content=b"x" * (1 << 21), headers={"Content-Type": "application/json"})
        assert big.status_code == 413


def operations(openapi: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def schema_has_example(openapi: dict[str, Any], content: dict[str, Any]) -> bool:
    if "example" in content:
        return True
    schema = content["schema"]
    reference = next((each for each in (schema, *schema.get("anyOf", ())) if "$ref" in each), None)
    return reference is not None and bool(
        openapi["components"]["schemas"][reference["$ref"].rpartition("/")[2]].get("examples")
    )


async def test_the_openapi_describes_every_act_with_a_summary_and_examples(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        openapi = await bench.send("GET", "/openapi.json")
        page = await bench.door.get("/docs")

    assert openapi["openapi"].startswith("3.")
    assert page.status_code == 200
    for name, operation in operations(openapi):
        summary = operation.get("summary", "")
        assert len(summary.split()) > 1, name
        assert operation.get("tags"), name
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        replies = [reply for status, reply in operation["responses"].items() if status.startswith("2")]
        for each in (*bodies, *replies):
            for content in each["content"].values():
                assert schema_has_example(openapi, content), name


async def test_a_dispenser_with_a_shutter_gives_and_takes_back_only_while_it_is_open(tmp_path: Path) -> None:
    file = load_bench()
    f56 = {"model": "fujitsu-f56", "cassettes": file.cash_dispenser.model_dump()["cassettes"]}
    async with standing(tmp_path, BenchFile.model_validate({**file.model_dump(), "cash_dispenser": f56})) as bench:
        dispenser = await bench.driver("cash_dispenser")
        await dispenser.reset()
        assert isinstance(await dispenser.dispense({"unit1": 2}), Done)
        assert await bench.refused(409, "POST", "/cash_dispenser/take") == "no notes at the exit"
        assert isinstance(await dispenser.present(), Done)
        assert (await bench.send("POST", "/cash_dispenser/take", number=1))["total"] == 100
        assert (await bench.send("POST", "/cash_dispenser/put_back"))["total"] == 100
        assert (await bench.send("POST", "/cash_dispenser/take"))["total"] == 200
        assert (await bench.send("PUT", "/cash_dispenser/capture_box", inserted=False))["notes"] == []
        assert (await bench.send("POST", "/cash_dispenser/empty_pool"))["notes"] == []
        assert (await bench.send("GET", "/custody"))["conserved"]


async def test_with_another_dispenser_the_door_is_the_same(tmp_path: Path) -> None:
    file = load_bench()
    other = BenchFile.model_validate(
        {
            **file.model_dump(),
            "cash_dispenser": {**file.cash_dispenser.model_dump(), "model": "puloon-lcdm-2000"},
        }
    )
    async with standing(tmp_path, other) as bench:
        dispenser = await bench.driver("cash_dispenser")
        assert isinstance(await dispenser.dispense({"unit2": 1}), Done)
        assert (await bench.send("POST", "/cash_dispenser/take"))["total"] == 50
