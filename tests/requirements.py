"""Which rows of `requirements.toml` the test suite shows: `python -m tests.requirements [--json] [tests ...]`.

A test names the rows it shows with `@pytest.mark.req("S1-66")`. A row is shown when at least one test names it and
every test that names it passes. Exit code 0: all marked tests passed; 1: some did not; 2: a mark names a row that does
not exist.

It is a pytest plugin too: reports of tests carry the rows, so that tests may run in several processes.
"""

import argparse
import contextlib
import io
import json
import sys
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).parent

_PROPERTY = "requirement"
"""What a row is called among the properties of a test's report."""


@dataclass(frozen=True, slots=True)
class Row:
    """One demand: its group (`G01`..), who has to meet it (codes of `[parts]`), and what is to be seen."""

    id: str
    group: str
    parts: tuple[str, ...]
    shows: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rows, with the names of groups and parts."""

    parts: Mapping[str, str]
    groups: Mapping[str, str]
    rows: Mapping[str, Row]


def load() -> Catalogue:
    """Read `requirements.toml`."""
    tables = tomllib.loads((HERE / "requirements.toml").read_text(encoding="utf-8"))
    rows = {
        name: Row(name, table["group"], tuple(table["parts"]), table["shows"]) for name, table in tables["rows"].items()
    }
    return Catalogue(tables["parts"], tables["groups"], rows)


def named_rows(item: pytest.Item) -> tuple[str, ...]:
    """The rows that a test names in its marks."""
    return tuple(str(row) for mark in item.iter_markers("req") for row in mark.args)


def unknown_rows(items: Iterable[pytest.Item], known: Collection[str]) -> list[str]:
    """One line for each mark that names a row which does not exist."""
    return [f"{item.nodeid} names {row}" for item in items for row in named_rows(item) if row not in known]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the reports of each test carry the rows it names."""
    for item in items:
        item.user_properties.extend((_PROPERTY, row) for row in dict.fromkeys(named_rows(item)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say under any run how many rows it showed."""
    outcomes = Outcomes()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                outcomes.pytest_runtest_logreport(report)
    terminalreporter.write_line(as_sum(load(), outcomes))


@dataclass(slots=True, eq=False)
class Outcomes:
    """A pytest plugin that notes which rows each test names and how it ended.

    `passed` holds a test once its body has run, False as soon as any phase of it fails; a skipped test is not in it.
    """

    naming: dict[str, list[str]] = field(default_factory=dict)
    passed: dict[str, bool] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that can't be imported may hide marked tests."""
        if report.failed:
            self.problems.append(f"{report.nodeid}: can't be collected")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of a test."""
        if report.when == "setup":
            for name, row in report.user_properties:
                if name == _PROPERTY:
                    self.naming.setdefault(str(row), []).append(report.nodeid)
        if report.failed:
            self.passed[report.nodeid] = False
            self.problems.append(f"{report.nodeid}: {report.when} failed")
        elif report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self.passed.setdefault(report.nodeid, True)

    def tests(self, row: str) -> list[str]:
        """The tests that name `row`, without their parameters."""
        return sorted({nodeid.partition("[")[0] for nodeid in self.naming.get(row, ())})

    def shown(self, row: str) -> bool:
        """Whether some test names `row` and all that do have passed."""
        naming = self.naming.get(row, [])
        return bool(naming) and all(self.passed.get(nodeid, False) for nodeid in naming)

    def unknown(self, known: Collection[str]) -> list[str]:
        """One line for each mark that names a row which does not exist."""
        return [f"{test} names {row}" for row in sorted(self.naming.keys() - known) for test in self.tests(row)]


def run(tests: Sequence[str], processes: str) -> Outcomes:
    """Run the marked tests quietly."""
    outcomes = Outcomes()
    options = ["-m", "req", "-p", "no:cacheprovider", "-p", __spec__.name, "--continue-on-collection-errors"]
    spread = ["--numprocesses", processes, "--dist", "loadfile"]
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        code = pytest.main([*options, *spread, *tests], plugins=[outcomes])
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR):
        outcomes.problems.append(said.getvalue().strip() or f"pytest ended with {code}")
    return outcomes


def as_text(catalogue: Catalogue, outcomes: Outcomes) -> str:
    """Groups with their rows, the tests of each row, and the sum in the last line."""
    lines = []
    for group, subject in catalogue.groups.items():
        rows = [row for row in catalogue.rows.values() if row.group == group]
        lines.append(f"{group} {subject}: {sum(outcomes.shown(row.id) for row in rows)} of {len(rows)}")
        for row in rows:
            sign = "+" if outcomes.shown(row.id) else "!" if outcomes.tests(row.id) else "-"
            lines.append(f"  {sign} {row.id} {row.shows}")
            lines.extend(f"      {test}" for test in outcomes.tests(row.id))
    lines.extend(f"failed: {problem}" for problem in outcomes.problems)
    return "\n".join([*lines, as_sum(catalogue, outcomes)])


def as_sum(catalogue: Catalogue, outcomes: Outcomes) -> str:
    """One line."""
    return f"requirements: {sum(map(outcomes.shown, catalogue.rows))} of {len(catalogue.rows)} rows shown"


def as_json(catalogue: Catalogue, outcomes: Outcomes) -> str:
    """The same for programs."""
    rows = {
        row.id: {
            "group": row.group,
            "parts": row.parts,
            "shows": row.shows,
            "shown": outcomes.shown(row.id),
            "tests": outcomes.tests(row.id),
        }
        for row in catalogue.rows.values()
    }
    shown = sum(map(outcomes.shown, catalogue.rows))
    document = {"shown": shown, "of": len(rows), "rows": rows, "problems": outcomes.problems}
    return json.dumps(document, ensure_ascii=False, indent=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.requirements", description=__doc__)
    parser.add_argument("tests", nargs="*", default=[str(HERE)], help="files or folders of tests (default: all)")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--processes", default="auto", help="how many run tests at once (default: one for each core)")
    asked = parser.parse_args(arguments)
    catalogue = load()
    outcomes = run(asked.tests, asked.processes)
    if unknown := outcomes.unknown(catalogue.rows.keys()):
        print("no such requirement row:", *unknown, sep="\n  ", file=sys.stderr)
        return 2
    print(as_json(catalogue, outcomes) if asked.json else as_text(catalogue, outcomes))
    return 1 if outcomes.problems else 0


if __name__ == "__main__":
    sys.exit(main())
