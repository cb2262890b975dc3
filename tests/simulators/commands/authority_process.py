"""`medteller-sim authority serve` as a process of its own, and commands beside it."""

import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from simulators.cli import app

PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Serving:
    """A running authority: where it said it is."""

    process: subprocess.Popen[str]
    where: dict[str, Any]

    def trust(self) -> ssl.SSLContext:
        """What a client of the service line needs."""
        return ssl.create_default_context(cafile=self.where["ca"])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """End it; exit code, and what it said on both outputs since."""
        self.process.send_signal(how)
        said, complained = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said, complained


def command(*arguments: str | Path) -> tuple[int, str]:
    """One command of the group in this process: exit code and output."""
    result = CliRunner().invoke(app, ["authority", *map(str, arguments)])
    return result.exit_code, result.output


def process(*arguments: str | Path) -> subprocess.Popen[str]:
    """`authority serve` with these arguments."""
    return subprocess.Popen(
        [sys.executable, "-m", "simulators", "authority", "serve", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have told all processes to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@contextmanager
def serving(*arguments: str | Path) -> Iterator[Serving]:
    """Run it and wait until it says where it is."""
    running = process(*arguments, "--json")
    try:
        assert running.stdout is not None
        line = running.stdout.readline()
        if not line:
            raise AssertionError(running.communicate(timeout=PATIENCE)[1])
        yield Serving(running, json.loads(line))
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()
