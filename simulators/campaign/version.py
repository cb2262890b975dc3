"""Which state of the program plays: with a seed it names a run."""

import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


@cache
def commit() -> str:
    """What git calls this checkout when it is first asked, or else the version of the package."""
    if (ROOT / ".git").exists():
        command = ("git", "describe", "--always", "--dirty", "--tags")
        try:
            said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
        except OSError:
            said = None
        if said is not None and said.returncode == 0:
            return said.stdout.strip()
    return metadata.version("medteller")
