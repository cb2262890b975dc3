"""What the documents say is there, is there."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from drivers.registry import MODELS
from simulators.cli import STORIES
from terminal.config import KioskConfig, TimeLimits, load_config
from tests import state_diagram

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
OPERATION = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
PACKAGES = ("protocol", "drivers", "terminal", "simulators", "tests")


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted names of all keys below a table of the configuration."""
    for name, field in model.model_fields.items():
        tables = [part for part in parts_of(field.annotation) if issubclass(part, BaseModel)]
        if not tables:
            yield f"{prefix}{name}"
        for table in tables:
            yield from keys_of(table, f"{prefix}{name}.")


def parts_of(annotation: Any) -> Iterator[type]:
    """The classes in a type, however deep."""
    inner = get_args(annotation)
    if isinstance(annotation, type) and not inner:
        yield annotation
    for part in inner:
        yield from parts_of(part)


def keys_in(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The dotted names of all keys in a TOML file; a list of tables counts as one."""
    for name, value in table.items():
        inner = value[0] if isinstance(value, list) else value
        if isinstance(inner, dict):
            yield from keys_in(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def as_documented(key: str) -> str:
    """The four devices share their rows, a row of options or line settings is one."""
    key = re.sub(r"^devices\.(card_reader|pin_pad|cash_dispenser|receipt_printer)\.", "devices.*.", key)
    return re.sub(r"^(devices\.\*\.(options|secret_files))\..*", r"\1", key)


def is_documented(key: str) -> bool:
    if key.startswith("devices.*.line."):
        return any(
            "devices.*.line." in line and f".{key.rpartition('.')[2]}`" in line for line in OPERATION.splitlines()
        )
    return f"`{key}`" in OPERATION


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]

    assert [target for target in targets if target and not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(PACKAGES)})/[\w./]*)`", document.read_text(encoding="utf-8"))

    assert [name for name in named if not (ROOT / name).exists() and not name.endswith("/x.py")] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE)
    named = re.findall(r"(?:`|^    )make ([a-z]+)", document.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert [name for name in named if name not in targets] == []


def test_ci_runs_only_what_the_readme_names() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^make [a-z]+$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert commands
    assert [command for command in commands if f"    {command} " not in readme] == []


@pytest.mark.parametrize("key", sorted({as_documented(key) for key in keys_of(KioskConfig)}))
def test_every_key_of_the_configuration_is_explained(key: str) -> None:
    assert is_documented(key)


def test_the_example_is_right_and_every_key_in_it_is_explained() -> None:
    example = ROOT / "docs" / "kiosk.example.toml"
    keys = {as_documented(key) for key in keys_in(tomllib.loads(example.read_text(encoding="utf-8")))}

    load_config(example)
    assert [key for key in sorted(keys) if not is_documented(key)] == []


def test_defaults_of_time_limits_are_those_of_the_program() -> None:
    documented = dict(re.findall(r"^\| `time_limits\.(\w+)` \| ([\d.]+) \|", OPERATION, flags=re.MULTILINE))

    assert {name: float(default) for name, default in documented.items()} == TimeLimits().model_dump()


@pytest.mark.parametrize("model", MODELS)
def test_every_device_has_its_line_and_its_chapter(model: str) -> None:
    assert f"`{model}`" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`{model}`. {MODELS[model].line.baud} baud" in (ROOT / "docs" / "devices.md").read_text(encoding="utf-8")


def test_scenarios_that_are_named_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [name for name in re.findall(r"--scenario ([a-z-]+)", readme) if name not in STORIES] == []


def test_the_state_machine_is_drawn_from_the_table() -> None:
    written = state_diagram.PAGE.read_text(encoding="utf-8")

    assert written == state_diagram.page(), "run: python -m tests.state_diagram"


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """A lock file or setting that does would tie every checkout to one mirror."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    registry = re.compile(
        rb"https?://[\w.-]*(pypi|pythonhosted|registry|mirror|artifactory|nexus)[\w.-]*", re.IGNORECASE
    )
    files = [ROOT / name for name in tracked.stdout.split("\0") if name]

    assert [path for path in files if path.is_file() and registry.search(path.read_bytes())] == []


@pytest.mark.real_time
def test_the_programs_of_the_readme_talk_to_each_other(unused_tcp_port: int) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("4001", str(unused_tcp_port))
    drive, device = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    with subprocess.Popen([sys.executable, "-c", device], cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == f"listening at socket://127.0.0.1:{unused_tcp_port}\n"
            said = subprocess.run([sys.executable, "-c", drive], cwd=ROOT, capture_output=True, text=True, timeout=60)
        finally:
            server.terminate()

    assert said.stdout.splitlines()[-1:] == ["out: {'unit1': UnitCounts(dispensed=3, rejected=0)}"], said.stderr
