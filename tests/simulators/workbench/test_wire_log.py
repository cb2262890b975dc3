from drivers.trace import Sender, TraceRecord
from simulators.workbench.wire_log import KEPT, PALETTE, Colours, WireLog


def plain(log: WireLog, *, with_hex: bool = False) -> list[str]:
    return [line.plain for line in log.lines(with_hex=with_hex)]


def said(t: float, note: str, port: str = "reader", sender: Sender = Sender.HOST) -> TraceRecord:
    return TraceRecord(t, port, sender, "f2 00", note)


def test_lines_tell_time_since_the_start_port_direction_and_meaning() -> None:
    log = WireLog(Colours())
    log.add(said(1000.0, "entry enable"))
    log.add(said(1000.25, "positive", sender=Sender.DEVICE))
    assert plain(log) == [
        "    0.000 reader          → entry enable",
        "    0.250 reader          ← positive",
    ]


def test_polling_is_one_exchange_with_a_count() -> None:
    log = WireLog(Colours())
    for n in range(5):
        log.add(said(n, "status?"))
        log.add(said(n + 0.5, "no card", sender=Sender.DEVICE))
        log.add(said(n + 0.6, "LAST STATUS", port="dispenser"))
    log.add(said(9.0, "card inside", sender=Sender.DEVICE))
    assert [line[10:] for line in plain(log)] == [
        "reader          → status? ×5",
        "reader          ← no card ×5",
        "dispenser       → LAST STATUS ×5",
        "reader          ← card inside",
    ]


def test_bytes_are_shown_on_request_and_for_what_has_no_meaning() -> None:
    log = WireLog(Colours())
    log.add(said(0.0, "entry enable"))
    log.add(TraceRecord(0.0, "reader", Sender.HOST, "aa", ""))
    assert plain(log)[1].endswith("→ aa")
    assert plain(log, with_hex=True)[0].endswith("entry enable  f2 00")


def test_the_log_keeps_the_last_lines_only() -> None:
    log = WireLog(Colours())
    for n in range(KEPT + 10):
        log.add(said(0.0, f"message {n}"))
    assert len(plain(log)) == KEPT
    assert plain(log)[-1].endswith(f"message {KEPT + 9}")


def test_every_port_keeps_its_colour() -> None:
    colours = Colours()
    assert [colours.of(name) for name in ("reader", "pad", "reader")] == [PALETTE[0], PALETTE[1], PALETTE[0]]
