"""Runs pytest inside of pytest: the plugin as a project of its own sees it."""

from collections.abc import Callable

import pytest

# Imported before pytester remembers what is imported: it forgets the rest after each run, and the cryptography library
# does not bear being imported twice.
import simulators.hil.bench
import simulators.hil.reports  # noqa: F401

RunProject = Callable[..., pytest.RunResult]


@pytest.fixture
def run_project(pytester: pytest.Pytester) -> RunProject:
    """Runs the files made with `pytester` (or what the arguments name) with the plugin, in its defaults."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")

    def run(*arguments: str) -> pytest.RunResult:
        # By module, whether or not this environment has the entry point.
        return pytester.runpytest_inprocess(
            "-p", "no:medteller", "-p", "simulators.hil.plugin", "-p", "no:cacheprovider", *arguments
        )

    return run
