"""Puloon LCDM-2000 and LCDM-4000 cash dispensers: their two wire formats, and their messages in words.

The families share the frame (`puloon_lcdm_frame`) and nothing else: commands, replies, sensors and errors are in
`puloon_lcdm_2000` (device ID 50) and `puloon_lcdm_4000` (device ID 30). No model has a presenter or a retract, and
nothing on these lines is secret.
"""

from collections.abc import Iterable
from enum import Flag, IntEnum

from protocol import puloon_lcdm_2000 as lcdm2000
from protocol import puloon_lcdm_4000 as lcdm4000
from protocol.wire import Control, Damaged, Event, Explanation, Noise, WireFormat


def explain_2000(event: Event[lcdm2000.Message]) -> Explanation:
    """An event of either direction of an LCDM-2000."""
    match event:
        case Noise() | Damaged() | Control():
            return Explanation(_line(event))
        case lcdm2000.Request(command, counts):
            return Explanation(f"{command.name} {_plus(counts)}".rstrip())
        case lcdm2000.UnknownRequest(unknown):
            return Explanation(f"unknown command {unknown:02X}")
        case _:
            return Explanation(_reply_2000(event))


def explain_4000(event: Event[lcdm4000.Message]) -> Explanation:
    """An event of either direction of an LCDM-4000."""
    match event:
        case Noise() | Damaged() | Control():
            return Explanation(_line(event))
        case lcdm4000.Request(command):
            return Explanation(command.name)
        case lcdm4000.DispenseRequest(command, counts, timeout, serial):
            extras = (f"timeout {timeout}" if timeout else "", f"serial {serial}" if serial is not None else "")
            return Explanation(", ".join((f"{command.name} {_plus(counts)}", *filter(None, extras))))
        case lcdm4000.DiagnoseRequest(position):
            return Explanation(f"SENSOR_DIAGNOSTICS of cassette {position}")
        case lcdm4000.SettingRequest(command, values):
            return Explanation(f"{command.name} {_list(values)}")
        case lcdm4000.OrderRequest(order):
            return Explanation(f"SET_ORDER {_list(order)}")
        case lcdm4000.UnknownRequest(unknown):
            return Explanation(f"unknown command {unknown:02X}")
        case _:
            return Explanation(_reply_4000(event))


def error_2000(error: int) -> str:
    """The error byte of an LCDM-2000 in words."""
    return _error(lcdm2000.ErrorCode, error)


def error_4000(error: int) -> str:
    """The error byte of an LCDM-4000 in words."""
    return _error(lcdm4000.ErrorCode, error)


def _line(event: Noise | Damaged | Control) -> str:
    return event.code.name if isinstance(event, Control) else f"{type(event).__name__.lower()}: {event.reason}"


def _reply_2000(reply: lcdm2000.DeviceMessage) -> str:
    match reply:
        case lcdm2000.PlainReply(answered, error):
            return f"{_name(lcdm2000.Command, answered)}: {error_2000(error)}"
        case lcdm2000.StatusReply(error, sensors):
            return f"STATUS: last operation {error_2000(error)}; sensors {_sensors(sensors)}"
        case lcdm2000.VersionReply(model, version, checksum):
            return f"ROM_VERSION: {model}{version}T, checksum {checksum}"
        case lcdm2000.DispenseReply(command, error, cassettes):
            return f"{command.name}: {error_2000(error)}; " + "; ".join(map(_counts_2000, cassettes))


def _counts_2000(counts: lcdm2000.CassetteCounts) -> str:
    near_end = ", near end" if counts.near_end else ""
    return f"{counts.checked} checked, {counts.exited} out, {counts.rejected} rejected{near_end}"


def _reply_4000(reply: lcdm4000.DeviceMessage) -> str:
    match reply:
        case lcdm4000.PlainReply(answered, error):
            return f"{_name(lcdm4000.Command, answered)}: {error_4000(error)}"
        case lcdm4000.StatusReply(error, path, cassettes):
            return f"STATUS: {error_4000(error)}; path {_sensors(path)}; cassettes {_list(map(_cassette, cassettes))}"
        case lcdm4000.NotesReply(command, error, cassettes):
            return f"{command.name}: {error_4000(error)}; {_counts_4000(cassettes)}"
        case lcdm4000.LastStatusReply(last_command, error, cassettes):
            last = _name(lcdm4000.Command, last_command)
            return f"LAST_STATUS of {last}: {error_4000(error)}; {_counts_4000(cassettes)}"
        case lcdm4000.DiagnosisReply(error, opacity, length, divert, rejected):
            measured = f"opacity {opacity}, length {length}, divert {divert} ms, {rejected} rejected"
            return f"SENSOR_DIAGNOSTICS: {error_4000(error)}; {measured}"
        case lcdm4000.SettingsReply(command, error, values):
            return f"{command.name}: {error_4000(error)}; {_list(values)}"
        case lcdm4000.OrderReply(error, order):
            return f"GET_ORDER: {error_4000(error)}; {_list(order)}"
        case lcdm4000.SerialReply(error, serial):
            return f"GET_SERIAL: {error_4000(error)}; {serial}"


def _cassette(cassette: lcdm4000.CassetteStatus) -> str:
    if not cassette.position:
        return "absent"
    near_end = lcdm4000.CassetteSensor.NEAR_END in cassette.sensors
    return f"{cassette.position} near end" if near_end else f"{cassette.position}"


def _counts_4000(cassettes: tuple[lcdm4000.CassetteCounts, ...]) -> str:
    return f"{_plus(k.exited for k in cassettes)} out, {_plus(k.rejected for k in cassettes)} rejected"


def _sensors(sensors: Flag) -> str:
    return ", ".join(sensor.name or "" for sensor in sensors) or "clear"


def _name(table: type[IntEnum], value: int) -> str:
    return table(value).name if value in list(table) else f"{value:02X}"


def _error(table: type[IntEnum], value: int) -> str:
    return table(value).name.lower().replace("_", " ") if value in list(table) else f"error {value:02X}"


def _plus(counts: Iterable[int]) -> str:
    return " + ".join(map(str, counts))


def _list(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


PULOON_LCDM_2000 = WireFormat("puloon_lcdm_2000", lcdm2000.host_decoder, lcdm2000.device_decoder, explain_2000)
PULOON_LCDM_4000 = WireFormat("puloon_lcdm_4000", lcdm4000.host_decoder, lcdm4000.device_decoder, explain_4000)
