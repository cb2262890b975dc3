"""The example of a kiosk.toml with all its files in one folder, and no device on any port."""

from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "docs" / "kiosk.example.toml"


def in_folder(folder: Path) -> Path:
    """Write it; the path of the kiosk.toml."""
    (folder / "pin-pad.uid").write_text("0011223344556677", encoding="ascii")
    text = EXAMPLE.read_text(encoding="utf-8")
    for place in ("/var/lib/medteller", "/var/log/medteller", "/etc/medteller", "/dev/serial/by-id"):
        text = text.replace(place, str(folder))
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path
