"""kiosk.toml: what is accepted, and how well an error helps."""

from pathlib import Path

import pytest

from drivers.interfaces import MacAlgorithm
from drivers.link import LineSettings, Parity
from terminal.config import ConfigError, load_config

EXAMPLE = Path(__file__).parents[2] / "docs" / "kiosk.example.toml"


def changed(folder: Path, old: str, new: str) -> Path:
    """The example with one change."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = folder / "kiosk.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_example_is_good() -> None:
    config = load_config(EXAMPLE)

    assert config.host.address == ("host.example", 8583)
    assert config.host.mac is MacAlgorithm.X9_19
    assert config.devices.card_reader.line.over(LineSettings()) == LineSettings(baud=38_400, parity=Parity.EVEN)
    assert [cassette.denomination_fen for cassette in config.cassettes] == [10_000, 5_000, 2_000, 1_000]
    assert config.time_limits.host_reply == 30


def test_time_limits_have_defaults(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    path = tmp_path / "kiosk.toml"
    path.write_text(text[: text.index("[time_limits]")], encoding="utf-8")

    assert load_config(path).time_limits == load_config(EXAMPLE).time_limits


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = load_config(changed(tmp_path, "/var/lib/medteller/journal.db", "journal.db"))

    assert config.journal == tmp_path / "journal.db"
    assert config.host.tls is not None
    assert config.host.tls.ca == tmp_path / "host-ca.pem"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("pin = 60", "pinn = 60", ["time_limits.pinn is unknown", "did you mean pin?"]),
        ("goodbye = 8", "goodbye = 0", ["time_limits.goodbye", "found 0", "greater than 0"]),
        ("denomination = 50", "denomination = 25", ["cassettes.1.denomination", "found 25", "1, 5, 10, 20"]),
        ('terminal = "33100001"', 'terminal = "331"', ["host.terminal", "found '331'"]),
        ('url = "tls://host.example:8583"', 'url = "host.example"', ["host.url", "found 'host.example'"]),
        ("[host.tls]", "[host.tsl]", ["host.tsl is unknown", "did you mean tls?"]),
        (
            'server_name = "host.example"',
            'certificate = "kiosk.pem"',
            ["host.tls", "certificate and key come together"],
        ),
        ('url = "tls://', 'url = "socket://', ["write tls://"]),
        ("columns = 42", 'uid = "12345678"', ["uid is a secret", "secret_files"]),
        ('unit = "unit2"', 'unit = "unit1"', ["cassettes", "a unit is named twice"]),
        ("usb-pin-pad", "usb-card-reader", ["two devices share the port"]),
        ('mac = "x9.19"', 'mac = "x9.20"', ["host.mac", "'x9.19'"]),
        (
            'port = "/dev/serial/by-id/usb-printer"',
            'port = ""',
            ["devices.receipt_printer.port", "found ''", "path such as"],
        ),
        ('port = "/dev/serial/by-id/usb-printer"', 'port = " /dev/x"', ["receipt_printer.port", "no port"]),
        ("baud = 38400", "baud = 38401", ["card_reader.line.baud", "found 38401", "did you mean 38400?"]),
        ("baud = 38400", "baud = 0", ["card_reader.line.baud", "found 0", "no such speed"]),
        ('unit = "unit4"', 'unit = "four"', ["cassettes.3.unit", "found 'four'", "unit1, unit2 and so on"]),
        ('model = "escpos"', "", ["devices.receipt_printer.model is missing", "kiosk.example.toml"]),
    ],
)
def test_an_error_names_file_key_value_and_remedy(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    path = changed(tmp_path, old, new)

    with pytest.raises(ConfigError) as caught:
        load_config(path)

    for word in (str(path), *words):
        assert word in str(caught.value)


def test_a_slot_is_no_secret(tmp_path: Path) -> None:
    path = changed(tmp_path, 'model = "szzt-zt598"', 'model = "szzt-zt598"\noptions = { pin_slot = 0x33 }')

    assert load_config(path).devices.pin_pad.options == {"pin_slot": 0x33}


def test_every_mistake_has_its_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "pin = 60", "pinn = 60\ngoodby = 1")

    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert len(str(caught.value).splitlines()) == 2


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config"):
        load_config(tmp_path / "kiosk.toml")


def test_a_file_that_is_not_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"not TOML.*line 7"):
        load_config(changed(tmp_path, "language =", "lang uage ="))


def test_a_language_without_texts_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"language: found 'fr'.*zh_CN, en"):
        load_config(changed(tmp_path, 'language = "zh_CN"', 'language = "fr"'))


def test_a_port_that_no_host_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"host\.url.*at most 65535"):
        load_config(changed(tmp_path, "host.example:8583", "host.example:99999"))


def test_secrets_are_read_from_their_files_and_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "pad.uid"
    secret.write_text("12345678\n", encoding="ascii")
    device = load_config(changed(tmp_path, "/etc/medteller/pin-pad.uid", str(secret))).devices.pin_pad

    found = device.secrets()["uid"]

    assert found.get_secret_value() == "12345678"
    assert "12345678" not in repr(found)


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    device = load_config(changed(tmp_path, "/etc/medteller/pin-pad.uid", "nowhere.uid")).devices.pin_pad

    with pytest.raises(ConfigError, match=r"nowhere\.uid for uid of szzt-zt598"):
        device.secrets()


KEYS_AND_MAC = "\n".join(
    line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line.startswith(("keys = ", "mac = "))
)


def test_sm4_keys_make_sm4_macs_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    assert load_config(changed(tmp_path, KEYS_AND_MAC, 'keys = "sm4"')).host.mac is MacAlgorithm.SM4_CBC
    ecb = changed(tmp_path, KEYS_AND_MAC, 'keys = "sm4"\nmac = "sm4-unionpay-ecb"')
    assert load_config(ecb).host.mac is MacAlgorithm.SM4_UNIONPAY_ECB


@pytest.mark.parametrize("lines", ['keys = "sm4"\nmac = "x9.19"', 'mac = "sm4-cbc"'])
def test_a_mac_that_the_keys_can_not_make_is_told(tmp_path: Path, lines: str) -> None:
    with pytest.raises(ConfigError, match="keys make no"):
        load_config(changed(tmp_path, KEYS_AND_MAC, lines))
