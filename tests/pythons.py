"""`python -m tests.pythons`: plays the same seeds on every Python that is supported and installed, and compares.

Each gets an environment of its own from the lock file, `.venv-3.x`, which is kept for the next time.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
VERSIONS = ("3.11", "3.12", "3.13")
SEEDS = 50


def main() -> int:
    """0: as many Pythons as were found play the same; 1: they do not."""
    hashes: dict[str, str] = {}
    for version in VERSIONS:
        python = interpreter(version)
        if python is None:
            print(f"{version}: not installed")
            continue
        hashes[version] = played(environment(version, python))
        print(f"{version}: {hashes[version]}", flush=True)
    return 0 if len(set(hashes.values())) == 1 else 1


def interpreter(version: str) -> Path | None:
    """One of that version that really runs: a name on the path may stand for one that is not there."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(f"python{version}")
    for candidate in (on_path, *sorted(root.glob(f"{version}.*/bin/python"), reverse=True)):
        if candidate is not None and subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
            return Path(candidate)
    return None


def environment(version: str, python: Path) -> Path:
    """The interpreter of an environment as the lock file says."""
    folder = ROOT / f".venv-{version}"
    uv = [str(Path(sys.executable).with_name("uv"))]
    names = {**os.environ, "VIRTUAL_ENV": str(folder)}
    if not folder.exists():
        subprocess.run([*uv, "venv", "--quiet", "--python", str(python), str(folder)], check=True)
    subprocess.run(
        [*uv, "pip", "sync", "--quiet", "--require-hashes", str(ROOT / "requirements.lock")], check=True, env=names
    )
    return folder / "bin" / "python"


def played(python: Path) -> str:
    """The hash over all seeds."""
    command = [str(python), "-m", "simulators", "campaign", "--seeds", str(SEEDS), "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    summary: dict[str, Any] = json.loads(done.stdout)
    return str(summary["trace_hash"])


if __name__ == "__main__":
    sys.exit(main())
