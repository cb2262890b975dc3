"""`medteller-sim receipt`: what a file of raw ESC/POS prints, as text and as a picture of the paper."""

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from protocol.escpos_commands import CutMode
from simulators.devices.receipt import Receipt
from simulators.devices.receipt_typesetter import read_receipts

MISUSED = 2
"""Exit code when a file can't be read or written, or no font will do."""


def receipt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Raw ESC/POS bytes; - for standard input.")],
    png: Annotated[Path | None, typer.Option(metavar="OUT", help="Write a picture of the paper as well.")] = None,
    columns: Annotated[
        int, typer.Option(min=16, max=96, help="Narrow characters in a line: 32 for 58 mm, 42 or 48 for 80 mm.")
    ] = 42,
    font: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Font file with Chinese characters; else one is looked for.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line instead of the text.")] = False,
) -> None:
    """Show what a file of raw ESC/POS prints."""
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        _misused(f"{file}: {error.strerror}; give a file of raw ESC/POS bytes, or - for standard input")
    receipts = read_receipts(data, columns)
    if png is not None:
        _draw(receipts, png, font)
    if as_json:
        typer.echo(json.dumps([_summary(each) for each in receipts], ensure_ascii=False))
        return
    for each in receipts:
        typer.echo(each.text)
        if each.cut is not None:
            typer.echo(("- " if each.cut is CutMode.PARTIAL else "--") * (columns // 2))


def _draw(receipts: list[Receipt], out: Path, font: Path | None) -> None:
    # Pillow is loaded only by those who want a picture.
    from simulators.devices.receipt_image import Font, NoFont, png

    try:
        out.write_bytes(png(receipts, Font(font)))
    except NoFont as error:
        _misused(str(error))
    except OSError as error:
        _misused(f"{out}: {error.strerror}")


def _summary(shown: Receipt) -> dict[str, object]:
    cut = None if shown.cut is None else shown.cut.name.lower()
    return {"text": shown.text, "qr": list(shown.qr), "cut": cut, "columns": shown.columns}


def _misused(message: str) -> NoReturn:
    typer.echo(f"medteller-sim: {message}", err=True)
    raise typer.Exit(MISUSED)
