"""What operators type on a stopped kiosk, and what comes of it. The commands are those that docs/operation.md shows."""

import asyncio
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from drivers.link import LineSettings, Link
from protocol.money_line import Original
from simulators.bench.file import load_bench
from simulators.bench.hardware import Hardware
from simulators.world.line import memory_line
from terminal import cli, operators
from terminal.host_memory import HostMemory
from terminal.journal import Entry, Journal, inspect
from terminal.redaction import Json
from tests.terminal.kiosk_files import in_folder

OPERATION = (Path(__file__).parents[2] / "docs" / "operation.md").read_text(encoding="utf-8")

LI, WANG = "li-secret-1", "wang-secret-2"
BY = ("--by", "li", "--by", "wang")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operators, "COST", (2, 8, 1))


class Desk:
    """A stopped kiosk with two operators and one withdrawal in suspense."""

    def __init__(self, folder: Path) -> None:
        self.config = in_folder(folder)
        self.journal = folder / "journal.db"
        self.folder = folder
        with self.writing() as journal:
            for unit in ("unit1", "unit2"):
                journal.write(Entry.COUNTS_SET, unit=unit, notes=200, denomination_fen=100_00)
            journal.write(Entry.CARD_READ, "visit-000017", card="621700*********0012", region="310100")
            name: dict[str, Json] = {"batch": 1, "stan": 7, "date": "0105"}
            more: dict[str, Json] = {"entry_mode": "051", "pan_sequence": None, "sealed": "abc"}
            journal.write(Entry.HOST_REQUEST, "visit-000017", mti="0200", **name, amount_fen=500_00, **more)
            answer: dict[str, Json] = {"reference": "600500000001", "authorisation": "000001", "host_date": "0105"}
            journal.write(Entry.HOST_REPLY, "visit-000017", **name, approved=True, **answer)
            journal.write(Entry.DISPENSE_INTENT, "visit-000017", amount_fen=500_00, mix={"unit1": 5})
            journal.write(Entry.DISPENSE_UNKNOWN, "visit-000017", cause="no answer", mix={"unit1": 5})
            journal.write(Entry.SUSPENSE_OPENED, "visit-000017", cause="no answer", mix={"unit1": 5})

    def writing(self) -> "Writing":
        return Writing(self.journal)

    def run(self, *arguments: str, typed: tuple[str, ...] = ()) -> Result:
        """A command line; `typed` are the passwords, one a line."""
        words = [*arguments, "--config", str(self.config)]
        return CliRunner().invoke(cli.app, words, input="".join(f"{line}\n" for line in typed))

    def enter_operators(self) -> None:
        assert self.run("operator", "add", "li", typed=(LI,)).exit_code == 0
        assert self.run("operator", "add", "wang", typed=(WANG,)).exit_code == 0

    def kinds(self) -> list[str]:
        return [record.kind for record in inspect(self.journal)[1]]

    def last(self) -> dict[str, object]:
        return inspect(self.journal)[1][-1].data


class Writing:
    """The journal, as long as a test writes to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Journal:
        self._journal = Journal(self._path, lambda: datetime(2026, 1, 5, 9, 30, tzinfo=UTC))
        return self._journal

    def __exit__(self, *_: object) -> None:
        self._journal.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.enter_operators()
    yield made
    assert inspect(made.journal)[0].ok


def test_items_are_listed_with_age_amount_and_evidence_and_are_an_exit_code(desk: Desk) -> None:
    told = desk.run("journal", "suspense")
    assert told.exit_code == 1
    assert "visit-000017  2026-01-05 09:30" in told.stdout
    assert "500.00 yuan held" in told.stdout
    assert "621700*********0012" in told.stdout
    assert "asked: 5 of unit1" in told.stdout

    (line,) = desk.run("journal", "suspense", "--json").stdout.splitlines()
    item = json.loads(line)
    assert (item["visit"], item["amount_fen"], item["mix"]) == ("visit-000017", 500_00, {"unit1": 5})
    assert item["age_seconds"] > 0


@pytest.mark.req("S1-81")
def test_a_count_of_two_operators_resolves_an_item(desk: Desk) -> None:
    done = desk.run("journal", "resolve", "visit-000017", "--paid", "unit1=3", *BY, typed=(LI, WANG))

    assert done.exit_code == 0, done.output
    assert "at its next start the kiosk confirms 300.00 yuan" in done.stdout
    assert desk.last()["units"] == {"unit1": [3, 0]}
    assert desk.last()["by"] == ["li", "wang"]
    assert desk.run("journal", "suspense").exit_code == 0


def test_nothing_paid_is_said_in_so_many_words(desk: Desk) -> None:
    vague = desk.run("journal", "resolve", "visit-000017", *BY, typed=(LI, WANG))
    assert vague.exit_code == 2
    assert "--nothing" in vague.output

    done = desk.run("journal", "resolve", "visit-000017", "--nothing", *BY, typed=(LI, WANG))
    assert "gives the whole amount back" in done.stdout


@pytest.mark.parametrize(
    ("by", "typed", "complaint"),
    [
        (("--by", "li"), (LI,), "two different operators"),
        (("--by", "li", "--by", "li"), (LI, LI), "two different operators"),
        (BY, (LI, "not hers"), "name or password is wrong"),
        (BY, (), "name or password is wrong"),
        ((), (), "two different operators"),
    ],
)
def test_without_two_operators_nothing_is_resolved(
    desk: Desk, by: tuple[str, ...], typed: tuple[str, ...], complaint: str
) -> None:
    refused = desk.run("journal", "resolve", "visit-000017", "--paid", "unit1=5", *by, typed=typed)

    assert refused.exit_code == 1
    assert complaint in refused.stderr
    assert "Traceback" not in refused.output
    assert "suspense_closed" not in desk.kinds()


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("visit-000009", "--nothing"), 1, "no item is open for visit-000009"),
        (("visit-000017", "--paid", "unit1=6"), 1, "name its case with --case"),
        (("visit-000017", "--paid", "unit8=1"), 1, "there is no cassette unit8"),
        (("visit-000017", "--paid", "five"), 2, "write each cassette once"),
        (("visit-000017", "--paid", "unit1=1", "--paid", "unit1=2"), 2, "write each cassette once"),
    ],
)
def test_a_count_that_can_not_be_is_told_before_anybody_types_a_password(
    desk: Desk, arguments: tuple[str, ...], code: int, complaint: str
) -> None:
    refused = desk.run("journal", "resolve", *arguments, *BY, typed=(LI, WANG))

    assert refused.exit_code == code
    assert complaint in refused.output
    assert "operator_accepted" not in desk.kinds()


def test_more_than_was_held_goes_to_a_case(desk: Desk) -> None:
    done = desk.run(
        "journal", "resolve", "visit-000017", "--paid", "unit1=6", "--case", "C-2026-0042", *BY, typed=(LI, WANG)
    )

    assert "confirms 500.00 yuan" in done.stdout
    assert desk.last()["case"] == "C-2026-0042"


@pytest.mark.req("S1-81")
def test_fillings_and_counts_are_entered_and_read_back(desk: Desk) -> None:
    filled = desk.run("cash", "replenish", "unit1=1000", *BY, typed=(LI, WANG))
    assert filled.stdout == "unit1: 1000 notes of 100 yuan; it was 200\n"
    counted = desk.run("cash", "count", "unit1=998", *BY, typed=(LI, WANG))
    assert counted.stdout == "unit1: 998 notes of 100 yuan; it was 1000\n"

    unit, _, area = [json.loads(line) for line in desk.run("cash", "counts", "--json").stdout.splitlines()]
    assert (unit["unit"], unit["remaining"], unit["accuracy"]) == ("unit1", 998, "accurateSet")
    assert area == {"unit": "retract", "bundles": 0, "counted": 0, "uncounted": 0}
    assert "998 x 100" in desk.run("cash", "counts").stdout


def test_an_emptied_retract_area_is_entered(desk: Desk) -> None:
    done = desk.run("cash", "empty-retract", "3", *BY, typed=(LI, WANG))

    assert done.exit_code == 0
    assert desk.last()["found"] == 3


def an_advice(desk: Desk, *, refused: bool = False, unknown: bool = False) -> None:
    """The host was told of 300 yuan, and has not taken it, or knows of no such approval."""
    exchange = Original(1, 7, "0105")
    name: dict[str, Json] = {"batch": exchange.batch, "stan": exchange.stan, "date": exchange.date}
    with desk.writing() as journal:
        journal.write(
            Entry.ADVICE_STORED,
            "visit-000017",
            **name,
            mti="0220",
            own_stan=8,
            own_date="0105",
            original_date="0105",
            amount_fen=300_00,
            cause="",
            reference="600500000001",
            authorisation=None,
            units="",
            entry_mode="051",
            pan_sequence=None,
            sealed="abc",
        )
        if refused:
            journal.write(Entry.ADVICE_ANSWERED, "visit-000017", **name, mti="0220", code="64", ended=False)
        if unknown:
            journal.write(Entry.ADVICE_ANSWERED, "visit-000017", **name, mti="0220", code="25", ended=True)


def test_two_operators_order_a_day_end_for_the_next_start(desk: Desk) -> None:
    an_advice(desk, refused=False)

    alone = desk.run("cash", "day-end", "--by", "li", "--by", "li", typed=(LI, LI))
    assert alone.exit_code == 1
    assert Entry.DAY_END_ORDERED not in desk.kinds()
    done = desk.run("cash", "day-end", *BY, typed=(LI, WANG))

    assert done.stdout == "1 payouts of 300.00 yuan are settled at the next start\n"
    assert desk.last() == {"by": ["li", "wang"]}
    assert HostMemory(inspect(desk.journal)[1]).day_end_ordered


def test_an_advice_that_the_host_refuses_is_handed_over_to_a_case(desk: Desk) -> None:
    an_advice(desk, refused=True)
    (line,) = desk.run("advice", "list", "--json").stdout.splitlines()
    assert json.loads(line) == {
        "visit": "visit-000017",
        "kind": "confirm",
        "amount_fen": 300_00,
        "refused_with": "64",
    }

    nameless = desk.run("advice", "hand-over", "visit-000017", "--case", " ", *BY, typed=(LI, WANG))
    assert nameless.exit_code == 2
    done = desk.run("advice", "hand-over", "visit-000017", "--case", "C-2026-0042", *BY, typed=(LI, WANG))

    assert "confirm of 300.00 yuan is the matter of case C-2026-0042" in done.stdout
    data = desk.last()
    assert (data["code"], data["amount_fen"], data["by"]) == ("64", 300_00, ["li", "wang"])
    assert desk.run("advice", "list").stdout == ""


def test_what_an_advice_named_that_the_host_did_not_know_can_be_looked_up(desk: Desk) -> None:
    an_advice(desk, unknown=True)

    assert desk.run("advice", "list").stdout == ""
    (line,) = desk.run("advice", "list", "--not-found", "--json").stdout.splitlines()
    assert json.loads(line) == {
        "visit": "visit-000017",
        "kind": "confirm",
        "amount_fen": 300_00,
        "batch": 1,
        "stan": 7,
        "date": "0105",
    }


def test_an_advice_that_only_waits_is_not_handed_over_without_saying_so(desk: Desk) -> None:
    an_advice(desk, refused=False)
    order = ("advice", "hand-over", "visit-000017", "--case", "C-1")

    refused = desk.run(*order, *BY, typed=(LI, WANG))
    assert refused.exit_code == 1
    assert "it is sent at the next start" in refused.stderr
    assert desk.run(*order, "--unanswered", *BY, typed=(LI, WANG)).exit_code == 0
    assert desk.run(*order, *BY, typed=(LI, WANG)).exit_code == 1  # there is none any more


def test_a_running_kiosk_keeps_its_journal_to_itself(desk: Desk) -> None:
    with desk.writing():
        for command in (("journal", "suspense"), ("cash", "counts"), ("operator", "list"), ("advice", "list")):
            refused = desk.run(*command)
            assert refused.exit_code == 1
            assert "in use by another program; stop the kiosk first" in refused.stderr


def test_a_journal_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    config = in_folder(tmp_path)

    refused = CliRunner().invoke(cli.app, ["journal", "suspense", "--config", str(config)])

    assert refused.exit_code == 1
    assert not (tmp_path / "journal.db").exists()


def test_operators_are_listed_locked_unlocked_and_removed(desk: Desk) -> None:
    for name, password in (("zhao", "zhao-pass-3"), ("qian", "qian-pass-4")):
        assert desk.run("operator", "add", name, *BY, typed=(LI, WANG, password)).exit_code == 0
    for _ in range(operators.TRIES):
        assert desk.run("cash", "count", "unit1=1", *BY, typed=(LI, "a guess")).exit_code == 1
    listed = [json.loads(line) for line in desk.run("operator", "list", "--json").stdout.splitlines()]
    assert {entry["name"]: entry["locked"] for entry in listed} == {
        "li": False,
        "qian": False,
        "wang": True,
        "zhao": False,
    }

    others = ("--by", "li", "--by", "zhao")
    assert desk.run("operator", "unlock", "wang", *others, typed=(LI, "zhao-pass-3")).exit_code == 0
    assert desk.run("operator", "remove", "qian", *others, typed=(LI, "zhao-pass-3")).exit_code == 0
    assert desk.run("operator", "list").stdout.split() == ["li", "wang", "zhao"]


def test_a_lost_book_is_begun_again_and_the_journal_knows(desk: Desk) -> None:
    (desk.folder / "operators.json").unlink()
    assert desk.run("operator", "add", "eve", typed=("eve-secret-9",)).exit_code == 1

    assert desk.run("operator", "commission").exit_code == 0
    desk.enter_operators()
    assert desk.run("cash", "count", "unit1=1", *BY, typed=(LI, WANG)).exit_code == 0
    assert "operators_changed" in desk.kinds()


def documented() -> list[str]:
    """The command lines of docs/operation.md, without their remarks."""
    lines = re.findall(r"^ {4,}(medteller .*)$", OPERATION, flags=re.MULTILINE)
    return [line.partition(" #")[0].strip() for line in lines]


async def a_printer(port: str, settings: LineSettings) -> Link:
    """A simulated printer on every port; its paper is nobody's business here."""
    ours, theirs = memory_line()
    device = Hardware(load_bench(), seed=1).simulated["receipt_printer"]
    asyncio.get_running_loop().create_task(device.serve(theirs))
    return ours


@pytest.mark.real_time
def test_a_printer_that_is_not_there_is_told(desk: Desk) -> None:
    refused = desk.run("journal", "slip")

    assert refused.exit_code == 1
    assert "Traceback" not in refused.output
    assert "operator_slip_printed" not in desk.kinds()


ROOMS = ("operator", "cash", "advice", "journal suspense", "journal slip", "journal resolve")


@pytest.mark.parametrize(
    "line", [line for line in documented() if line.removeprefix("medteller ").startswith(ROOMS)], ids=str
)
@pytest.mark.real_time
def test_every_documented_command_does_what_it_says(tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terminal.operator_cli.open_link", a_printer)
    words = shlex.split(line.replace("--config kiosk.toml", ""))[1:]
    desk, passwords = Desk(tmp_path), {"li": LI, "wang": WANG, "zhao": "zhao-pass-3"}
    for name, password in passwords.items():
        if words[:3] == ["operator", "add", name]:
            break
        by = BY if name == "zhao" else ()
        assert desk.run("operator", "add", name, *by, typed=(LI, WANG, password) if by else (password,)).exit_code == 0
    if words[0] == "advice":
        unknown = "--not-found" in words
        an_advice(desk, refused=not unknown, unknown=unknown)

    named = [words[at + 1] for at, word in enumerate(words) if word == "--by"]
    typed = (*(passwords[name] for name in named), *([passwords[words[2]]] if words[:2] == ["operator", "add"] else []))
    done = desk.run(*words, typed=typed)

    assert done.exit_code == (1 if words[:2] == ["journal", "suspense"] else 0), done.output
    assert done.stdout


def test_every_command_has_its_line_in_the_document() -> None:
    def leaves(group: Any, before: tuple[str, ...]) -> Iterator[str]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from leaves(command, (*before, name))
            else:
                yield " ".join((*before, name))

    told = documented()
    missing = [
        name
        for name in leaves(typer.main.get_command(cli.app), ("medteller",))
        if not any(name in line for line in told)
    ]
    assert missing == []
