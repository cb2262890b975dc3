"""`medteller-sim devices` as a process of its own."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Running:
    """The process, and the line it printed."""

    process: subprocess.Popen[str]
    devices: dict[str, dict[str, str]]
    control: str | None

    def url(self, role: str) -> str:
        return self.devices[role]["url"]

    def send(self, method: str, path: str, **body: object) -> Any:
        """Knock at the door; the JSON of a request that must be granted."""
        reply = httpx.request(method, f"{self.control}{path}", json=body or None, timeout=90, trust_env=False)
        assert reply.is_success, reply.text
        return reply.json()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """End it: exit code, what else it said, and what it complained about."""
        self.process.send_signal(number)
        said, complained = self.process.communicate(timeout=60)
        return self.process.returncode, said, complained


@contextlib.contextmanager
def running(*arguments: object) -> Iterator[Running]:
    """Start it with `--json`, and end it."""
    with subprocess.Popen(
        [sys.executable, "-m", "simulators", "devices", "--json", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have told all processes to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise AssertionError(process.communicate(timeout=60)[1])
            told = json.loads(line)
            yield Running(process, told["devices"], told["control"])
        finally:
            process.kill()
