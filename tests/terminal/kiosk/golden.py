"""Golden screens: what a person reads, as text, in files beside the tests. `UPDATE_GOLDEN=1` writes them anew."""

import os
from pathlib import Path
from typing import Any

from textual.app import App


def text_of(app: App[Any]) -> str:
    """Every character on the screen now, without colours, line by line."""
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row).rstrip() for row in rows) + "\n"


def check(path: Path, text: str) -> None:
    """`text` is what the golden file says."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
