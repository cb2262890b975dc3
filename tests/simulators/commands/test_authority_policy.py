import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulators.authority.business_time import business_time
from simulators.authority.policy.policy_book import REGIONS
from simulators.cli import app
from simulators.commands.authority_opening import now

WEIHAI = (REGIONS / "371000_weihai.toml").read_text(encoding="utf-8")
NEXT_YEAR = business_time(now()).year + 1


PASSWORD = "a long password"  # of people who do not exist


def run(*arguments: str | Path, typed: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["authority", "policy", *map(str, arguments)], input=typed)
    return result.exit_code, result.stdout.removeprefix(" \n") + result.stderr.removeprefix("Password:")


def add_staff(tmp_path: Path, name: str, role: str = "policy_maker", region: str = "371000") -> None:
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    told = ["--role", role, "--region", region, "--password-file", tmp_path / "password"]
    arguments = ["authority", "staff", "add", name, *told, "--database", tmp_path / "authority.db"]
    assert CliRunner().invoke(app, [*map(str, arguments)]).exit_code == 0


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A version of Weihai that begins next year, of half the single limit."""
    path = tmp_path / "draft.toml"
    text = WEIHAI.replace('"2026.1"', '"next.1"').replace("valid_from = 2026-01-01", f"valid_from = {NEXT_YEAR}-01-01")
    path.write_text(text.replace("CASH = 500_000", "CASH = 250_000"), encoding="utf-8")
    return path


def test_our_own_policies_are_good() -> None:
    code, told = run("check")

    assert code == 0
    assert "371000_weihai.toml: good: 371000 威海 2026.1 from 2026-01-01, service on" in told
    assert "service off" in told


@pytest.mark.req("S2-43", "S2-18")
def test_files_from_elsewhere_are_checked_and_every_fault_is_told(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(
        WEIHAI.replace("371000", "420100").replace("威海", "武汉").replace("FILING", "MOON_PERMIT"), encoding="utf-8"
    )
    (tmp_path / "bad.toml").write_text(WEIHAI.replace("legal_basis", "legal_bases"), encoding="utf-8")
    code, told = run("check", tmp_path)

    assert code == 1
    assert "good.toml: good: 420100" in told
    assert "MOON_PERMIT has no name in zh_CN: add it to [texts.zh_CN.names]" in told
    assert "bad.toml: can't be used" in told
    assert "legal_bases: there is no such key; did you mean legal_basis?" in told
    assert "legal_basis: is missing; add it" in told

    rows = json.loads(run("check", tmp_path, "--json")[1])
    assert [row["error"] is None for row in rows] == [False, True]


@pytest.mark.req("S1-69", "S2-34")
def test_a_decision_is_explained_rule_by_rule_with_region_version_and_basis(tmp_path: Path) -> None:
    code, told = run("explain", "371000", "440300", "--amount", "3000", "--at", "2026-05-20T10:00")

    assert code == 1
    rows = told.splitlines()
    assert (
        "参保地 威海 371000 (2026.1),取现地 深圳 440300 (2026.2),2026-05-20 10:00:自助终端、现金、异地就医" in rows[0]
    )
    answer = next(number for number, row in enumerate(rows) if row.startswith("3,000:不予办理,61"))
    assert rows[answer + 1] == "  - 单次限额: 2,000 yuan  (440300 2026.2, Simulated policy SZ-2026-2 (2026-01-01/))"
    assert any(row.startswith("  - single_limit           440300 2026.2      2,000 yuan") for row in rows[answer + 2 :])
    assert "  440300 每次不超过2,000元" in rows[:answer]
    facts = tmp_path / "facts.json"
    facts.write_text('{"balance_fen": 900000, "own_single_fen": 10000}', encoding="utf-8")
    given = run("explain", "371000", "440300", "--facts", facts, "--balance", "50", "--json")
    assert json.loads(given[1])["maximum_fen"] == 0
    facts.write_text('{"own_single_fen": 10000}', encoding="utf-8")
    code, told = run("explain", "371000", "440300", "--amount", "100", "--facts", facts, "--json")
    document = json.loads(told)
    assert (code, document["code"], document["maximum_fen"], document["refused"]) == (0, "00", 10_000, [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"balanse_fen": 1}', "there is no such key: balanse_fen; known: balance_fen"),
        (
            '{"home_use": {"draws": 1}, "contributions": [{"month": "2026-05-01", "paid": 1}]}',
            "contributions.0.paid, home_use.draws",
        ),
        ("[]", "file: Input should be"),
        ("{", "not JSON"),
    ],
)
def test_facts_that_nobody_understands_are_told(tmp_path: Path, text: str, told: str) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text(text, encoding="utf-8")
    code, said = run("explain", "371000", "440300", "--facts", facts)

    assert code == 2
    assert told in said


@pytest.mark.req("S1-58")
def test_policies_of_a_directory_are_explained_too(tmp_path: Path) -> None:
    (tmp_path / "wuhan.toml").write_text(WEIHAI.replace("371000", "420100"), encoding="utf-8")

    assert run("explain", "420100", "440300", "--policies", tmp_path)[0] == 0
    code, told = run("explain", "420100", "440300")
    assert code == 2
    assert "no policy is in force in 420100" in told


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--amount", "12.345", "write yuan"),
        ("--at", "yesterday", "write a Shanghai time"),
        ("--facts", "none.json", "No such file"),
    ],
)
def test_wrong_use_says_what_to_write(option: str, value: str, told: str) -> None:
    code, said = run("explain", "371000", "440300", option, value)

    assert code == 2
    assert told in said


@pytest.mark.req("S2-39")
def test_a_draft_is_simulated_and_then_activated_by_two_people(tmp_path: Path, draft: Path) -> None:
    at = ("--database", tmp_path / "authority.db")

    for name in ("zhang", "li"):
        add_staff(tmp_path, name)

    code, told = run("simulate", draft, *at, "--json")
    assert (code, json.loads(told)["judged"]) == (0, 0)
    waits = (0, "draft 1 waits for a second person; signed by zhang\n")
    assert run("activate", draft, "--by", "zhang", *at, typed=f"{PASSWORD}\n") == waits
    assert run("activate", draft, "--by", " zhang", "--password-file", tmp_path / "password", *at) == waits
    assert run("waiting", *at)[1] == f"draft 1: 371000 next.1 from {NEXT_YEAR}-01-01, signed by zhang\n"
    code, told = run("activate", draft, "--by", "li", *at, typed=f"{PASSWORD}\n")
    assert code == 0
    assert told.startswith(f"371000 next.1 is active from {NEXT_YEAR}-01-01, signed by zhang, li")
    assert run("waiting", *at) == (0, "")


def test_a_name_without_its_password_signs_nothing_and_is_locked_in_the_end(tmp_path: Path, draft: Path) -> None:
    at = ("--database", tmp_path / "authority.db")
    add_staff(tmp_path, "zhang")
    add_staff(tmp_path, "wu", region="440300")
    add_staff(tmp_path, "sun", role="reviewer")

    tries = [run("activate", draft, "--by", "zhang", *at, typed="another one\n") for _ in range(6)]
    assert {code for code, _ in tries} == {1}
    assert "no such account, or another password" in tries[0][1]
    assert "locked" in tries[5][1]
    assert "no such account" in run("activate", draft, "--by", "nobody", *at, typed=f"{PASSWORD}\n")[1]
    assert "440300" in run("activate", draft, "--by", "wu", *at, typed=f"{PASSWORD}\n")[1]
    assert "only a policy maker" in run("activate", draft, "--by", "sun", *at, typed=f"{PASSWORD}\n")[1]
    assert run("waiting", *at) == (0, "")


@pytest.mark.req("S2-20")
def test_the_use_of_ceilings_and_of_a_pilot_is_reported(tmp_path: Path) -> None:
    at = ("--database", tmp_path / "authority.db")
    code, told = run("usage", "320200", *at)

    assert code == 0
    assert "today: 0 yuan by those insured there, 0 yuan paid there; ceiling 50,000 yuan" in told
    assert "pilot: 0 persons, 0 draws, 0 yuan" in told
    assert run("usage", "650100", *at)[0] == 2


def test_a_draft_that_is_not_taken_says_why(tmp_path: Path, draft: Path) -> None:
    draft.write_text(WEIHAI, encoding="utf-8")
    add_staff(tmp_path, "zhang")
    code, told = run("activate", draft, "--by", "zhang", "--database", tmp_path / "authority.db", typed=f"{PASSWORD}\n")

    assert code == 1
    assert "valid_from: 2026-01-01 has passed; give a first day from today on" in told
    assert "version: version 2026.1 is taken" in told


def test_each_command_has_help_with_an_example() -> None:
    for command in ("check", "explain", "simulate", "activate", "waiting", "usage"):
        code, told = run(command, "--help")
        assert code == 0
        assert "Example: medteller-sim" in told
