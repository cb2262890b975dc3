import json
from pathlib import Path

import pytest

from tests import requirements

HERE = ("--processes", "0")
"""Starting more would take longer than the tests."""

SUITE = """
import pytest

@pytest.mark.req("S1-66")
@pytest.mark.parametrize("n", [1, 2])
def test_good(n): pass

@pytest.mark.req("S1-67", "S1-68")
def test_bad(): assert False

@pytest.mark.req("S1-68")
def test_good_too(): pass

@pytest.mark.req("S1-69")
@pytest.mark.skip
def test_skipped(): pass

@pytest.mark.req("S1-70")
@pytest.mark.xfail
def test_expected_to_fail(): assert False
"""

SETTINGS = """
[pytest]
markers = req
addopts = --import-mode=importlib
asyncio_default_fixture_loop_scope = function
"""


def suite(folder: Path, text: str) -> str:
    path = folder / f"test_{folder.name}.py"  # pytest imports a module of one name only once
    path.write_text(text)
    (folder / "pytest.ini").write_text(SETTINGS)
    return str(path)


def test_catalogue_is_complete() -> None:
    catalogue = requirements.load()
    assert len(catalogue.rows) == 177
    assert sum(name.startswith("S1-") for name in catalogue.rows) == 94
    assert {row.group for row in catalogue.rows.values()} == set(catalogue.groups)
    assert {part for row in catalogue.rows.values() for part in row.parts} == set(catalogue.parts)


def test_row_is_shown_only_when_every_test_that_names_it_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = requirements.main(["--json", *HERE, suite(tmp_path, SUITE)])
    report = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [row for row, told in report["rows"].items() if told["shown"]] == ["S1-66"]
    assert [row for row, told in report["rows"].items() if told["tests"]] == [f"S1-{n}" for n in range(66, 71)]
    assert any("test_bad" in problem for problem in report["problems"])


def test_text_names_tests_and_ends_with_the_sum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    requirements.main([*HERE, suite(tmp_path, SUITE)])
    text = capsys.readouterr().out
    assert "::test_good\n" in text
    assert "G04 ATM/kiosk flow: 1 of 11\n" in text
    assert text.endswith("\nrequirements: 1 of 177 rows shown\n")


def test_all_marked_tests_passing_is_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    passing = "import pytest\n\n@pytest.mark.req('S1-05')\ndef test_good(): pass\n\ndef test_unmarked(): assert False\n"
    assert requirements.main([*HERE, suite(tmp_path, passing)]) == 0
    assert capsys.readouterr().out.endswith("requirements: 1 of 177 rows shown\n")


def test_unknown_row_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = "import pytest\n\n@pytest.mark.req('S3-01')\ndef test_good(): pass\n"
    assert requirements.main([*HERE, suite(tmp_path, wrong)]) == 2
    assert "::test_good names S3-01" in capsys.readouterr().err


def test_file_that_cannot_be_imported_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert requirements.main([*HERE, suite(tmp_path, "import no_such_module\n")]) == 1
    assert "can't be collected" in capsys.readouterr().out
