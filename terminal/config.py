"""kiosk.toml: everything that differs from kiosk to kiosk, checked before anything moves.

An error names the file, the key, what was found there and what would be right. Relative paths are relative to the file.
Secrets are never written into it: an option that is one names a file to read (`secret_files`).
"""

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from drivers.interfaces import KeyAlgorithm, MacAlgorithm
from drivers.link import LineSettings, Parity
from terminal.private_file import readable_by_others
from terminal.texts import DEFAULT_LANGUAGE, languages

Seconds: TypeAlias = Annotated[float, Field(gt=0, le=86_400)]
Option: TypeAlias = bool | int | float | str

DENOMINATIONS: Final = (1, 5, 10, 20, 50, 100)
"""Notes of the renminbi in circulation, in yuan."""

SPEEDS: Final = (300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600)
"""Of serial ports, in baud."""


def _is_a_speed(baud: int) -> int:
    if baud not in SPEEDS:
        near = min(SPEEDS, key=lambda speed: abs(speed - baud))
        raise ValueError(f"serial ports have no such speed; did you mean {near}? Leave baud out for the model's own")
    return baud


Baud: TypeAlias = Annotated[int, AfterValidator(_is_a_speed)]

_SECRET_WORDS = ("uid", "password", "secret", "key_value", "pin")


class ConfigError(Exception):
    """A kiosk.toml that can't be used; one line for each thing that is wrong."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class TlsConfig(_Table):
    """Whom we believe to be the host (`ca`), and who we are to it."""

    ca: Path
    server_name: str = ""
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _certificate_and_key_come_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key come together: give both or none")
        return self


def _other(keys: KeyAlgorithm) -> KeyAlgorithm:
    return KeyAlgorithm.TDES if keys is KeyAlgorithm.SM4 else KeyAlgorithm.SM4


class HostConfig(_Table):
    """The money line. `url` is tls://host:port, or socket://host:port for a line that is protected otherwise.

    `echo_after` seconds of silence an idle kiosk asks the host for an echo; 0 for never.
    """

    url: Annotated[str, StringConstraints(pattern=r"^(tls|socket)://[^/:]+:\d{1,5}$")]
    terminal: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{8}$")]
    merchant: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{15}$")]
    keys: KeyAlgorithm = KeyAlgorithm.TDES
    mac: MacAlgorithm = MacAlgorithm.X9_19
    echo_after: Annotated[float, Field(ge=0, le=86_400)] = 300.0
    tls: TlsConfig | None = None

    @model_validator(mode="before")
    @classmethod
    def _sm4_keys_have_a_mac_of_their_own(cls, table: Any) -> Any:
        if isinstance(table, dict) and table.get("keys") == KeyAlgorithm.SM4:
            return {"mac": MacAlgorithm.SM4_CBC, **table}
        return table

    @model_validator(mode="after")
    def _the_mac_is_one_of_the_keys(self) -> Self:
        sm4 = self.mac in (MacAlgorithm.SM4_CBC, MacAlgorithm.SM4_UNIONPAY_ECB)
        if sm4 != (self.keys is KeyAlgorithm.SM4):
            raise ValueError(
                f'{self.keys} keys make no {self.mac}; leave mac out, or write keys = "{_other(self.keys)}"'
            )
        return self

    @model_validator(mode="after")
    def _tls_needs_a_ca(self) -> Self:
        if self.url.startswith("tls://") and self.tls is None:
            raise ValueError("a tls:// host needs a [host.tls] table with the ca file; use socket:// only for a bench")
        if self.url.startswith("socket://") and self.tls is not None:
            raise ValueError("[host.tls] is there, but the url says socket://; write tls://")
        return self

    @field_validator("url")
    @classmethod
    def _port_is_one(cls, url: str) -> str:
        if not 0 <= int(url.rpartition(":")[2]) <= 65_535:
            raise ValueError("a TCP port is at most 65535")
        return url

    @property
    def address(self) -> tuple[str, int]:
        """Host name and TCP port."""
        name, _, port = self.url.partition("://")[2].rpartition(":")
        return name, int(port)


class ServiceConfig(_Table):
    """The service line. `url` is https://host:port; `channel_key` a file with 32 bytes in hexadecimal.

    `region` is that of the place where the kiosk stands, `institution` the number it sends as (12 characters).
    """

    url: Annotated[str, StringConstraints(pattern=r"^https://[^/:]+(:\d{1,5})?$")]
    region: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    institution: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{12}$")]
    channel_key: Path
    tls: TlsConfig
    regions: tuple[Annotated[str, StringConstraints(pattern=r"^\d{6}$")], ...] = ()
    hospitals: tuple[str, ...] = ()

    def key(self) -> bytes:
        """The channel's key. Raises ConfigError."""
        path = self.channel_key
        try:
            if readable_by_others(path):
                raise ConfigError(f"service.channel_key: {path} can be read by others; run: chmod 600 {path}")
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not hexadecimal text"
            raise ConfigError(f"service.channel_key: {path} can't be read: {reason}") from None
        if len(key) != CHANNEL_KEY_SIZE:
            raise ConfigError(f"service.channel_key: {path} has {len(key)} bytes, not {CHANNEL_KEY_SIZE}")
        return key


CHANNEL_KEY_SIZE: Final = 32
"""Bytes of the key that a terminal signs its requests on the service line with."""


class LineConfig(_Table):
    """Line settings that differ from those the driver's manual asks for."""

    baud: Baud | None = None
    parity: Parity | None = None
    bytesize: Annotated[int, Field(ge=7, le=8)] | None = None
    stopbits: Annotated[int, Field(ge=1, le=2)] | None = None
    rtscts: bool | None = None

    def over(self, default: LineSettings) -> LineSettings:
        """The driver's settings with ours in their place."""
        ours = self.model_dump(exclude_none=True)
        return LineSettings(**{name: ours.get(name, getattr(default, name)) for name in LineSettings.__slots__})


class DeviceConfig(_Table):
    """One device: its model (a name from the driver registry), its port (a path or pySerial URL), and its options."""

    model: str
    port: str
    line: LineConfig = LineConfig()
    options: dict[str, Option] = Field(default_factory=dict)
    secret_files: dict[str, Path] = Field(default_factory=dict)

    @field_validator("port")
    @classmethod
    def _names_a_port(cls, port: str) -> str:
        if not port.strip() or port != port.strip():
            raise ValueError(
                "that is no port; write a path such as /dev/serial/by-id/usb-..., or a URL such as socket://host:4001"
            )
        return port

    @field_validator("options")
    @classmethod
    def _no_secrets_in_clear(cls, options: dict[str, Option]) -> dict[str, Option]:
        for name in options:
            if not name.endswith("_slot") and any(
                word in name.lower().split("_") or word == name.lower() for word in _SECRET_WORDS
            ):
                raise ValueError(f"{name} is a secret: put it into a file and name that under secret_files")
        return options

    def secrets(self) -> dict[str, SecretStr]:
        """The options that are secret, read from their files. Raises ConfigError."""
        found: dict[str, SecretStr] = {}
        for name, path in self.secret_files.items():
            try:
                found[name] = SecretStr(path.read_text(encoding="ascii").strip())
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "not plain text"
                raise ConfigError(f"secret file {path} for {name} of {self.model} can't be read: {reason}") from None
        return found


class DevicesConfig(_Table):
    """The four devices of a kiosk."""

    card_reader: DeviceConfig
    pin_pad: DeviceConfig
    cash_dispenser: DeviceConfig
    receipt_printer: DeviceConfig

    @model_validator(mode="after")
    def _each_has_its_own_port(self) -> Self:
        ports = [self.card_reader.port, self.pin_pad.port, self.cash_dispenser.port, self.receipt_printer.port]
        for port in ports:
            if ports.count(port) > 1:
                raise ValueError(f"two devices share the port {port}")
        return self


class CassetteConfig(_Table):
    """What the kiosk believes to be in a cassette at its first start; later the journal knows better."""

    unit: str
    denomination: int
    count: Annotated[int, Field(ge=0, le=10_000)]

    @field_validator("unit")
    @classmethod
    def _is_a_unit(cls, unit: str) -> str:
        if not re.fullmatch(r"unit[1-9]", unit):
            raise ValueError("cassettes are called unit1, unit2 and so on, from the top")
        return unit

    @field_validator("denomination")
    @classmethod
    def _is_a_note(cls, denomination: int) -> int:
        if denomination not in DENOMINATIONS:
            raise ValueError(f"no such note; notes are of {', '.join(map(str, DENOMINATIONS))} yuan")
        return denomination

    @property
    def denomination_fen(self) -> int:
        """The note's value in fen."""
        return self.denomination * 100


class TimeLimits(_Table):
    """How long to wait, in seconds. No standard sets these: they are defaults to be changed."""

    customer: Seconds = 30.0
    reading: Seconds = 60.0
    pin: Seconds = 60.0
    card_taken: Seconds = 30.0
    cash_taken: Seconds = 30.0
    goodbye: Seconds = 8.0
    retry: Seconds = 30.0
    retry_longest: Seconds = 120.0
    host_connect: Seconds = 10.0
    host_reply: Seconds = 30.0
    advice_first_pause: Seconds = 1.0
    advice_longest_pause: Seconds = 60.0
    service_reply: Seconds = 10.0
    accessible_factor: Annotated[float, Field(ge=1, le=10)] = 2.0

    def times(self, factor: float) -> "TimeLimits":
        """The limits with `factor` times as long for what a person does."""
        return self.model_copy(update={name: getattr(self, name) * factor for name in OF_A_PERSON})


OF_A_PERSON: Final = ("customer", "reading", "pin", "card_taken", "cash_taken", "goodbye")
"""The time limits that are for people; in the accessible mode they are longer."""


class KioskConfig(_Table):
    """One kiosk."""

    host: HostConfig
    service: ServiceConfig | None = None
    devices: DevicesConfig
    cassettes: Annotated[tuple[CassetteConfig, ...], Field(min_length=1)]
    journal: Path = Path("journal.db")
    vault_key: Path = Path("vault.key")
    operators: Path = Path("operators.json")
    language: str = DEFAULT_LANGUAGE
    notice_version: str = "1"
    amount_step: Annotated[int, Field(gt=0, le=10_000)] = 100
    hotline: str = "12393"
    hours: str = "00:00-24:00"
    unattended_slips: bool = False
    day_end: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    log_file: Path = Path("medteller.log")
    wire_trace: Path | None = None
    log_level: Annotated[str, StringConstraints(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    time_limits: TimeLimits = TimeLimits()

    @field_validator("language")
    @classmethod
    def _has_texts(cls, language: str) -> str:
        if language not in languages():
            raise ValueError(f"there are no texts in it; there are {', '.join(languages())}")
        return language

    @field_validator("cassettes")
    @classmethod
    def _each_unit_once(cls, cassettes: tuple[CassetteConfig, ...]) -> tuple[CassetteConfig, ...]:
        units = [cassette.unit for cassette in cassettes]
        if len(set(units)) != len(units):
            raise ValueError(f"a unit is named twice: {', '.join(units)}")
        return cassettes


def load_config(path: Path) -> KioskConfig:
    """Read and check a kiosk.toml. Raises ConfigError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}. Give the file with --config; docs/kiosk.example.toml is an example"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    try:
        config = KioskConfig.model_validate(tables)
    except ValidationError as error:
        lines = [_complaint(path, dict(found)) for found in error.errors(include_url=False)]
        raise ConfigError("\n".join(lines)) from None
    return _with_paths_from(config, path.parent)


def _with_paths_from(config: KioskConfig, folder: Path) -> KioskConfig:
    """Every relative path made relative to the file it stands in."""

    def absolute(value: Any) -> Any:
        match value:
            case Path():
                return folder / value
            case BaseModel():
                return value.model_copy(update={name: absolute(inner) for name, inner in value})
            case tuple():
                return tuple(absolute(inner) for inner in value)
            case dict():
                return {name: absolute(inner) for name, inner in value.items()}
            case _:
                return value

    return absolute(config)  # type: ignore[no-any-return]


def _complaint(path: Path, error: dict[str, Any]) -> str:
    """One line: file, key, what was found, what would be right."""
    where = tuple(part for part in error["loc"] if part != "function-after")
    key = ".".join(str(part) for part in where) or "the file"
    found = error.get("input")
    match error["type"]:
        case "missing":
            return f"{path}: {key} is missing; docs/kiosk.example.toml shows it"
        case "extra_forbidden":
            near = difflib.get_close_matches(str(where[-1]), _names_at(where[:-1]), 1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(_names_at(where[:-1]))}"
            return f"{path}: {key} is unknown; {hint}"
        case _:
            shown = f"found {found!r}: " if isinstance(found, str | int | float | bool) else ""
            return f"{path}: {key}: {shown}{error['msg'].removeprefix('Value error, ')}"


def _names_at(where: tuple[int | str, ...]) -> list[str]:
    """The keys that a table of the configuration knows."""
    model: Any = KioskConfig
    for part in where:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
        if model is None:
            return []
    return sorted(model.model_fields)
