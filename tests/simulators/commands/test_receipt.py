import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from protocol.escpos_commands import Command, Cut, CutMode, LineFeed, QrPrint, QrStore, encode, text
from simulators.cli import app

COMMANDS: tuple[Command, ...] = (text("医保取现"), LineFeed(), QrStore(b"REF 1"), QrPrint(), Cut(CutMode.PARTIAL, 0))
RAW = b"".join(encode(command) for command in COMMANDS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.bin"
    path.write_bytes(RAW)
    return path


def test_a_file_is_shown_as_text_with_its_cut(file: Path) -> None:
    result = CliRunner().invoke(app, ["receipt", str(file), "--columns", "32"])
    assert (result.exit_code, result.stdout) == (0, "医保取现\n[QR REF 1]\n" + "- " * 16 + "\n")


def test_standard_input_is_read_and_json_is_one_line() -> None:
    result = CliRunner().invoke(app, ["receipt", "-", "--json"], input=RAW)
    assert json.loads(result.stdout) == [
        {"text": "医保取现\n[QR REF 1]", "qr": ["REF 1"], "cut": "partial", "columns": 42}
    ]


def test_a_picture_is_written(file: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["receipt", str(file), "--png", str(tmp_path / "out.png")])
    if "no font with Chinese characters" in result.stderr:
        pytest.skip(result.stderr)
    assert result.exit_code == 0
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["missing.bin"], "missing.bin: No such file or directory; give a file of raw ESC/POS bytes"),
        (["{file}", "--png", "out.png", "--font", "missing.ttf"], "missing.ttf can't be read as a font"),
    ],
)
def test_what_can_not_be_done_is_told(file: Path, arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(app, ["receipt", *(argument.format(file=file) for argument in arguments)])
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr
