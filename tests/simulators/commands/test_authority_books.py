"""Commands that post credits and look at the books."""

import json
from pathlib import Path

import pytest

from simulators.authority.people.loading import OUR_FILES
from simulators.authority.people.people_file import read_people
from tests.simulators.authority.ledger.books import TODAY
from tests.simulators.commands.authority_process import command


@pytest.mark.req("S2-71", "S1-77", "S1-05")
def test_a_credit_is_posted_once_and_the_books_are_even(tmp_path: Path) -> None:
    at = ("--database", str(tmp_path / "authority.db"))
    person = next(iter(read_people(OUR_FILES[0], TODAY))).id_number
    assert command("people", "load", "ours", *at)[0] == 0
    credit = ("books", "credit", person, "30000", "--reference", "2026-05", "--kind", "arrears", *at, "--json")
    first, again = (json.loads(command(*credit)[1]) for _ in range(2))
    assert (first["posted"], again["posted"]) == (True, False)
    assert first["balance_fen"] == again["balance_fen"]
    taken = ("books", "credit", person, "-10000", "--reference", "x", "--kind", "correction", *at, "--json")
    assert json.loads(command(*taken)[1])["balance_fen"] == first["balance_fen"] - 10000

    code, told = command("books", "reconcile", *at, "--json")
    assert (code, json.loads(told)["faults"]) == (0, [])
    assert command("books", "exceptions", *at) == (0, "nothing is open\n")
    assert command("books", "releases", *at) == (0, "nothing was released\n")
    assert command("books", "clearing", "2026-05-20", *at) == (0, "nothing was cleared\n")


def test_a_credit_to_nobody_and_one_of_nothing_are_refused(tmp_path: Path) -> None:
    at = ("--database", str(tmp_path / "authority.db"))
    code, told = command("books", "credit", "310101198001010018", "1", "--reference", "a", *at)
    assert (code, told) == (2, "medteller-sim authority: nobody with that ID number is known\n")
