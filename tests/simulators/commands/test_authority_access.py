"""Commands that admit terminals, channels and staff, and people who are enrolled once."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from simulators.authority.database import Database
from simulators.authority.people.loading import OUR_FILES
from simulators.authority.people.people_file import read_people
from simulators.authority.service_line.channels import official_channels
from simulators.authority.tables.people import persons
from simulators.authority.tables.service_line import staff
from tests.simulators.commands.authority_process import command

TERMINAL = ("terminal", "add", "K3710001", "--merchant", "371000000000001", "--region", "371000")


@pytest.fixture
def at(tmp_path: Path) -> tuple[str, str]:
    return ("--database", str(tmp_path / "authority.db"))


def test_a_terminal_is_added_once_with_keys_of_its_own(tmp_path: Path, at: tuple[str, str]) -> None:
    tmk = ("--tmk-file", str(tmp_path / "tmk"))
    code, told = command(*TERMINAL, *tmk, *at, "--json")
    files = json.loads(told)

    assert code == 0
    assert len(Path(files["tmk"]).read_text().strip()) == 32
    assert len(Path(files["service_key"]).read_text().strip()) == 64
    assert Path(files["certificate"]).exists()
    again, complaint = command(*TERMINAL, *tmk, *at)
    assert (again, complaint) == (
        2,
        "medteller-sim authority: there is a terminal K3710001 already; its keys were not changed\n",
    )


def test_channels_and_staff_are_added_once(tmp_path: Path, at: tuple[str, str]) -> None:
    (tmp_path / "password").write_text("correct horse battery\n")
    channel = ("channel", "add", "OFFICE-1", "--kind", "office", "--region", "371000", *at)
    member = ("staff", "add", "li", "--role", "reviewer", "--password-file", str(tmp_path / "password"), *at)
    for arguments in (channel, member):
        assert command(*arguments)[0] == 0
        assert command(*arguments)[0] == 2

    database = Database(Path(at[1]))
    with database.transaction() as connection:
        assert [each.id for each in official_channels(connection)] == ["OFFICE-1"]
    assert command("channel", "withdraw", "OFFICE-1", *at) == (0, "OFFICE-1 is no official channel now\n")
    assert command("channel", "withdraw", "OFFICE-1", *at)[0] == 2
    with database.transaction() as connection:
        assert official_channels(connection) == ()
    database.close()


def test_who_of_the_staff_is_insured_is_known_by_the_id_number(tmp_path: Path, at: tuple[str, str]) -> None:
    (tmp_path / "password").write_text("correct horse battery\n")
    member = ("staff", "add", "li", "--role", "reviewer", "--password-file", str(tmp_path / "password"))
    person = next(iter(read_people(OUR_FILES[0], date(2026, 11, 22))))
    code, complaint = command(*member, "--person", person.id_number, *at)
    assert (code, complaint) == (
        2,
        "medteller-sim authority: nobody with that ID number is known; load them first with `authority people load`\n",
    )
    assert command("people", "load", str(OUR_FILES[0]), *at)[0] == 0
    assert command(*member, "--person", person.id_number, *at)[0] == 0

    database = Database(Path(at[1]))
    with database.transaction() as connection:
        number = connection.scalar(select(staff.c.person_id).where(staff.c.id == "li"))
        assert number is not None
        assert number == connection.scalar(
            select(persons.c.id).where(persons.c.region == person.region).order_by(persons.c.id)
        )
    database.close()


def test_somebody_of_the_staff_gets_another_role_and_leaves(tmp_path: Path, at: tuple[str, str]) -> None:
    (tmp_path / "password").write_text("correct horse battery\n")
    given = ("--role", "reviewer", "--password-file", str(tmp_path / "password"))
    assert command("staff", "add", "li", *given, *at)[0] == 0

    code, told = command("staff", "change", "li", "--role", "supervisor", "--region", "371000", *at, "--json")
    assert (code, json.loads(told)) == (0, {"staff": "li", "role": "supervisor"})
    assert command("staff", "close", "li", *at) == (0, "the account li is closed\n")
    code, told = command("staff", "change", "li", "--role", "teller", *at)
    assert (code, told) == (2, "medteller-sim authority: there is no open account li; nothing was changed\n")


def test_people_are_enrolled_once(at: tuple[str, str]) -> None:
    code, told = command("people", "load", "ours", *at, "--json")
    assert code == 0
    assert json.loads(told)["enrolled"] > 0
    assert json.loads(command("people", "load", "ours", *at, "--json")[1]) == {"enrolled": 0}


def test_a_file_of_people_is_refused_with_person_and_key(tmp_path: Path, at: tuple[str, str]) -> None:
    text = OUR_FILES[0].read_text(encoding="utf-8")
    (tmp_path / "people.toml").write_text(text.replace('region = "371082"', 'region = "3710"'), encoding="utf-8")

    code, told = command("people", "load", tmp_path / "people.toml", *at)
    assert code == 2
    assert f"{tmp_path / 'people.toml'}: person wh-county: region: " in told


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("terminal", "add", "K1", "--merchant", "1" * 15, "--region", "371000", "--tmk-file", "tmk"), "eight letters"),
        (("terminal", "add", "K3710001", "--merchant", "1", "--region", "371000", "--tmk-file", "tmk"), "15 letters"),
        (("terminal", "add", "K3710001", "--merchant", "1" * 15, "--region", "37", "--tmk-file", "tmk"), "six digits"),
        (("channel", "add", "A B", "--kind", "app", "--region", "371000"), "1 to 30 letters"),
        (("channel", "add", "A", "--kind", "terminal", "--region", "371000"), "terminal add"),
        (("staff", "add", "li", "--role", "reviewer", "--password-file", "none"), "can't be read"),
        (("people", "load", "none.toml"), "none.toml"),
    ],
)
def test_what_can_not_be_added_is_told(at: tuple[str, str], arguments: tuple[str, ...], complaint: str) -> None:
    code, told = command(*arguments, *at)

    assert (code, told.count("\n")) == (2, 1)
    assert complaint in told


def test_a_short_password_is_refused(tmp_path: Path, at: tuple[str, str]) -> None:
    (tmp_path / "password").write_text("short")

    code, told = command("staff", "add", "li", "--role", "teller", "--password-file", tmp_path / "password", *at)
    assert (code, told) == (2, "medteller-sim authority: a password has at least 10 characters\n")


@pytest.mark.parametrize(
    "name",
    [
        "serve",
        "terminal add",
        "channel add",
        "channel withdraw",
        "staff add",
        "staff change",
        "staff close",
        "people load",
    ],
)
def test_each_command_has_help_with_an_example(name: str) -> None:
    code, told = command(*name.split(), "--help")

    assert code == 0
    assert "Example: medteller-sim" in told


def test_a_terminal_may_have_a_master_key_for_sm4_too(tmp_path: Path, at: tuple[str, str]) -> None:
    keys = ("--tmk-file", str(tmp_path / "tmk"), "--sm4-tmk-file", str(tmp_path / "sm4"))
    code, told = command(*TERMINAL, *keys, *at, "--json")

    assert code == 0
    assert len(Path(json.loads(told)["sm4_tmk"]).read_text().strip()) == 32
