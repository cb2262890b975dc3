"""Messages of the Fujitsu F53 and F56 in words, for a trace; nothing on this line is secret."""

from collections.abc import Iterable

from protocol.fujitsu_f56_codes import CASSETTES, words
from protocol.fujitsu_f56_messages import (
    CLEAN_ABOVE,
    NO_BILL,
    REPLACE_ABOVE,
    SENSORS,
    BadRequest,
    CancelRequest,
    Command,
    CountReply,
    CountRequest,
    InitialiseReply,
    InitialiseRequest,
    LogClearRequest,
    Message,
    PlainReply,
    Reply,
    Request,
    RetrieveReply,
    RetrieveRequest,
    ShutterRequest,
    StatusRequest,
    TransportRequest,
)
from protocol.wire import Control, Damaged, Event, Explanation, Noise


def explain(event: Event[Message]) -> Explanation:
    """An event of either direction."""
    match event:
        case Noise() | Damaged():
            return Explanation(f"{type(event).__name__.lower()}: {event.reason}")
        case Control(code):
            return Explanation(code.name)
        case PlainReply() | InitialiseReply() | CountReply() | RetrieveReply():
            return Explanation(_reply_words(event))
        case _:
            return Explanation(_request_words(event))


def _request_words(request: Request) -> str:
    match request:
        case StatusRequest(extended):
            return _form("STATUS", extended)
        case CancelRequest():
            return "CANCEL"
        case InitialiseRequest(bills, odr, extended):
            told = [f"{bill.shortest}-{bill.longest} mm, {bill.thickness / 100:.2f} mm thick" for bill in bills]
            known = [f"cassette {n} {text}" for n, text in enumerate(told, 1) if bills[n - 1] != NO_BILL]
            return "; ".join((_form("INITIALISE", extended), *([f"ODR {odr:02X}"] if odr else []), *known))
        case CountRequest(notes, rejects, retries, transport, extended):
            name = _form("COUNT_AND_TRANSPORT" if transport else "COUNT", extended)
            return f"{name} {_plus(notes)}, rejects permitted {_list(rejects)}, retries {_list(retries)}"
        case TransportRequest(way_out, extended):
            return f"{_form('TRANSPORT', extended)} to {'the front' if way_out == 1 else f'exit {way_out:02X}'}"
        case LogClearRequest(text, extended):
            return f"{_form('LOG_CLEAR', extended)} {text.decode('ascii', 'replace').strip()}".rstrip()
        case RetrieveRequest(area):
            return f"RETRIEVE into the {area.name.lower().replace('_', ' ')} (extension)"
        case ShutterRequest(is_open):
            return f"SHUTTER {'open' if is_open else 'close'} (extension)"
        case BadRequest(data, error):
            return f"no request ({words(error)}): {data.hex(' ')}"


def _reply_words(reply: Reply) -> str:
    ended = reply.common.words if reply.good or reply.common.error else "error without a code"
    seen = "; notes at the exit" if reply.common.notes_at_exit else ""
    match reply:
        case PlainReply(command) if command == Command.STATUS:
            placed = [str(position) for position in range(1, CASSETTES + 1) if reply.common.is_set(position)]
            return f"STATUS: {ended}; cassettes {_list(placed) or 'none'}{seen}"
        case PlainReply(command):
            return f"{Command(command).name if command in list(Command) else f'{command:02X}'}: {ended}{seen}"
        case InitialiseReply(_, levels):
            worn = [
                f"{name} {'replace' if level > REPLACE_ABOVE else 'clean'}"
                for name, level in zip(SENSORS, levels, strict=False)
                if level > CLEAN_ABOVE
            ]
            return f"INITIALISE: {ended}; sensors {_list(worn) or 'normal'}{seen}"
        case CountReply(command, _, cassettes):
            out, rejected = _plus(k.dispensed for k in cassettes), _plus(k.rejected for k in cassettes)
            return f"{command.name}: {ended}; {out} out, {rejected} rejected{seen}"
        case RetrieveReply(_, notes):
            return f"RETRIEVE: {ended}; {'not counted' if notes is None else f'{notes} notes'}{seen} (extension)"


def _form(name: str, extended: bool) -> str:
    return f"{name} (extended)" if extended else name


def _plus(counts: Iterable[int]) -> str:
    return " + ".join(map(str, counts))


def _list(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))
